"""The desk in every state worth looking at, each built from plain values."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic, time
from typing import Any

from PySide6.QtWidgets import QApplication, QWidget

from contract.delivery import Delivery
from desktop.intents.desk_port import SignInFailed
from desktop.state.lines import PendingPress
from desktop.state.overtaken import ConflictCard
from desktop.widgets.booking_list import BookingList
from desktop.widgets.shortcut_sheet import ShortcutSheet
from desktop.windows.console_window import ConsoleWindow
from desktop.windows.sign_in_window import SignInWindow
from tests.support import sample_desk_data as sample
from tests.support import sample_talk as talk
from tests.support.paper_console import make_console, make_icons, make_look, make_words, run_now, workflows
from tests.support.paper_desk import PaperDesk
from tests.support.sample_overtaken import overtaken_cards

Scene = Callable[[], QWidget]
SIZE = (1440, 900)


def settle() -> None:
    for _ in range(6):
        QApplication.processEvents()


def paper() -> PaperDesk:
    desk = PaperDesk(workflows())
    desk.who["b-249"] = talk.COMPANIONS
    return desk


def console(desk: PaperDesk, open_id: str | None = "b-249", view: str = "all", **how: Any) -> ConsoleWindow:
    window = make_console(desk, Path(tempfile.mkdtemp()), **how)  # type: ignore[arg-type]
    window.resize(*SIZE)
    window.show()
    window.list_side.choose_view(view)
    if open_id:
        window.open_booking(open_id)
    settle()
    window.panes.bookings.set_current(0)
    return window


def everyday(**how: Any) -> QWidget:
    window = console(paper(), **how)
    window.facts_side._preview("accept")
    return window


def offline(**how: Any) -> QWidget:
    desk = paper()
    desk.messages["b-249"] = [*talk.omars_lines(), *talk.unsent_lines()]
    desk.outbox = talk.outbox_lines()
    window = console(desk, **how)
    desk.become(phase="offline", queued=3, offline_since=sample.ago(380), as_of=sample.ago(372))
    window.panes.conversation.composer._put("I am checking with the gate, one moment")
    return window


def review(front: str | None = None, picked: int | None = None, **how: Any) -> QWidget:
    """After an outage: presses overtaken, one booking gone."""
    desk = paper()
    desk.conflicts = overtaken_cards()
    line = replace(talk.outbox_lines()[0], kind="booking.transition", state="needs_decision", what="Accept")
    places = {card.op_id: booking_id for booking_id, cards in desk.conflicts.items() for card in cards}
    desk.outbox = [
        replace(line, op_id=op_id, booking_id=booking_id) for op_id, booking_id in (places | {"o-11": "gone"}).items()
    ]
    window = console(desk, **how)
    desk.become(decisions=4)
    window.review_side.open(front)
    settle()
    dialog = window.review_side._dialog
    assert dialog is not None
    if picked is not None:
        dialog.choices.pick_nth(picked)
        dialog.alike.setChecked(True)
    settle()
    return dialog


def conflict(with_text: bool = False, **how: Any) -> QWidget:
    desk = paper()
    without = ConflictCard("o-9", "accept", sample.ago(75), "cancelled", "Sami Darwish", sample.ago(190), ("cancel",))
    desk.conflicts["b-249"] = overtaken_cards()["b-249"] if with_text else [without]
    number = desk.row_number("b-249")
    assert number is not None
    desk.lines[number] = replace(desk.lines[number], status="accepted", last_delivery=Delivery.CONFLICT)
    window = console(desk, **how)
    desk.become(decisions=1)
    return window


def undo(**how: Any) -> QWidget:
    desk = paper()
    desk.pending["b-249"] = [PendingPress("o-1", "accept", "accepted", sample.ago(1), Delivery.QUEUED, time() + 4.2)]
    number = desk.row_number("b-249")
    assert number is not None
    desk.lines[number] = replace(desk.lines[number], pending_status="accepted", queued=1)
    return console(desk, **how)


def note(**how: Any) -> QWidget:
    window = console(paper(), **how)
    window.panes.conversation.composer.set_note(True)
    window.panes.conversation.composer._put("Gate 3 is shut until six.\nUse the service road and call the guard.")
    return window


def reconnecting(**how: Any) -> QWidget:
    desk = paper()
    window = console(desk, **how)
    desk.become(phase="reconnecting", queued=2, as_of=sample.ago(20), next_try_at=monotonic() + 4)
    return window


def signed_out(**how: Any) -> QWidget:
    desk = paper()
    window = console(desk, **how)
    desk.become(phase="signed_out", queued=3, decisions=2, as_of=sample.ago(600), clock_offset_ms=420_000)
    return window


def first_sync(**how: Any) -> QWidget:
    desk = PaperDesk(workflows(), [])
    desk.counts = []
    desk.become(phase="connecting", snapshot_done=2140, snapshot_total=6000, as_of=None)
    return console(desk, None, **how)


def empty_view(**how: Any) -> QWidget:
    return console(PaperDesk(workflows(), []), None, "needs_answer", **how)


def nothing_found(**how: Any) -> QWidget:
    window = console(paper(), **how)
    bookings: BookingList = window.panes.bookings
    bookings.filter.setText("Wittgenstein 1889")
    window.list_side.refresh()
    return window


def many(**how: Any) -> QWidget:
    """A day of chat, scrolled up: the way back to the newest line."""
    desk = paper()
    lines = [
        talk.message(200 + n, "customer" if n % 3 else "staff", f"Line {n} of a long day", 4000 - n * 30)
        for n in range(100)
    ]
    desk.messages["b-249"] = lines
    desk.unread_from.clear()
    window = console(desk, **how)
    window.panes.conversation.view.verticalScrollBar().setValue(900)
    settle()
    desk.messages["b-249"] = [
        *lines,
        talk.message(990, "customer", "Are you there?", 1),
        talk.message(991, "customer", "Hello?", 0),
    ]
    desk.changes.conversation_changed("b-249")
    return window


def small(**how: Any) -> QWidget:
    window = console(paper(), **how)
    window.resize(1024, 640)
    return window


def outbox() -> QWidget:
    desk = paper()
    desk.outbox = talk.outbox_lines()
    window = console(desk)
    window.outbox.open()
    return window.outbox.panel


def life(known: int = 6, **how: Any) -> QWidget:
    desk = paper()
    newest = [line for line in desk.messages["b-249"] if line.mine][-1]
    desk.lives[newest.id] = talk.life(newest, known)
    window = console(desk, **how)
    window.life_side.open_current()
    return window.life_side.dialog


def new_booking(**how: Any) -> QWidget:
    window = console(paper(), **how)
    window.new_booking.open()
    assert window.new_booking.dialog is not None
    window.new_booking.dialog.fields["name"].setText("Layla Mansour")
    return window.new_booking.dialog


def palette() -> QWidget:
    window = console(paper())
    window.palette_side.open()
    window.palette_side.panel.input.setText("om")
    run_now(window.palette_side._find("om"))
    return window.palette_side.panel


def sheet(**how: Any) -> QWidget:
    window = console(paper(), **how)
    shown = ShortcutSheet(window.around.words, window)
    shown.show()
    return shown


def press(**how: Any) -> QWidget:
    window = console(paper(), **how)
    detail = window.around.desk.detail("b-249")
    assert detail is not None
    dialog = window.facts_side._dialog(detail, "decline", window)
    dialog.show()
    dialog.inputs["reason"].setText("no team is free before six")
    return dialog


def account() -> QWidget:
    window = console(paper())
    menu = window.menu.build()
    menu.popup(window.mapToGlobal(window.rect().center()))
    return menu


def sign_in(trouble: str = "", dark: bool = False, lang: str = "en") -> QWidget:
    look = make_look(dark)

    async def refuse(server: str, email: str, password: str) -> None:
        raise SignInFailed("disk_full" if trouble == "disk_full" else "unreachable", "")

    window = SignInWindow(look, make_icons(), make_words(lang), run_now, refuse, True)  # type: ignore[arg-type]
    window.show()
    window.form.fill("https://desk.example.org", "lina@example.org")
    if trouble:
        window.form.password.setText("secret-secret")
        window.form.show_wrong_password() if trouble == "wrong" else window.form._submit()
    return window


SCENES: dict[str, Scene] = {
    "console-light": everyday,
    "console-dark": lambda: everyday(dark=True),
    "arabic-light": lambda: everyday(lang="ar"),
    "arabic-dark-offline": lambda: offline(lang="ar", dark=True),
    "offline-light": offline,
    "review-light": review,
    "review-picked-light": lambda: review(picked=0),
    "review-open-dark": lambda: review("o-10", 3, dark=True),
    "review-gone-light": lambda: review("o-11", 0),
    "review-arabic": lambda: review(lang="ar", picked=0),
    "review-open-arabic-dark": lambda: review("o-10", lang="ar", dark=True),
    "review-zoom-150-light": lambda: review("o-10", 0, zoom=1.5),
    "conflict-text-light": lambda: conflict(with_text=True),
    "conflict-light": conflict,
    "conflict-dark": lambda: conflict(dark=True),
    "undo-light": undo,
    "note-light": note,
    "note-dark": lambda: note(dark=True),
    "reconnecting-light": reconnecting,
    "signed-out-dark": lambda: signed_out(dark=True),
    "first-sync-light": first_sync,
    "empty-view-light": empty_view,
    "nothing-found-dark": lambda: nothing_found(dark=True),
    "many-light": many,
    "small-light": small,
    "zoom-150-light": lambda: everyday(zoom=1.5),
    "outbox-light": outbox,
    "life-light": life,
    "life-dark": lambda: life(4, dark=True),
    "life-arabic": lambda: life(5, lang="ar"),
    "new-booking-light": new_booking,
    "new-booking-dark": lambda: new_booking(dark=True),
    "new-booking-arabic": lambda: new_booking(lang="ar"),
    "palette-light": palette,
    "sheet-light": sheet,
    "sheet-arabic": lambda: sheet(lang="ar"),
    "press-light": press,
    "press-dark": lambda: press(dark=True),
    "press-arabic": lambda: press(lang="ar"),
    "account-light": account,
    "sign-in-light": sign_in,
    "sign-in-wrong-dark": lambda: sign_in("wrong", dark=True),
    "sign-in-unreachable-light": lambda: sign_in("unreachable"),
}
SCALED = {"scaled-150-dark": "console-dark", "scaled-125-light": "console-light"}
