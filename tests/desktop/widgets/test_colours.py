"""The colours: every text on every ground it stands on is readable (WCAG 2 AA), in both themes."""

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor

from desktop.widgets.colours import Colours, load_colours
from tests.support.paper_console import RESOURCES

DESKTOP = Path(__file__).resolve().parents[3] / "desktop"
LIGHT, DARK = load_colours(RESOURCES / "style" / "colours.toml")
THEMES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


def contrast(one: QColor, other: QColor) -> float:
    lights = sorted((_luminance(one), _luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour: QColor) -> float:
    given = (colour.redF(), colour.greenF(), colour.blueF())
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in given]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@THEMES
def test_that_text_is_readable_on_every_ground(colours: Colours) -> None:
    grounds = ("window", "surface", "raised", "hover", "selected", "own_bubble", "their_bubble")
    for ground in grounds:
        for ink in ("text", "secondary", "accent"):
            assert contrast(getattr(colours, ink), getattr(colours, ground)) >= 4.5, f"{ink} on {ground}"


@THEMES
def test_that_meanings_are_readable(colours: Colours) -> None:
    for ink in ("ok", "warning", "danger"):
        for ground in ("surface", "window", "selected"):
            assert contrast(getattr(colours, ink), getattr(colours, ground)) >= 4.5, f"{ink} on {ground}"
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.on_accent, colours.accent_hover) >= 4.5
    assert contrast(colours.note_text, colours.note_fill) >= 4.5
    assert contrast(colours.on_note_edge, colours.note_edge) >= 4.5


@THEMES
def test_that_chips_banners_avatars_and_waiting_times_are_readable(colours: Colours) -> None:
    for table in (colours.chips, colours.banners, colours.avatars):
        for name, (fill, ink) in table.items():
            assert contrast(fill, ink) >= 4.5, name
    for step in colours.waiting:
        assert contrast(colours.text, step) >= 4.5
    assert contrast(colours.secondary_on_tint, colours.waiting[0]) >= 4.5


@THEMES
def test_that_edges_and_the_focus_ring_can_be_seen(colours: Colours) -> None:
    for ground in (colours.surface, colours.window, colours.selected):
        assert contrast(colours.border, ground) >= 3
        assert contrast(colours.focus, ground) >= 3


def test_that_no_colour_stands_anywhere_else() -> None:
    files = [*DESKTOP.rglob("*.py"), RESOURCES / "style" / "fieldline.qss"]
    named = re.compile(r"#[0-9a-fA-F]{6}\b|QColor\(\d|GlobalColor\.(?!transparent|white)")
    found = {file.name for file in files if named.search(file.read_text(encoding="utf-8"))}
    assert found == set()
