"""The look: one style sheet, filled in for a theme and a size."""

import re
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from desktop.widgets.icons import Icons
from desktop.widgets.look import Look
from tests.support.paper_console import RESOURCES, make_look

DESKTOP = Path(__file__).resolve().parents[3] / "desktop"


def test_that_the_style_sheet_has_no_role_left_open(qapp: QApplication) -> None:
    for dark in (False, True):
        sheet = make_look(dark).sheet()
        assert "@" not in sheet
        assert not re.search(r":\s*;", sheet)


def test_that_lengths_grow_with_the_zoom(look: Look) -> None:
    assert look.px(64) == 64
    look.change(zoom=1.5)
    assert look.px(64) == 96
    assert look.font(13).pixelSize() == 20


def test_that_the_zoom_stays_between_80_and_150_percent(look: Look) -> None:
    look.change(zoom=9)
    assert look.zoom == 1.5
    look.change(zoom=0.1)
    assert look.zoom == 0.8


def test_that_another_theme_is_told_to_whoever_paints(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    light = look.colours.surface
    with qtbot.waitSignal(look.changed):
        look.change(dark=True)
    assert look.colours.surface != light
    assert look.palette().window().color() == look.colours.window


def test_that_every_picture_in_the_folder_is_used_and_draws_something(qapp: QApplication, icons: Icons) -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in DESKTOP.rglob("*.py"))
    for file in (RESOURCES / "icons").glob("*.svg"):
        assert f'"{file.stem}"' in code, f"{file.name} is used nowhere"
        image = icons.pixmap(file.stem, QColor("black"), 24).toImage()
        assert any(image.pixelColor(x, y).alpha() for x in range(24) for y in range(24)), file.name


def test_that_pictures_that_point_are_mirrored_in_arabic(qapp: QApplication, icons: Icons) -> None:
    plain = icons.pixmap("send", QColor("black"), 24).toImage()
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    turned = icons.pixmap("send", QColor("black"), 24).toImage()
    places = [(x, y) for x in range(24) for y in range(24)]
    off = sum(abs(turned.pixelColor(x, y).alpha() - plain.pixelColor(23 - x, y).alpha()) for x, y in places)
    assert off < 0.05 * sum(plain.pixelColor(x, y).alpha() for x, y in places)
