"""The smaller parts: toast, banners, badge, outbox panel, palette, shortcut sheet, sign-in form, pill, avatar."""

import time
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.item_models.outbox_rows import outbox_rows
from desktop.item_models.palette_rows import PaletteRow
from desktop.widgets.avatar import initials_of
from desktop.widgets.banner_bar import BannerBar
from desktop.widgets.connection_badge import ConnectionBadge
from desktop.widgets.icons import Icons
from desktop.widgets.link_words import Banner
from desktop.widgets.look import Look
from desktop.widgets.outbox_panel import OutboxPanel
from desktop.widgets.outbox_row import OutboxRowPainter
from desktop.widgets.palette import Palette
from desktop.widgets.row_sentences import RowSentences
from desktop.widgets.shortcut_sheet import ShortcutSheet
from desktop.widgets.shortcuts import Shortcut
from desktop.widgets.sign_in_form import SignInForm
from desktop.widgets.status_pill import Statuses, StatusPill
from desktop.widgets.toast import Toast
from desktop.widgets.words import Words
from tests.support.paper_console import make_moments, workflows
from tests.support.sample_talk import outbox_lines


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show()
    return made


def test_that_a_toast_goes_by_itself_and_its_button_acts_once(window: QWidget, qtbot: QtBot) -> None:
    toast, acted = Toast(window), list[str]()
    toast.say("Taken", "Undo", lambda: acted.append("undone"))
    assert toast.text == "Taken"
    qtbot.mouseClick(toast._button, Qt.MouseButton.LeftButton)
    assert acted == ["undone"]
    assert toast.text == ""
    toast.say("Again")
    toast._timer.setInterval(1)
    toast._timer.start()
    qtbot.waitUntil(lambda: not toast.isVisible())


def test_that_a_banner_keeps_its_buttons_while_it_counts_down(
    window: QWidget, qtbot: QtBot, look: Look, icons: Icons, words: Words
) -> None:
    bar = BannerBar(look, icons, words)
    qtbot.addWidget(bar)
    bar.show_banners([Banner("blue", "next try in 4 s", ("try_now",))])
    button = bar.findChild(QPushButton)
    bar.show_banners([Banner("blue", "next try in 3 s", ("try_now",))])
    assert button is not None
    assert bar.findChild(QPushButton) is button
    with qtbot.waitSignal(bar.action_pressed) as told:
        button.click()
    assert told.args == ["try_now"]
    bar.show_banners([])
    assert not bar.isVisible()


@pytest.mark.parametrize("phase", ["live", "behind", "reconnecting", "polling", "offline", "signed_out"])
def test_that_the_badge_says_its_state_to_eyes_and_ears(qtbot: QtBot, look: Look, phase: str) -> None:
    badge = ConnectionBadge(look)
    qtbot.addWidget(badge)
    badge.show_state(phase, "the words", "more")  # type: ignore[arg-type]
    assert badge.accessibleName() == "the words"
    assert not badge.grab().isNull()


def test_that_an_outbox_row_counts_down_to_its_next_try(window: QWidget, look: Look, words: Words) -> None:
    painter = OutboxRowPainter(look, words, make_moments(words), window)
    tried = replace(outbox_lines()[0], attempts=2)
    *_, seconds, unit = painter.state_words(replace(tried, next_try_at=time.time() + 3600)).split()
    assert (3000 < int(seconds) <= 3600, unit) == (True, "s")
    assert painter.state_words(replace(tried, next_try_at=time.time() - 1)) == "Queued · tried 2 times"


def test_that_the_outbox_offers_only_what_makes_sense_for_the_chosen_item(
    window: QWidget, qtbot: QtBot, look: Look, icons: Icons, words: Words
) -> None:
    moments = make_moments(words)
    sentences = RowSentences(words, moments, Statuses(workflows(), words))
    panel = OutboxPanel(look, icons, words, moments, sentences, window)
    panel.show_rows(outbox_rows(outbox_lines()))
    panel.show()
    offered = []
    for row in range(5):
        panel.view.setCurrentIndex(panel.rows.index(row))
        offered.append({name for name, button in panel.buttons.items() if button.isEnabled()})
    assert offered[0] == {"show", "retry", "discard"}
    assert offered[1] == {"show", "edit", "retry", "discard"}
    assert offered[2] == {"show"}
    panel.view.setCurrentIndex(panel.rows.index(3))
    assert panel.buttons["retry"].text() == "Send now"
    panel.show_rows(outbox_rows([replace(line, state="blocked") for line in outbox_lines()]))
    assert not panel.buttons["retry"].isEnabled()
    with qtbot.waitSignal(panel.action_pressed) as told:
        panel.buttons["discard"].click()
    assert told.args[0] == "discard"
    panel.show_rows([])
    assert panel._pages.currentWidget() is panel._empty
    panel.close()


