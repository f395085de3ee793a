"""The whole console without a mouse: every key of the table does what the sheet says, on the real window."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from pytestqt.qtbot import QtBot

from desktop.intents.desk_port import NotPossible
from desktop.widgets.press_dialog import PressDialog
from desktop.widgets.shortcut_sheet import ShortcutSheet
from desktop.windows.console_window import ConsoleWindow
from tests.support.hands import Hands
from tests.support.paper_desk import PaperDesk
from tests.support.sample_talk import outbox_lines

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)", extend=True)


def asked(desk: PaperDesk, what: str) -> list[tuple[object, ...]]:
    return [entry for entry in desk.asked if entry[0] == what]


def test_that_a_dispatcher_answers_by_keys_alone(desk: PaperDesk, console: ConsoleWindow, hands: Hands) -> None:
    assert console.panes.bookings.view.hasFocus()
    hands.press(Qt.Key.Key_Return)
    assert console.conversation_side.booking_id == "b-249"
    assert console.panes.bookings.view.hasFocus(), "opening must not move the focus"
    hands.press("r")
    assert console.panes.conversation.composer.input.hasFocus()
    hands.write("On our way")
    hands.press(Qt.Key.Key_Return)
    assert asked(desk, "send_message") == [("send_message", "b-249", "On our way", False)]
    assert console.panes.conversation.composer.input.toPlainText() == ""
    last = console.panes.conversation.view.rows.rows[-1].line
    assert last is not None
    assert last.text == "On our way"
    hands.press(Qt.Key.Key_Escape)
    assert console.panes.bookings.view.hasFocus()


def test_that_r_on_another_row_opens_that_one(desk: PaperDesk, console: ConsoleWindow, hands: Hands) -> None:
    hands.press("j")
    hands.press("r")
    assert console.conversation_side.booking_id == desk.lines[1].id


def test_that_r_means_the_open_booking_when_the_list_does_not_show_it(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands
) -> None:
    console.list_side.choose_view("mine")
    console.open_booking("b-249")
    hands.press("r")
    hands.write("to Omar")
    hands.press(Qt.Key.Key_Return)
    assert asked(desk, "send_message") == [("send_message", "b-249", "to Omar", False)]


def test_that_opening_from_elsewhere_moves_the_lists_row_along(console: ConsoleWindow) -> None:
    console.open_booking("b-401")
    assert console.panes.bookings.current_id() == "b-401"


def test_that_n_writes_a_note(desk: PaperDesk, console: ConsoleWindow, hands: Hands) -> None:
    hands.press("n")
    hands.write("VIP")
    hands.press(Qt.Key.Key_Return)
    assert asked(desk, "send_message") == [("send_message", "b-249", "VIP", True)]


def test_that_a_takes_the_booking_and_says_so(desk: PaperDesk, console: ConsoleWindow, hands: Hands) -> None:
    hands.press("a")
    assert asked(desk, "assign") == [("assign", "b-249", "u-lina")]
    assert "REQ1759286674249" in console.around.toast.text


def test_that_a_status_is_pressed_and_taken_back(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands, qtbot: QtBot
) -> None:
    hands.press(Qt.Key.Key_Return)
    hands.press(Qt.Key.Key_1, CTRL | SHIFT)
    assert asked(desk, "press") == [("press", "b-249", "accept", {})]
    qtbot.waitUntil(lambda: len(console.panes.facts._pending) == 1)
    hands.press(Qt.Key.Key_Z, CTRL)
    assert len(asked(desk, "undo_press")) == 1
    qtbot.waitUntil(lambda: console.panes.facts._pending == [])
    assert console.around.toast.text == "Undone. Nothing was posted."


def test_that_ctrl_z_in_a_text_takes_back_typing_first(desk: PaperDesk, console: ConsoleWindow, hands: Hands) -> None:
    hands.press("r")
    hands.press(Qt.Key.Key_1, CTRL | SHIFT)
    hands.write("oops")
    hands.press(Qt.Key.Key_Z, CTRL)
    assert asked(desk, "undo_press") == []
    assert console.panes.conversation.composer.input.toPlainText() == ""
    hands.press(Qt.Key.Key_Z, CTRL)
    assert len(asked(desk, "undo_press")) == 1


def test_that_a_dangerous_button_asks_first(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands, qtbot: QtBot
) -> None:
    hands.press(Qt.Key.Key_Return)
    hands.press(Qt.Key.Key_2, CTRL | SHIFT)
    assert asked(desk, "press") == []
    dialog = console.findChild(PressDialog)
    assert dialog is not None
    qtbot.waitUntil(dialog.inputs["reason"].hasFocus)
    hands.write("no team")
    hands.press(Qt.Key.Key_Return)
    assert asked(desk, "press") == [("press", "b-249", "decline", {"reason": "no team"})]


def test_that_ctrl_digits_choose_views(console: ConsoleWindow, hands: Hands) -> None:
    hands.press(Qt.Key.Key_3, CTRL)
    assert console.list_side.view_key == "mine"
    assert console.panes.bookings._title.text() == "Mine"
    hands.press(Qt.Key.Key_5, CTRL)
    assert console.list_side.view_key == "status:protection:pending"


def test_that_ctrl_f_filters_as_you_type_and_escape_clears(console: ConsoleWindow, hands: Hands, qtbot: QtBot) -> None:
    hands.press(Qt.Key.Key_F, CTRL)
    hands.write("huda")
    qtbot.waitUntil(lambda: console.panes.model.total == 1)
    hands.press(Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: console.panes.model.total == 18)


def test_that_a_filter_that_finds_nothing_says_how_much_was_searched(
    console: ConsoleWindow, hands: Hands, qtbot: QtBot
) -> None:
    hands.press(Qt.Key.Key_F, CTRL)
    hands.write("zzzz")
    qtbot.waitUntil(lambda: console.panes.model.total == 0)
    assert "zzzz" in console.panes.bookings._empty.accessibleName()
    assert "2,140" in console.panes.bookings._empty.accessibleName()


def test_that_f6_goes_round_all_panes(console: ConsoleWindow, hands: Hands) -> None:
    hands.press(Qt.Key.Key_Return)
    panes = console.panes
    seen = []
    for _ in range(5):
        hands.press(Qt.Key.Key_F6)
        seen.append(hands.focus)
    assert seen[0] is panes.conversation.view
    assert seen[1] is panes.conversation.composer.input
    assert panes.facts.isAncestorOf(seen[2])
    assert seen[3] is panes.rail
    assert seen[4] is panes.bookings.view
    hands.press(Qt.Key.Key_F6, SHIFT)
    assert hands.focus is panes.rail


def test_that_a_draft_is_kept_for_each_booking(desk: PaperDesk, console: ConsoleWindow, hands: Hands) -> None:
    hands.press("r")
    hands.write("half a sentence")
    hands.press(Qt.Key.Key_Escape)
    assert desk.drafts["b-249", False] == "half a sentence"
    hands.press("j")
    hands.press("r")
    assert console.panes.conversation.composer.input.toPlainText() == ""
    console.open_booking("b-249")
    assert console.panes.conversation.composer.input.toPlainText() == "half a sentence"


def test_that_a_refused_text_stays_in_the_input(desk: PaperDesk, console: ConsoleWindow, hands: Hands) -> None:
    hands.press("r")
    hands.write("precious")
    desk.refuse = NotPossible("disk_full", "no space")
    hands.press(Qt.Key.Key_Return)
    assert console.panes.conversation.composer.input.toPlainText() == "precious"
    assert "nothing was saved" in console.around.toast.text
    desk.refuse = None


def test_that_the_outbox_opens_and_can_be_worked(desk: PaperDesk, console: ConsoleWindow, hands: Hands) -> None:
    desk.outbox = outbox_lines()
    hands.press(Qt.Key.Key_O, CTRL | SHIFT)
    panel = console.outbox.panel
    assert panel.isVisible()
    panel.view.setFocus()
    panel.buttons["retry"].click()
    assert asked(desk, "retry") == [("retry", "o-1")]
    panel.close()


def test_that_working_offline_is_one_key_and_says_queue(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands, qtbot: QtBot
) -> None:
    hands.press(Qt.Key.Key_Return)
    hands.press(Qt.Key.Key_W, CTRL | SHIFT)
    assert desk.work_offline
    assert console.panes.conversation.composer._send.text() == "Queue"
    qtbot.waitUntil(lambda: console.panes.facts.buttons.shown[0].text() == "Queue: Accept Booking")
    assert console.panes.banners.isVisible()
    hands.press(Qt.Key.Key_W, CTRL | SHIFT)
    assert not console.panes.banners.isVisible()


def test_that_f5_asks_for_news(desk: PaperDesk, hands: Hands) -> None:
    hands.press(Qt.Key.Key_F5)
    assert asked(desk, "try_now") == [("try_now",)]


def test_that_the_theme_and_the_size_change_at_once(console: ConsoleWindow, hands: Hands) -> None:
    look = console.around.look
    before = look.dark
    hands.press(Qt.Key.Key_L, CTRL | SHIFT)
    assert look.dark is not before
    hands.press(Qt.Key.Key_Plus, CTRL)
    assert look.zoom == pytest.approx(1.1)
    hands.press(Qt.Key.Key_0, CTRL)
    assert look.zoom == 1.0


def test_that_the_sheet_opens(console: ConsoleWindow, hands: Hands) -> None:
    hands.press(Qt.Key.Key_Slash, CTRL)
    sheet = console.findChild(ShortcutSheet)
    assert sheet is not None
    assert sheet.isVisible()
    sheet.close()


def test_that_the_palette_finds_a_booking_and_opens_it(console: ConsoleWindow, hands: Hands, qtbot: QtBot) -> None:
    hands.press(Qt.Key.Key_K, CTRL)
    panel = console.palette_side.panel
    assert panel.isVisible()
    qtbot.keyClicks(panel.input, "priya")
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 1)
    qtbot.keyClick(panel.input, Qt.Key.Key_Return)
    assert console.conversation_side.booking_id == "b-401"
    assert not panel.isVisible()


def test_that_the_palette_runs_a_command(desk: PaperDesk, console: ConsoleWindow, hands: Hands, qtbot: QtBot) -> None:
    hands.press(Qt.Key.Key_K, CTRL)
    qtbot.keyClicks(console.palette_side.panel.input, "check for news")
    qtbot.keyClick(console.palette_side.panel.input, Qt.Key.Key_Return)
    assert asked(desk, "try_now") == [("try_now",)]


def test_that_the_facts_fold_away_and_come_back(console: ConsoleWindow, hands: Hands) -> None:
    hands.press(Qt.Key.Key_I, CTRL | SHIFT)
    assert not console.panes.facts.isVisible()
    hands.press(Qt.Key.Key_I, CTRL | SHIFT)
    assert console.panes.facts.isVisible()


def test_that_the_next_unread_booking_is_one_key_away(console: ConsoleWindow, hands: Hands) -> None:
    hands.press(Qt.Key.Key_J, CTRL | SHIFT)
    assert console.conversation_side.booking_id == "b-102"
    hands.press(Qt.Key.Key_J, CTRL | SHIFT)
    assert console.conversation_side.booking_id == "b-88"


def test_that_the_up_key_edits_the_last_queued_line(desk: PaperDesk, console: ConsoleWindow, hands: Hands) -> None:
    hands.press("r")
    hands.write("tpyo")
    hands.press(Qt.Key.Key_Return)
    hands.press(Qt.Key.Key_Up)
    assert console.panes.conversation.composer.input.toPlainText() == "tpyo"
    hands.write("!")
    hands.press(Qt.Key.Key_Return)
    assert asked(desk, "edit_queued") == [("edit_queued", "op-1", "tpyo!")]


def test_that_arabic_letters_do_what_their_keys_do(desk: PaperDesk, console: ConsoleWindow) -> None:
    """QTest cannot type Arabic, so the shortcut that the key would meet is asked for and set off."""
    found = {shortcut.key().toString(): shortcut for shortcut in console.panes.bookings.view.findChildren(QShortcut)}
    found["ت"].activated.emit()
    assert console.panes.bookings.current_id() == desk.lines[1].id
    found["ش"].activated.emit()
    assert asked(desk, "assign") == [("assign", desk.lines[1].id, "u-lina")]


def test_that_a_new_order_keeps_the_row_chosen(desk: PaperDesk, console: ConsoleWindow, hands: Hands) -> None:
    hands.press("j")
    chosen = console.panes.bookings.current_id()
    desk.lines.insert(0, replace(desk.lines[5], id="b-new", customer_name="New"))
    desk.changes.bookings_changed(None)
    assert console.panes.bookings.current_id() == chosen
