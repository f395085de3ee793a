"""A change of a line that was begun and not saved is found again, whatever was opened or closed in between."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.intents.desk_port import NotPossible
from desktop.state.lines import MessageLine
from desktop.widgets.composer import Composer
from desktop.windows.console_window import ConsoleWindow
from tests.support.hands import Hands
from tests.support.paper_console import make_console
from tests.support.paper_desk import PaperDesk

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|propagateSizeHints)", extend=True)

LINE, OTHER = "m-13", "m-14"


def line(desk: PaperDesk, line_id: str = LINE) -> MessageLine:
    return next(each for each in desk.messages["b-249"] if each.id == line_id)


def become(desk: PaperDesk, **changed: object) -> None:
    """Somebody else changes the line, and this desk hears of it."""
    desk.messages["b-249"] = [replace(each, **changed) if each.id == LINE else each for each in desk.messages["b-249"]]  # type: ignore[arg-type]
    desk.changes.conversation_changed("b-249")


def toasts(console: ConsoleWindow) -> str:
    return console.around.toast.text


def half_changed(desk: PaperDesk, console: ConsoleWindow, hands: Hands) -> Composer:
    """Half a reply is typed, and over it a line of ours is being changed."""
    console.open_booking("b-249")
    composer = console.panes.conversation.composer
    composer.input.setFocus()
    hands.write("half a reply")
    console.conversation_side.edit_wanted.emit(line(desk))
    hands.write(" Two minutes.")
    return composer


CHANGED = "Good afternoon Omar, checking now. Two minutes."


def test_that_an_unfinished_edit_is_found_again_and_saved(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands
) -> None:
    composer = half_changed(desk, console, hands)
    console.open_booking("b-102")
    assert composer.input.toPlainText() == ""
    console.open_booking("b-249")
    assert composer.input.toPlainText() == CHANGED
    assert "Editing" in composer._hint.text()
    composer.input.setFocus()
    hands.press(Qt.Key.Key_Return)
    assert desk.asked[-1] != ("send_message", "b-249", CHANGED, False)
    assert ("edit_message", "b-249", LINE, CHANGED) in desk.asked
    assert composer.input.toPlainText() == "half a reply"
    console.open_booking("b-102")
    console.open_booking("b-249")
    assert composer.input.toPlainText() == "half a reply"


def test_that_an_unfinished_edit_is_found_in_the_next_window(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands, qtbot: QtBot, tmp_path: Path
) -> None:
    half_changed(desk, console, hands)
    console.close()
    again = make_console(desk, tmp_path)
    qtbot.addWidget(again)
    again.open_booking("b-249")
    found = again.panes.conversation.composer
    assert found.input.toPlainText() == CHANGED
    qtbot.keyClick(found.input, Qt.Key.Key_Escape)
    assert found.input.toPlainText() == "half a reply"
    again.close()


def test_that_escape_ends_an_edit_for_good(desk: PaperDesk, console: ConsoleWindow, hands: Hands) -> None:
    composer = half_changed(desk, console, hands)
    hands.press(Qt.Key.Key_Escape)
    console.open_booking("b-102")
    console.open_booking("b-249")
    assert composer.input.toPlainText() == "half a reply"
    assert "Editing" not in composer._hint.text()


def test_that_an_edit_joins_the_draft_once_though_a_crash_came_before_it_was_taken_away(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands
) -> None:
    composer = half_changed(desk, console, hands)
    console.open_booking("b-102")
    become(desk, text="Somebody else's words", edited=True)
    edit = desk.edits["b-249"]
    console.open_booking("b-249")
    console.open_booking("b-102")
    desk.edits["b-249"] = edit
    console.open_booking("b-249")
    assert composer.input.toPlainText() == f"half a reply\n{CHANGED}"


def test_that_an_unsaved_edit_goes_along_with_a_booking_that_is_asked_for_anew(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands
) -> None:
    composer = half_changed(desk, console, hands)
    desk.refuse = NotPossible("disk_full", "no space")
    console.open_booking("b-88")
    desk.messages["b-102"] = desk.messages.pop("b-249")
    console.writing.renamed("b-249", "b-102")
    console.open_booking("b-102")
    assert composer.input.toPlainText() == CHANGED


@pytest.mark.parametrize("changed", [{"removed": True, "text": ""}, {"text": "Somebody else's words", "edited": True}])
def test_that_an_edit_of_what_is_not_as_it_was_becomes_a_draft(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands, changed: dict[str, object]
) -> None:
    composer = half_changed(desk, console, hands)
    console.open_booking("b-102")
    become(desk, **changed)
    console.open_booking("b-249")
    assert composer.input.toPlainText() == f"half a reply\n{CHANGED}"
    assert "Editing" not in composer._hint.text()
    assert "changed or removed" in toasts(console)
    console.open_booking("b-102")
    console.open_booking("b-249")
    assert composer.input.toPlainText() == f"half a reply\n{CHANGED}"


def test_that_what_was_typed_into_a_note_never_becomes_a_reply(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands
) -> None:
    composer = half_changed(desk, console, hands)
    hands.press(Qt.Key.Key_Escape)
    become(desk, kind="note")
    console.conversation_side.edit_wanted.emit(line(desk))
    hands.write(" For us only.")
    console.open_booking("b-102")
    become(desk, removed=True, text="")
    console.open_booking("b-249")
    assert composer.property("mode") == "note"
    assert composer.input.toPlainText() == "Good afternoon Omar, checking now. For us only."
    composer.toggle_note()
    assert composer.input.toPlainText() == "half a reply"


def test_that_an_edit_that_is_saved_already_is_not_found_again(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands
) -> None:
    composer = half_changed(desk, console, hands)
    console.open_booking("b-102")
    become(desk, text=CHANGED, edited=True)
    console.open_booking("b-249")
    assert composer.input.toPlainText() == "half a reply"


def test_that_an_edit_whose_line_goes_while_it_is_typed_becomes_a_draft_when_saved(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands
) -> None:
    composer = half_changed(desk, console, hands)
    become(desk, removed=True, text="")
    assert composer.input.toPlainText() == CHANGED
    hands.press(Qt.Key.Key_Return)
    assert not any(asked[0] == "edit_message" for asked in desk.asked)
    assert composer.input.toPlainText() == f"half a reply\n{CHANGED}"
    assert "changed or removed" in toasts(console)


def test_that_a_second_edit_waits_for_the_first(desk: PaperDesk, console: ConsoleWindow, hands: Hands) -> None:
    composer = half_changed(desk, console, hands)
    console.conversation_side.edit_wanted.emit(line(desk, OTHER))
    assert composer.input.toPlainText() == CHANGED
    assert "Esc" in toasts(console)
    console.conversation_side.edit_wanted.emit(line(desk))
    assert composer.input.toPlainText() == CHANGED
    hands.press(Qt.Key.Key_Escape)
    console.conversation_side.edit_wanted.emit(line(desk, OTHER))
    assert composer.input.toPlainText() == line(desk, OTHER).text


def test_that_a_queued_line_that_was_sent_meanwhile_is_changed_as_a_sent_one(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands
) -> None:
    composer = half_changed(desk, console, hands)
    hands.press(Qt.Key.Key_Escape)
    become(desk, position=None, op_id=LINE)
    console.conversation_side.edit_wanted.emit(line(desk))
    hands.write(" Two minutes.")
    console.open_booking("b-102")
    become(desk, position=130)
    console.open_booking("b-249")
    composer.input.setFocus()
    hands.press(Qt.Key.Key_Return)
    assert ("edit_message", "b-249", LINE, CHANGED) in desk.asked


def test_that_an_edit_the_disk_does_not_take_is_found_again_and_kept_later(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands, qtbot: QtBot
) -> None:
    composer = half_changed(desk, console, hands)
    desk.refuse = NotPossible("disk_full", "no space")
    hands.write(" Or three.")
    console.open_booking("b-102")
    console.open_booking("b-249")
    assert composer.input.toPlainText() == f"{CHANGED} Or three."
    desk.refuse = None
    qtbot.waitUntil(lambda: bool(desk.edits.get("b-249")), timeout=10_000)
    kept = desk.edits["b-249"]
    assert kept is not None
    assert kept.text == f"{CHANGED} Or three."
