"""What a disk that takes no more does to what was typed and seen: nothing, and it is kept once there is room."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from desktop.intents.desk_port import NotPossible
from desktop.widgets.press_dialog import PressDialog
from desktop.windows.console_window import ConsoleWindow
from tests.support.hands import Hands
from tests.support.paper_desk import PaperDesk
from tests.support.sample_talk import outbox_lines

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|propagateSizeHints)", extend=True)

FULL = NotPossible("disk_full", "no space")


def typed(console: ConsoleWindow) -> str:
    return console.panes.conversation.composer.input.toPlainText()


def test_that_a_draft_the_disk_does_not_take_is_there_when_one_comes_back_and_kept_later(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands, qtbot: QtBot
) -> None:
    desk.refuse = FULL
    console.open_booking("b-249")
    console.panes.conversation.composer.input.setFocus()
    hands.write("half a sentence")
    console.open_booking("b-102")
    assert typed(console) == ""
    console.open_booking("b-249")
    assert typed(console) == "half a sentence"
    desk.refuse = None
    qtbot.waitUntil(lambda: desk.drafts.get(("b-249", False)) == "half a sentence", timeout=10_000)


def test_that_a_note_begun_at_once_leaves_the_reply_before_it_a_draft_too(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands
) -> None:
    console.open_booking("b-249")
    composer = console.panes.conversation.composer
    composer.input.setFocus()
    hands.write("to the customer")
    composer.set_note(True)
    hands.write("to colleagues")
    console.open_booking("b-102")
    assert desk.drafts["b-249", False] == "to the customer"
    assert desk.drafts["b-249", True] == "to colleagues"


def test_that_a_line_sent_at_once_leaves_the_note_beside_it_a_draft(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands
) -> None:
    console.open_booking("b-249")
    composer = console.panes.conversation.composer
    composer.input.setFocus()
    composer.set_note(True)
    hands.write("to colleagues")
    composer.set_note(False)
    hands.write("On our way")
    hands.press(Qt.Key.Key_Return)
    console.open_booking("b-102")
    assert desk.drafts["b-249", True] == "to colleagues"


def test_that_what_was_read_on_a_full_disk_counts_once_there_is_room(
    desk: PaperDesk, console: ConsoleWindow, qtbot: QtBot
) -> None:
    tried: list[int] = []
    keep = desk.mark_read

    def mark_read(booking_id: str, position: int) -> None:
        tried.append(position)
        keep(booking_id, position)

    desk.mark_read = mark_read  # type: ignore[method-assign]
    desk.refuse = FULL
    console.open_booking("b-249")
    qtbot.waitUntil(lambda: bool(tried), timeout=20_000)
    desk.refuse = None
    qtbot.waitUntil(lambda: ("mark_read", "b-249", 140) in desk.asked, timeout=20_000)


def test_that_a_reason_the_disk_does_not_take_stays_in_its_question(desk: PaperDesk, console: ConsoleWindow) -> None:
    console.open_booking("b-249")
    console.facts_side.press("decline")
    question = console.findChild(PressDialog)
    assert question is not None
    field = question.inputs["reason"]
    field.setText("No car is free until ten")
    desk.refuse = FULL
    question.agree_button.click()
    assert question.isVisible()
    assert field.text() == "No car is free until ten"
    desk.refuse = None
    question.agree_button.click()
    assert not question.isVisible()
    assert desk.asked[-1] == ("press", "b-249", "decline", {"reason": "No car is free until ten"})


def test_that_an_edit_the_disk_does_not_take_stays_in_its_question(desk: PaperDesk, console: ConsoleWindow) -> None:
    desk.outbox = outbox_lines()
    console.outbox.open()
    line = next(line for line in desk.outbox if line.can_edit)
    console.outbox._act("edit", line)
    question = console.outbox.panel.findChild(QInputDialog)
    assert question is not None
    question.setTextValue("said better")
    desk.refuse = FULL
    question.accept()
    assert question.isVisible()
    assert question.textValue() == "said better"
    desk.refuse = None
    question.accept()
    assert not question.isVisible()
    assert desk.asked[-1] == ("edit_queued", line.op_id, "said better")
    console.outbox.panel.close()


def test_that_what_was_typed_just_before_a_sign_out_is_kept_while_somebody_is_here(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands
) -> None:
    keep, whose = desk.save_draft, list[bool]()

    def save_draft(booking_id: str, text: str, note: bool) -> None:
        whose.append(desk.me is not None)
        keep(booking_id, text, note)

    desk.save_draft = save_draft  # type: ignore[method-assign]
    console.open_booking("b-249")
    console.panes.conversation.composer.input.setFocus()
    hands.write("half a sentence")
    console.menu.sign_out_chosen.emit()
    assert desk.me is None
    assert whose == [True]
    assert desk.drafts["b-249", False] == "half a sentence"


def test_that_a_line_that_a_damaged_outbox_does_not_take_stays_to_be_copied(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands
) -> None:
    console.open_booking("b-249")
    console.panes.conversation.composer.input.setFocus()
    hands.write("On our way")
    desk.refuse = NotPossible("outbox_damaged", "database disk image is malformed")
    hands.press(Qt.Key.Key_Return)
    desk.become(phase="offline", outbox_damaged=True)
    assert typed(console) == "On our way"
    assert "Copy what you have typed" in console.around.toast.text
    composer = console.panes.conversation.composer
    assert composer._hint.text() == "Nothing can be sent here. Text already typed can be copied."
    detail = desk.detail("b-249")
    assert detail is not None
    denied = {face.denied for face in console.facts_side._faces(detail)}
    assert denied == {"The outbox is damaged: nothing can be saved now."}
