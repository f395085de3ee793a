"""The question after an outage: one press after the other, decided by keyboard, left and come back to, gone at last."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from desktop.intents.desk_port import NotPossible
from desktop.state.overtaken import Choice, ConflictCard, Sight, TextAfter
from desktop.store.errors import Damaged
from desktop.widgets.press_dialog import PressDialog
from desktop.widgets.review_dialog import ReviewDialog
from desktop.windows.console_window import ConsoleWindow
from tests.support.hands import Hands
from tests.support.paper_desk import PaperDesk
from tests.support.sample_overtaken import overtaken_cards

KEEP_AND_NOTE = Choice("keep", "note")


def shown(console: ConsoleWindow) -> ReviewDialog:
    dialog = console.review_side._dialog
    assert dialog is not None
    return dialog


def decided(desk: PaperDesk) -> list[tuple[object, ...]]:
    return [what[1:] for what in desk.asked if what[0] == "decide"]


def settle(desk: PaperDesk, op_id: str) -> None:
    """The decision is on disk: its line is gone from the outbox."""
    desk.outbox = [line for line in desk.outbox if line.op_id != op_id]
    desk.conflicts = {
        booking: [card for card in cards if card.op_id != op_id] for booking, cards in desk.conflicts.items()
    }
    desk.changes.outbox_changed()


def front(dialog: ReviewDialog) -> str:
    return dialog._place.current.op_id


def test_that_there_is_one_dialog_nothing_is_picked_and_the_keyboard_is_on_the_first_choice(
    desk: PaperDesk, asked: ReviewDialog, hands: Hands
) -> None:
    assert len([window for window in QApplication.topLevelWidgets() if isinstance(window, ReviewDialog)]) == 1
    assert hands.focus is asked.choices.radios[0]
    hands.press(Qt.Key.Key_Return)
    assert decided(desk) == []
    assert asked._title.text().startswith("1 of 4 · REQ")


def test_that_digits_choose_and_enter_applies_and_goes_on_until_nothing_is_left(
    desk: PaperDesk, console: ConsoleWindow, asked: ReviewDialog, hands: Hands
) -> None:
    desk.on_decide = lambda op_id: settle(desk, op_id)
    for digit in ("2", "4", "1", "1"):
        hands.press(digit)
        hands.press(Qt.Key.Key_Return)
    assert decided(desk) == [
        ("o-9", Choice("keep", "discard"), {}),
        ("o-10", Choice("step", "send", "arrive"), {}),
        ("o-12", KEEP_AND_NOTE, {}),
        ("o-11", Choice("keep"), {}),
    ]
    assert console.review_side._dialog is None


def test_that_what_is_passed_over_stays_with_what_was_picked_and_is_come_back_to(
    desk: PaperDesk, asked: ReviewDialog, hands: Hands
) -> None:
    desk.on_decide = lambda op_id: settle(desk, op_id)
    hands.press("2")
    hands.press(Qt.Key.Key_PageDown)
    assert front(asked) == "o-10"
    assert not asked.apply.isEnabled()
    hands.press(Qt.Key.Key_PageUp)
    assert (front(asked), asked.choices.radios[1].isChecked()) == ("o-9", True)
    hands.press(Qt.Key.Key_PageUp)
    assert front(asked) == "o-11"
    hands.press("1")
    hands.press(Qt.Key.Key_Return)
    assert [what[0] for what in decided(desk)] == ["o-11"]
    assert front(asked) == "o-9"
    hands.press(Qt.Key.Key_PageDown)
    hands.press("2")
    hands.press(Qt.Key.Key_Return)
    assert [what[0] for what in decided(desk)] == ["o-11", "o-10"]
    assert front(asked) == "o-12"


def test_that_whoever_goes_through_the_list_by_its_buttons_applies_nothing_by_pressing_once_more(
    desk: PaperDesk, asked: ReviewDialog, hands: Hands
) -> None:
    hands.press("1")
    asked.skip.setFocus()
    for _ in range(4):
        hands.press(Qt.Key.Key_Return)
    assert (front(asked), hands.focus) == ("o-9", asked.skip)
    assert decided(desk) == []


def test_that_news_of_a_question_leaves_the_keyboard_and_what_is_picked_unless_it_can_no_longer_be(
    desk: PaperDesk, asked: ReviewDialog, hands: Hands
) -> None:
    hands.press("1")
    asked.later.setFocus()
    card = desk.conflicts["b-249"][0]
    desk.conflicts["b-249"] = [replace(card, sight=Sight("theirs"))]
    desk.changes.conversation_changed("b-249")
    assert (hands.focus, asked.choices.radios[0].isChecked()) == (asked.later, True)
    desk.conflicts["b-249"] = [replace(card, may_note=False)]
    desk.changes.conversation_changed("b-249")
    assert [radio.isChecked() for radio in asked.choices.radios] == [False] * 3
    assert not asked.apply.isEnabled()


def test_that_one_choice_is_taken_for_all_alike_and_what_cannot_take_it_stays_and_is_counted(
    desk: PaperDesk, asked: ReviewDialog, hands: Hands
) -> None:
    desk.on_decide = lambda op_id: settle(desk, op_id)
    sent = (TextAfter("l-9", "On the way", "sent", Sight("read")),)
    other = replace(overtaken_cards()["b-249"][0], op_id="o-13", texts=sent)
    desk.conflicts["b-401"] = [other]
    desk.outbox.append(replace(desk.outbox[0], op_id="o-13", booking_id="b-401"))
    desk.changes.outbox_changed()
    assert asked.alike.text() == "Same choice for the other 2 like this"
    hands.press("1")
    assert asked.alike.text() == "Same choice for the other one like this (1 more like it cannot take it and stays)"
    hands.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert decided(desk) == [("o-9", KEEP_AND_NOTE, {}), ("o-12", KEEP_AND_NOTE, {})]
    assert asked._news.text() == "2 decided. 1 could not take it and stays."
    assert front(asked) == "o-10"
    assert [each.op_id for each in asked._place.conflicts] == ["o-10", "o-11", "o-13"]


def test_that_without_the_tick_only_the_one_in_front_is_decided(
    desk: PaperDesk, asked: ReviewDialog, hands: Hands
) -> None:
    desk.on_decide = lambda op_id: settle(desk, op_id)
    hands.press("1")
    hands.press(Qt.Key.Key_Tab)
    assert asked.alike.hasFocus()
    hands.press(Qt.Key.Key_Space)
    hands.press(Qt.Key.Key_Space)
    hands.press(Qt.Key.Key_Return)
    assert [what[0] for what in decided(desk)] == ["o-9"]


def test_that_a_refusal_is_said_and_the_question_stays(desk: PaperDesk, asked: ReviewDialog, hands: Hands) -> None:
    desk.refuse = NotPossible("disk_full", "")
    hands.press("1")
    hands.press(Qt.Key.Key_Return)
    assert front(asked) == "o-9"
    assert asked._news.text().startswith("1 could not take it and stays.")


def test_that_a_decision_that_fails_as_nobody_foresaw_leaves_the_question_in_step(
    desk: PaperDesk, console: ConsoleWindow, asked: ReviewDialog, hands: Hands, qtbot: QtBot
) -> None:
    def fail(_: str) -> None:
        raise Damaged("a page is not what was written")

    desk.on_decide = fail
    hands.press("1")
    with qtbot.capture_exceptions():
        hands.press(Qt.Key.Key_Return)
    desk.outbox = [line for line in desk.outbox if line.op_id != "o-9"]
    desk.changes.outbox_changed()
    assert front(asked) != "o-9"


def test_that_a_step_that_asks_is_asked_about_once_and_given_up_with_escape(
    desk: PaperDesk, asked: ReviewDialog, hands: Hands, qtbot: QtBot
) -> None:
    hands.press(Qt.Key.Key_PageDown)
    hands.press("5")
    hands.press(Qt.Key.Key_Return)
    [question] = asked.findChildren(PressDialog)
    qtbot.waitUntil(question.isActiveWindow, timeout=20_000)
    hands.press(Qt.Key.Key_Escape)
    asked.activateWindow()  # as a window manager would
    qtbot.waitUntil(asked.isActiveWindow, timeout=20_000)
    assert (decided(desk), asked.isVisible()) == ([], True)
    hands.press(Qt.Key.Key_Return)
    question = next(found for found in asked.findChildren(PressDialog) if found.isVisible())
    qtbot.waitUntil(question.isActiveWindow, timeout=20_000)
    hands.write("no team")
    hands.press(Qt.Key.Key_Return)
    assert decided(desk) == [("o-10", Choice("step", "send", "cancel"), {"reason": "no team"})]


def test_that_a_step_for_all_alike_is_asked_about_once_and_says_for_how_many(
    desk: PaperDesk, asked: ReviewDialog, hands: Hands
) -> None:
    other = replace(desk.conflicts["b-102"][0], op_id="o-14")
    desk.conflicts["b-401"] = [other]
    desk.outbox.append(replace(desk.outbox[0], op_id="o-14", booking_id="b-401"))
    desk.changes.outbox_changed()
    hands.press(Qt.Key.Key_PageDown)
    hands.press("5")
    hands.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    [question] = asked.findChildren(PressDialog)
    assert "and the other one like it" in " ".join(part.text() for part in question.findChildren(QLabel))
    question.inputs["reason"].setText("no team")
    question.agree_button.click()
    assert [what[0] for what in decided(desk)] == ["o-10", "o-14"]


def test_that_escape_decides_nothing_and_f8_brings_the_question_back(
    desk: PaperDesk, console: ConsoleWindow, asked: ReviewDialog, hands: Hands, qtbot: QtBot
) -> None:
    hands.press("1")
    hands.press(Qt.Key.Key_Escape)
    assert console.review_side._dialog is None
    assert decided(desk) == []
    console.activateWindow()  # as a window manager would
    qtbot.waitUntil(console.isActiveWindow, timeout=20_000)
    console.open_booking("b-102")
    hands.press(Qt.Key.Key_F8)
    assert front(shown(console)) == "o-10"


def test_that_tab_goes_from_the_choices_to_what_is_done_with_them(asked: ReviewDialog, hands: Hands) -> None:
    hands.press("1")
    passed = []
    for _ in range(7):
        hands.press(Qt.Key.Key_Tab)
        passed.append(hands.focus)
    chosen = asked.choices.radios[0]
    assert passed == [asked.alike, asked.apply, asked.skip, asked.back, asked.later, asked.comparison, chosen]


@pytest.mark.parametrize(("theirs", "note"), [(True, False), (False, True)])
def test_that_whoever_was_quicker_is_written_to_customers_openly_colleagues_in_a_note(
    desk: PaperDesk, console: ConsoleWindow, asked: ReviewDialog, hands: Hands, theirs: bool, note: bool
) -> None:
    sight = Sight("theirs" if theirs else "read")
    card: ConflictCard = replace(desk.conflicts["b-249"][0], sight=sight, takes_text=True)
    desk.conflicts["b-249"] = [card]
    desk.changes.outbox_changed()
    hands.press("4")
    hands.press(Qt.Key.Key_Return)
    assert not asked.isVisible()
    assert console.conversation_side.booking_id == "b-249"
    assert console.panes.conversation.composer._note_tab.isChecked() is note
    assert decided(desk) == []