def test_that_the_palette_is_driven_by_arrows_and_enter(
    window: QWidget, qtbot: QtBot, look: Look, words: Words
) -> None:
    palette = Palette(look, words, window)
    qtbot.addWidget(palette)
    palette.show_rows([PaletteRow("one", "One"), PaletteRow("two", "Two")])
    qtbot.keyClick(palette.input, Qt.Key.Key_Down)
    with qtbot.waitSignal(palette.chosen) as told:
        qtbot.keyClick(palette.input, Qt.Key.Key_Return)
    assert told.args == ["two"]


def test_that_the_sheet_prints_every_shortcut(window: QWidget, words: Words) -> None:
    sheet = ShortcutSheet(words, window)
    printed = {part.text() for part in sheet.findChildren(QLabel)}
    for shortcut in Shortcut:
        assert shortcut.value.shown in printed
        assert words(f"key.{shortcut.name.lower()}") in printed


def test_that_no_two_shortcuts_of_one_place_share_a_key_and_none_uses_alt() -> None:
    taken: dict[tuple[str, str], Shortcut] = {}
    for shortcut in Shortcut:
        for sequence in shortcut.value.sequences:
            assert not QKeySequence(sequence).isEmpty()
            assert "Alt" not in sequence
            for place in {shortcut.value.place, "everywhere"}:
                assert taken.get((place, sequence), shortcut) is shortcut, sequence
            taken[shortcut.value.place, sequence] = shortcut


@pytest.fixture
def form(qtbot: QtBot, look: Look, icons: Icons, words: Words) -> SignInForm:
    made = SignInForm(look, icons, words)
    qtbot.addWidget(made)
    made.show()
    return made


def test_that_the_form_says_what_is_missing_beside_the_field(form: SignInForm, qtbot: QtBot) -> None:
    form.fill("not an address", "")
    with qtbot.assertNotEmitted(form.submitted):
        qtbot.keyClick(form.server, Qt.Key.Key_Return)
    assert all(error.isVisible() for error in form._errors.values())
    assert form.server.property("wrong")


def test_that_a_server_without_a_scheme_is_taken_as_https(form: SignInForm, qtbot: QtBot) -> None:
    form.fill("desk.example.org/", "lina@example.org")
    qtbot.keyClicks(form.password, "secret")
    with qtbot.waitSignal(form.submitted) as told:
        qtbot.keyClick(form.password, Qt.Key.Key_Return)
    assert told.args == ["https://desk.example.org", "lina@example.org", "secret"]


def test_that_a_wrong_password_is_marked_and_ready_to_be_typed_over(form: SignInForm, qtbot: QtBot) -> None:
    form.password.setText("wrong")
    form.show_wrong_password()
    assert form._errors[form.password].isVisible()
    qtbot.keyClicks(form.password, "right")
    assert form.password.text() == "right"
    assert not form._errors[form.password].isVisible()


def test_that_the_pill_says_both_truths_of_a_queued_press(qtbot: QtBot, look: Look, words: Words) -> None:
    pill = StatusPill(look, Statuses(workflows(), words), words)
    qtbot.addWidget(pill)
    pill.show_status("protection", "pending", None)
    narrow = pill.sizeHint().width()
    pill.show_status("protection", "pending", "accepted")
    assert pill.sizeHint().width() > narrow
    assert pill.accessibleName() == "Pending, becoming Accepted when sent"


def test_that_a_status_no_file_knows_is_shown_by_its_name(words: Words) -> None:
    statuses = Statuses(workflows(), words)
    assert statuses.label("protection", "half_done") == "half done"
    assert statuses.tone("nowhere", "x") == "grey"


INITIALS = {"Omar Khalid": "OK", "Kate O'Brien": "KO", "محمد علي": "م", "": "?", "🎉": "?", "Zoë 🎉 Müller": "ZM"}


@pytest.mark.parametrize(("name", "shown"), list(INITIALS.items()))
def test_that_initials_come_from_letters(name: str, shown: str) -> None:
    assert initials_of(name) == shown
