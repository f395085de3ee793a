"""Binds the console's keys: one table of shortcuts, one of what they do; the palette and menus use the same."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from desktop.widgets.shortcuts import Shortcut, bind, bind_numbered

if TYPE_CHECKING:
    from desktop.windows.console_window import ConsoleWindow

Commands = dict[Shortcut, Callable[[], None]]


def bind_keys(window: "ConsoleWindow") -> Commands:
    """Makes the keys work anywhere in the window; gives the commands they run."""
    commands = _commands(window)
    for shortcut, then in commands.items():
        bind(shortcut, window, then)
    bind_numbered(Shortcut.VIEW, window, window.panes.rail.choose_nth)
    bind_numbered(Shortcut.PRESS, window, window.panes.facts.buttons.press_nth)
    bind(Shortcut.UNDO, window, lambda: _undo(window))
    return commands


def _commands(window: "ConsoleWindow") -> Commands:
    desk, panes, look = window.around.desk, window.panes, window.appearance
    return {
        Shortcut.PALETTE: lambda: _open_palette(window),
        Shortcut.FILTER: panes.bookings.focus_filter,
        Shortcut.NEXT_UNREAD: lambda: _next_unread(window),
        Shortcut.NEXT_PANE: lambda: _move_focus(window, 1),
        Shortcut.PREVIOUS_PANE: lambda: _move_focus(window, -1),
        Shortcut.SWITCH_MODE: panes.conversation.composer.toggle_note,
        Shortcut.NEWEST: panes.conversation.view.to_newest,
        Shortcut.LIFE: window.life_side.open_current,
        Shortcut.NEW_BOOKING: window.new_booking.open,
        Shortcut.OUTBOX: window.outbox.open,
        Shortcut.CONFLICTS: window.review,
        Shortcut.SYNC_NOW: lambda: _sync_now(window),
        Shortcut.WORK_OFFLINE: lambda: desk.set_work_offline(not desk.work_offline),
        Shortcut.FACTS: window.toggle_facts,
        Shortcut.THEME: look.toggle,
        Shortcut.LARGER: lambda: look.zoom_by(1),
        Shortcut.SMALLER: lambda: look.zoom_by(-1),
        Shortcut.NORMAL_SIZE: lambda: look.zoom_by(0),
        Shortcut.SHEET: window.show_sheet,
        Shortcut.QUIT: lambda: _quit(window),
    }


def _quit(window: "ConsoleWindow") -> None:
    window.close()


def _open_palette(window: "ConsoleWindow") -> None:
    window.palette_side.open()


def _undo(window: "ConsoleWindow") -> None:
    window.facts_side.undo_newest()


def _sync_now(window: "ConsoleWindow") -> None:
    window.around.desk.try_now()
    window.around.toast.say(window.around.words("toast.synced"))


def _next_unread(window: "ConsoleWindow") -> None:
    """Opens the next listed booking with unread lines below the one in front, then from the top again."""
    model, listed = window.panes.model, window.panes.bookings
    start = listed.view.currentIndex().row() + 1
    rows = model.rowCount()
    for step in range(rows):
        row = (start + step) % rows
        line = model.line(row)
        if line is not None and line.unread and line.id != window.conversation_side.booking_id:
            listed.set_current(row)
            window.open_booking(line.id)
            return
    window.around.toast.say(window.around.words("toast.no_unread"))


def _move_focus(window: "ConsoleWindow", by: int) -> None:
    """F6: rail, bookings, lines, input, facts, and round again; panes folded away are passed over."""
    panes = window.panes
    stops: list[QWidget] = [panes.rail, panes.bookings.view, panes.conversation.view, panes.conversation.composer.input]
    stops.append(panes.facts)
    stops = [stop for stop in stops if stop.isVisible()]
    focused = QApplication.focusWidget()
    held = [place for place, stop in enumerate(stops) if focused is stop or (focused and stop.isAncestorOf(focused))]
    place = (held[-1] + by if held else 0) % len(stops)
    target = stops[place]
    if target is panes.bookings.view:
        panes.bookings.focus_rows()
    elif target is panes.facts:
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)
        target.focusNextChild()
    else:
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)
