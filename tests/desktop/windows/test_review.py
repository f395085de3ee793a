"""The question after an outage: what needs deciding on one page, decided by keyboard, and gone with the last of it."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.state.lines import ConflictCard
from desktop.widgets.review_dialog import ReviewDialog
from desktop.windows.console_window import ConsoleWindow
from tests.support import sample_desk_data as sample
from tests.support import sample_talk as talk
from tests.support.paper_desk import PaperDesk


def card(op_id: str, by_name: str = "Sami", legal: tuple[str, ...] = ()) -> ConflictCard:
    return ConflictCard(op_id, "accept", sample.ago(75), "cancelled", by_name, sample.ago(190), legal)


@pytest.fixture
def asked(desk: PaperDesk, console: ConsoleWindow) -> ReviewDialog:
    """Two presses overtaken, and one of a booking that is out of sight."""
    omar = desk.detail("b-249")
    assert omar is not None
    desk.conflicts = {"b-249": [card("o-1", omar.booking.customer_name)], "b-102": [card("o-2", legal=("deploy",))]}
    line = replace(talk.outbox_lines()[0], kind="booking.transition", state="needs_decision", what="Accept")
    places = (("o-1", "b-249"), ("o-2", "b-102"), ("o-3", "gone"))
    desk.outbox = [replace(line, op_id=op_id, booking_id=booking_id) for op_id, booking_id in places]
    for _ in range(2):
        desk.changes.notice("decisions_wanted", count=3)
    dialog = console.review_side._dialog
    assert dialog is not None
    return dialog


def decided(desk: PaperDesk, op_id: str) -> None:
    desk.outbox = [line for line in desk.outbox if line.op_id != op_id]
    desk.changes.outbox_changed()


def test_that_there_is_one_dialog_with_a_card_for_each_and_the_keyboard_on_the_first(asked: ReviewDialog) -> None:
    assert asked.isVisible()
    assert len([window for window in QApplication.topLevelWidgets() if isinstance(window, ReviewDialog)]) == 1
    assert [box.conflict.op_id for box in asked.boxes] == ["o-1", "o-2", "o-3"]
    assert asked.focusWidget() is asked.boxes[0].buttons[0]


def test_that_dismissing_one_after_the_other_ends_the_question(
    desk: PaperDesk, console: ConsoleWindow, asked: ReviewDialog, qtbot: QtBot
) -> None:
    for op_id in ("o-1", "o-2", "o-3"):
        qtbot.keyClick(asked.boxes[0].buttons[0], Qt.Key.Key_Space)
        assert ("keep_theirs", op_id) in desk.asked
        decided(desk, op_id)
    assert console.review_side._dialog is None


def test_that_a_step_is_pressed_in_place_of_the_overtaken_one(desk: PaperDesk, asked: ReviewDialog) -> None:
    asked.boxes[1].buttons[1].click()
    assert ("press_anyway", "o-2", "deploy", {}) in desk.asked


def test_that_tab_goes_from_card_to_card_and_escape_leaves_all_as_it_is(
    desk: PaperDesk, console: ConsoleWindow, asked: ReviewDialog, qtbot: QtBot
) -> None:
    passed = [asked.focusWidget()]
    for _ in range(4):
        qtbot.keyClick(asked, Qt.Key.Key_Tab)
        passed.append(asked.focusWidget())
    assert passed == [button for box in asked.boxes for button in box.buttons][:5]
    qtbot.keyClick(asked, Qt.Key.Key_Escape)
    assert not asked.isVisible()
    assert not any(what[0] in ("keep_theirs", "press_anyway") for what in desk.asked)


@pytest.mark.parametrize(("number", "booking", "note"), [(0, "b-249", False), (1, "b-102", True)])
def test_that_whoever_was_quicker_is_written_to_customers_openly_colleagues_in_a_note(
    console: ConsoleWindow, asked: ReviewDialog, number: int, booking: str, note: bool
) -> None:
    asked.boxes[number].buttons[-1].click()
    assert not asked.isVisible()
    assert console.conversation_side.booking_id == booking
    assert console.panes.conversation.composer._note_tab.isChecked() is note
