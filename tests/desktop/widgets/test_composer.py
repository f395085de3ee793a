"""The composer by its keys: send, new line, note, edit, and a text that stays until it is safe."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from contract.operations import MAX_TEXT
from desktop.widgets.composer import Composer
from desktop.widgets.icons import Icons
from desktop.widgets.look import Look
from desktop.widgets.words import Words


@pytest.fixture
def composer(qtbot: QtBot, look: Look, icons: Icons, words: Words) -> Composer:
    made = Composer(look, icons, words)
    qtbot.addWidget(made)
    made.show_booking("Omar", closed=False, reply="", note="")
    made.show()
    return made


def test_that_enter_submits_and_the_text_stays_until_it_is_taken(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.input, "On our way ")
    with qtbot.waitSignal(composer.text_submitted) as told:
        qtbot.keyClick(composer.input, Qt.Key.Key_Return)
    assert told.args == ["On our way", False]
    assert composer.input.toPlainText() == "On our way "
    composer.take_text()
    assert composer.input.toPlainText() == ""


def test_that_shift_enter_makes_a_new_line_and_the_input_grows(composer: Composer, qtbot: QtBot) -> None:
    before = composer.input.height()
    qtbot.keyClicks(composer.input, "one")
    with qtbot.assertNotEmitted(composer.text_submitted):
        qtbot.keyClick(composer.input, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(composer.input, "two")
    assert composer.input.toPlainText() == "one\ntwo"
    assert composer.input.height() > before


def test_that_the_input_stops_growing_and_scrolls(composer: Composer) -> None:
    composer.input.setPlainText("line\n" * 60)
    assert composer.input.height() < 220


def test_that_nothing_but_spaces_is_not_sent(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.input, "   ")
    with qtbot.assertNotEmitted(composer.text_submitted):
        qtbot.keyClick(composer.input, Qt.Key.Key_Return)
    assert not composer._send.isEnabled()


def test_that_a_text_that_is_too_long_says_so_and_is_not_sent(composer: Composer, qtbot: QtBot) -> None:
    composer.input.setPlainText("x" * (MAX_TEXT + 3))
    assert composer._hint.text() == "3 characters too many"
    with qtbot.assertNotEmitted(composer.text_submitted):
        qtbot.keyClick(composer.input, Qt.Key.Key_Return)


def test_that_a_note_is_yellow_has_its_own_text_and_its_own_button(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.input, "to the customer")
    composer.toggle_note()
    assert composer.property("mode") == "note"
    assert composer.input.toPlainText() == ""
    assert composer._send.text() == "Add note"
    qtbot.keyClicks(composer.input, "for us")
    with qtbot.waitSignal(composer.text_submitted) as told:
        qtbot.keyClick(composer.input, Qt.Key.Key_Return)
    assert told.args == ["for us", True]
    composer.take_text()
    composer.toggle_note()
    assert composer.input.toPlainText() == "to the customer"


def test_that_the_button_says_queue_while_there_is_no_connection(composer: Composer) -> None:
    assert composer._send.text() == "Send"
    composer.set_offline(True)
    assert composer._send.text() == "Queue"


def test_that_a_closed_booking_takes_notes_only(composer: Composer, qtbot: QtBot) -> None:
    composer.set_closed(True)
    assert composer.input.isReadOnly()
    composer.toggle_note()
    assert not composer.input.isReadOnly()


def test_that_editing_leaves_the_draft_as_it_was(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.input, "draft")
    composer.begin_edit("what was sent")
    assert composer.input.toPlainText() == "what was sent"
    with qtbot.waitSignal(composer.edit_submitted) as told:
        qtbot.keyClick(composer.input, Qt.Key.Key_Return)
    assert told.args == ["what was sent"]
    composer.take_text()
    assert composer.input.toPlainText() == "draft"


def test_that_escape_first_leaves_an_edit_and_then_the_composer(composer: Composer, qtbot: QtBot) -> None:
    composer.begin_edit("something")
    with qtbot.assertNotEmitted(composer.escaped):
        qtbot.keyClick(composer.input, Qt.Key.Key_Escape)
    with qtbot.waitSignal(composer.escaped):
        qtbot.keyClick(composer.input, Qt.Key.Key_Escape)


def test_that_up_in_an_empty_input_asks_for_the_last_line(composer: Composer, qtbot: QtBot) -> None:
    with qtbot.waitSignal(composer.edit_last_wanted):
        qtbot.keyClick(composer.input, Qt.Key.Key_Up)
    qtbot.keyClicks(composer.input, "x")
    with qtbot.assertNotEmitted(composer.edit_last_wanted):
        qtbot.keyClick(composer.input, Qt.Key.Key_Up)


def test_that_an_arabic_text_is_written_from_the_right(composer: Composer) -> None:
    composer.input.setPlainText("REQ123 السائق عند البوابة")
    assert composer.input.document().defaultTextOption().textDirection() == Qt.LayoutDirection.RightToLeft


def test_that_a_booking_that_closes_over_a_draft_says_why_it_cannot_be_sent(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.input, "On our way")
    composer.set_closed(True)
    assert composer._hint.text() == "This booking is closed. Nothing more can be sent."
    with qtbot.assertNotEmitted(composer.text_submitted):
        qtbot.keyClick(composer.input, Qt.Key.Key_Return)
    assert composer.input.toPlainText() == "On our way"
