"""The console keeps up with what the desk says: lines, states, companions, decisions, and never invents anything."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from contract.delivery import Delivery
from desktop.intents.desk_port import NotPossible
from desktop.state.lines import Companion
from desktop.state.overtaken import Choice, ConflictCard, TextAfter
from desktop.widgets.action_buttons import ButtonFace
from desktop.windows.console_window import ConsoleWindow
from tests.support import sample_desk_data as sample
from tests.support import sample_talk as talk
from tests.support.paper_console import make_console
from tests.support.paper_desk import PaperDesk
from tests.support.sample_talk import outbox_lines

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)", extend=True)


@pytest.fixture(autouse=True)
def _omar_is_open(console: ConsoleWindow) -> None:
    console.open_booking("b-249")


def test_that_a_customers_line_shows_at_once(desk: PaperDesk, console: ConsoleWindow) -> None:
    desk.messages["b-249"].append(talk.message(99, "customer", "Hello from client", 0))
    desk.changes.conversation_changed("b-249")
    line = console.panes.conversation.view.rows.rows[-1].line
    assert line is not None
    assert line.text == "Hello from client"


def test_that_another_bookings_line_does_not(desk: PaperDesk, console: ConsoleWindow) -> None:
    before = list(console.panes.conversation.view.rows.rows)
    desk.messages["b-102"] = [talk.message(99, "customer", "elsewhere", 0)]
    desk.changes.conversation_changed("b-102")
    assert list(console.panes.conversation.view.rows.rows) == before


def test_that_ticks_climb_in_place(desk: PaperDesk, console: ConsoleWindow) -> None:
    lines = desk.messages["b-249"]
    count = console.panes.conversation.view.rows.rowCount()
    lines[-1] = replace(lines[-1], delivery=Delivery.READ)
    desk.changes.conversation_changed("b-249")
    line = console.panes.conversation.view.rows.rows[-1].line
    assert line is not None
    assert line.delivery == Delivery.READ
    assert console.panes.conversation.view.rows.rowCount() == count


def test_that_a_conversation_counts_as_read_only_after_a_second_on_an_active_window(
    desk: PaperDesk, console: ConsoleWindow, qtbot: QtBot
) -> None:
    assert not [entry for entry in desk.asked if entry[0] == "mark_read"]
    qtbot.waitUntil(lambda: ("mark_read", "b-249", 140) in desk.asked, timeout=20_000)
    assert len([entry for entry in desk.asked if entry[0] == "mark_read"]) == 1


def test_that_a_window_out_of_sight_reads_nothing(desk: PaperDesk, console: ConsoleWindow, qtbot: QtBot) -> None:
    console.hide()
    qtbot.wait(1300)
    assert not [entry for entry in desk.asked if entry[0] == "mark_read"]


def test_that_a_status_changed_elsewhere_changes_pill_and_buttons(
    desk: PaperDesk, console: ConsoleWindow, qtbot: QtBot
) -> None:
    number = desk.row_number("b-249")
    assert number is not None
    desk.lines[number] = replace(desk.lines[number], status="accepted")
    desk.changes.bookings_changed(frozenset({"b-249"}))
    qtbot.waitUntil(lambda: console.panes.facts.pill.accessibleName() == "Accepted")
    assert [button.face.transition for button in console.panes.facts.buttons.shown] == ["deploy", "cancel"]


def test_that_the_preview_is_in_the_customers_language(console: ConsoleWindow) -> None:
    console.panes.facts.buttons.looked_at.emit("accept")
    assert console.panes.facts.preview._text.text() == talk.ACCEPTED["ar"]
    assert "Arabic" in console.panes.facts.preview._head.text()


def test_that_a_step_that_needs_a_connection_is_greyed_out_without_one(
    desk: PaperDesk, console: ConsoleWindow, qtbot: QtBot
) -> None:
    workflow = desk.workflows["protection"]
    denied = {name for name, step in workflow.transitions.items() if step.offline == "deny"}
    desk.become(phase="offline")
    qtbot.waitUntil(lambda: console.panes.facts.buttons.shown[0].text().startswith("Queue"))
    faces: list[ButtonFace] = [button.face for button in console.panes.facts.buttons.shown]
    assert {face.transition for face in faces if face.denied} == denied & {face.transition for face in faces}


def test_that_typing_and_company_are_shown_and_go(desk: PaperDesk, console: ConsoleWindow) -> None:
    desk.who["b-249"] = talk.COMPANIONS
    desk.changes.companions_changed("b-249")
    assert console.panes.conversation._typing.text() == "Omar Khalid is typing…"
    assert "Sami Darwish" in console.panes.conversation.head._eyes.toolTip()
    desk.who["b-249"] = (Companion("u-omar", "Omar Khalid", "customer", False),)
    desk.changes.companions_changed("b-249")
    assert console.panes.conversation._typing.text() == ""
    assert not console.panes.conversation.head._eyes.isVisible()


def test_that_typing_is_told_and_ends_with_the_message(desk: PaperDesk, console: ConsoleWindow, qtbot: QtBot) -> None:
    qtbot.keyClicks(console.panes.conversation.composer.input, "hi")
    assert ("set_typing", True) in desk.asked
    qtbot.keyClick(console.panes.conversation.composer.input, Qt.Key.Key_Return)
    assert desk.asked[-1] == ("set_typing", False)


def test_that_nobody_is_told_of_a_note_being_typed(desk: PaperDesk, console: ConsoleWindow, qtbot: QtBot) -> None:
    console.panes.conversation.composer.set_note(True)
    qtbot.keyClicks(console.panes.conversation.composer.input, "secret")
    assert ("set_typing", True) not in desk.asked


def test_that_a_decision_is_taken_on_its_card_and_one_with_text_behind_it_in_the_question(
    desk: PaperDesk, console: ConsoleWindow, qtbot: QtBot
) -> None:
    card = ConflictCard("o-9", "accept", sample.ago(75), "cancelled", "Sami", sample.ago(190), ("cancel",))
    desk.conflicts["b-102"] = [card]
    kind = {"kind": "booking.transition", "state": "needs_decision"}
    desk.outbox = [replace(outbox_lines()[0], op_id="o-9", booking_id="b-102", **kind)]  # type: ignore[arg-type]
    console.open_booking("b-102")
    qtbot.keyClick(console.panes.facts._conflicts[0].buttons[0], Qt.Key.Key_Space)
    assert ("decide", "o-9", Choice("keep"), {}) in desk.asked
    desk.conflicts["b-102"] = [replace(card, texts=(TextAfter("l-1", "Coming", "waiting"),))]
    console.facts_side.refresh()
    [button] = console.panes.facts._conflicts[0].buttons
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert console.review_side._dialog is not None
    assert console.review_side._dialog.isVisible()


def test_that_a_question_does_not_come_between_a_line_being_typed_and_its_enter(
    desk: PaperDesk, console: ConsoleWindow, qtbot: QtBot
) -> None:
    console.open_booking("b-249")
    console.panes.conversation.composer.set_note(False)
    qtbot.keyClicks(console.panes.conversation.composer.input, "In 10 minutes")
    desk.outbox = [replace(outbox_lines()[0], kind="booking.transition", state="needs_decision", op_id="o-9")]
    desk.changes.notice("decisions_wanted", count=1)
    assert console.review_side._dialog is None


def test_that_older_pages_are_read_from_the_store_and_then_asked_of_the_server(
    desk: PaperDesk, console: ConsoleWindow
) -> None:
    desk.messages["b-249"] = [talk.message(n, "customer", f"Line {n}", 9000 - n) for n in range(120)]
    desk.older["b-249"] = [talk.message(1, "customer", "ancient", 99_999)]
    desk.unread_from.clear()
    console.open_booking("b-249")
    view = console.panes.conversation.view
    for _ in range(4):
        view.verticalScrollBar().setValue(0)
    lines = [row for row in view.rows.rows if row.line]
    assert len(lines) == 120
    assert ("load_older", "b-249") in desk.asked
    assert console.panes.conversation._earlier.isVisible()
    desk.messages["b-249"].insert(0, desk.older.pop("b-249")[0])
    desk.changes.conversation_changed("b-249")
    assert not console.panes.conversation._earlier.isVisible()


def test_that_new_lines_are_counted_while_old_ones_are_read(desk: PaperDesk, console: ConsoleWindow) -> None:
    desk.messages["b-249"] = [talk.message(n, "customer", f"Line {n}", 9000 - n) for n in range(49)]
    desk.unread_from.clear()
    console.open_booking("b-249")
    console.panes.conversation.view.verticalScrollBar().setValue(400)
    desk.messages["b-249"].append(talk.message(60, "customer", "new", 1))
    desk.changes.conversation_changed("b-249")
    assert console.panes.conversation._jump.isVisible()
    assert console.panes.conversation._jump.text() == "1 new message"
    console.panes.conversation._jump.click()
    assert not console.panes.conversation._jump.isVisible()


def test_that_the_badge_and_the_banner_follow_the_link(desk: PaperDesk, console: ConsoleWindow) -> None:
    assert console.panes.status.badge.text == "Live · 41 ms · #88213"
    desk.become(phase="offline", queued=2, offline_since=sample.ago(380), as_of=sample.ago(372))
    assert console.panes.status.badge.text.startswith("Offline · data as of")
    assert console.panes.banners.isVisible()
    assert console.panes.status._outbox.text().strip() == "Outbox 2"


def test_that_signing_out_with_something_unsent_asks_first(
    desk: PaperDesk, console: ConsoleWindow, qtbot: QtBot
) -> None:
    desk.outbox = outbox_lines()
    console.menu.sign_out_chosen.emit()
    box = console.findChild(QMessageBox)
    assert box is not None
    assert desk.me is not None
    with qtbot.waitSignal(console.signed_out):
        next(button for button in box.buttons() if button.text() == "Sign out").click()
    assert desk.me is None


def test_that_a_sign_out_that_the_disk_does_not_take_is_said_and_can_be_tried_again(
    desk: PaperDesk, console: ConsoleWindow, qtbot: QtBot
) -> None:
    desk.refuse = NotPossible("disk_full", "no space")
    with qtbot.assertNotEmitted(console.signed_out):
        console.menu.sign_out_chosen.emit()
    box = console.findChild(QMessageBox)
    assert box is not None
    assert "The disk is full" in box.informativeText()
    assert desk.me is not None
    desk.refuse = None
    with qtbot.waitSignal(console.signed_out):
        next(button for button in box.buttons() if button.text() == "Sign out again").click()
    assert desk.me is None


def test_that_a_first_sync_says_how_far_it_is(desk: PaperDesk, console: ConsoleWindow) -> None:
    desk.lines, desk.counts = [], []
    desk.become(phase="connecting", snapshot_done=2140, snapshot_total=6000, as_of=None)
    desk.changes.bookings_changed(None)
    assert "2,140 of 6,000 bookings" in console.panes.bookings._empty.accessibleName()


@pytest.mark.parametrize("key", ["clock_wrong", "server_restored", "cache_rebuilt", "disk_full", "disk_low"])
def test_that_notices_are_said(desk: PaperDesk, console: ConsoleWindow, key: str) -> None:
    desk.changes.notice(key, minutes=7, resent=3, reason="x")
    assert console.around.toast.text


def test_that_closing_keeps_the_draft_and_stops_listening(
    desk: PaperDesk, console: ConsoleWindow, qtbot: QtBot
) -> None:
    qtbot.keyClicks(console.panes.conversation.composer.input, "unfinished")
    console.close()
    assert desk.drafts["b-249", False] == "unfinished"
    desk.changes.conversation_changed("b-249")
    assert desk.changes._listeners == []


def test_that_the_whole_window_mirrors_in_arabic(desk: PaperDesk, qtbot: QtBot, tmp_path: Path) -> None:
    window = make_console(desk, tmp_path, lang="ar")
    qtbot.addWidget(window)
    window.resize(1400, 860)
    window.show()
    window.open_booking("b-249")
    assert window.isRightToLeft()
    panes = window.panes
    order = [
        pane.mapTo(window, pane.rect().center()).x()
        for pane in (panes.rail, panes.bookings, panes.conversation, panes.facts)
    ]
    assert order == sorted(order, reverse=True)
    assert panes.facts.pill.accessibleName() == "قيد الانتظار"
    window.close()
    QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_that_panes_give_way_in_a_narrow_window(console: ConsoleWindow) -> None:
    console.around.look.change(zoom=1.5)
    assert not console.panes.facts.isVisible()
    console.around.look.change(zoom=1.0)
    assert console.panes.facts.isVisible()


def test_that_discard_under_a_bubble_takes_back_the_line_and_no_more(desk: PaperDesk, console: ConsoleWindow) -> None:
    line = replace(desk.messages["b-249"][-1], id="derived", op_id="opens-the-booking", position=None)
    console.conversation_side.act("discard", line)
    assert desk.asked[-1] == ("discard_line", "opens-the-booking")


def test_that_a_booking_gone_while_open_says_so_takes_no_line_and_keeps_what_was_typed_until_it_is_back(
    desk: PaperDesk, console: ConsoleWindow, qtbot: QtBot
) -> None:
    console.open_booking("b-249")
    composer, pane = console.panes.conversation.composer, console.panes.conversation
    composer.set_note(False)
    qtbot.keyClicks(composer.input, "On my way")
    kept, desk.lines = desk.lines, [line for line in desk.lines if line.id != "b-249"]
    desk.changes.bookings_changed(frozenset({"b-249"}))
    qtbot.waitUntil(pane._gone.isVisible)
    assert not pane.head.isVisible()
    assert not console.panes.facts._page.isVisible()
    qtbot.keyClick(composer.input, Qt.Key.Key_Return)
    assert not any(call[0] == "send_message" for call in desk.asked)
    assert composer.input.toPlainText() == "On my way"
    assert "Nothing can be sent here" in composer._hint.text()
    desk.lines = kept
    desk.changes.bookings_changed(frozenset({"b-249"}))
    qtbot.waitUntil(pane.view.isVisible)
    assert pane.head.isVisible()
    assert console.panes.facts._page.isVisible()
    qtbot.keyClick(composer.input, Qt.Key.Key_Return)
    assert any(call[0] == "send_message" for call in desk.asked)
