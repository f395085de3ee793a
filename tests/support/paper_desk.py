"""A desk made of plain values: what the windows need of the engine, without store or network."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from time import time

import msgspec

from contract.actors import Lang
from contract.delivery import Delivery
from contract.operations import CreateBooking
from contract.rows import Booking
from contract.workflow import Workflow, buttons
from desktop.intents.desk_port import NotPossible, Person, UnsentWork
from desktop.state.changes import Changes
from desktop.state.life_line import LifeLine
from desktop.state.lines import (
    BookingDetail,
    BookingLine,
    Companion,
    Conversation,
    LinkState,
    Me,
    MessageLine,
    OutboxLine,
    PendingPress,
    UnfinishedEdit,
    ViewCount,
)
from desktop.state.overtaken import Choice, ConflictCard
from tests.support import sample_desk_data as sample
from tests.support import sample_talk as talk


class PaperDesk:
    """Answers from lists and writes down in `asked` what was asked of it. Offline it queues; nothing is ever sent."""

    def __init__(self, workflows: Mapping[str, Workflow], lines: Sequence[BookingLine] | None = None) -> None:
        self.changes = Changes()
        self.workflows = workflows
        self.link = LinkState(phase="live", latency_ms=41.0, cursor=88213, head=88213, as_of=sample.NOW)
        self.me: Me | None = sample.ME
        self.work_offline = False
        self.lines = list(sample.booking_lines() if lines is None else lines)
        self.counts = sample.views()
        self.messages: dict[str, list[MessageLine]] = {"b-249": talk.omars_lines()}
        self.older: dict[str, list[MessageLine]] = {}
        self.unread_from: dict[str, int] = {"b-249": 110}
        self.pending: dict[str, list[PendingPress]] = {}
        self.conflicts: dict[str, list[ConflictCard]] = {}
        self.outbox: list[OutboxLine] = []
        self.drafts: dict[tuple[str, bool], str] = {}
        self.edits: dict[str, UnfinishedEdit | None] = {}
        self.lives: dict[str, LifeLine] = {}
        self.who: dict[str, Sequence[Companion]] = {}
        self.only_here: set[str] = set()
        self.bookings: dict[str, Booking] = {"b-249": talk.omars_booking()}
        self.asked: list[tuple[object, ...]] = []
        self.refuse: NotPossible | None = None
        self.on_decide: Callable[[str], None] = lambda op_id: None
        """What a decision leads to besides being written down."""
        self._numbers = count(1)

    # --- reading -----------------------------------------------------------------------------------------------------

    async def views(self) -> list[ViewCount]:
        return self.counts

    async def order(self, view_key: str, filter_text: str) -> "array[int]":
        wanted = filter_text.casefold()
        return array(
            "q",
            (
                number
                for number, line in enumerate(self.lines)
                if self._in_view(line, view_key)
                and wanted in f"{line.customer_name} {line.code} {line.last_text}".casefold()
            ),
        )

    def _in_view(self, line: BookingLine, key: str) -> bool:
        if key.startswith("status:"):
            return f"status:{line.workflow}:{line.status}" == key
        me = self.me.user_id if self.me else ""
        return {
            "needs_answer": line.needs_answer,
            "mine": line.assignee_id == me,
            "unassigned": line.assignee_id is None,
        }.get(key, True)

    def booking_lines(self, numbers: Sequence[int]) -> list[BookingLine]:
        return [self.lines[number] for number in numbers if number < len(self.lines)]

    def row_number(self, booking_id: str) -> int | None:
        return next((number for number, line in enumerate(self.lines) if line.id == booking_id), None)

    def find_booking(self, id_or_code: str) -> str | None:
        return next((line.id for line in self.lines if id_or_code in (line.id, line.code)), None)

    def conversation(self, booking_id: str, limit: int) -> Conversation:
        lines = self.messages.get(booking_id, [])
        more = len(lines) > limit or bool(self.older.get(booking_id))
        return Conversation(booking_id, tuple(lines[-limit:]), self.unread_from.get(booking_id), more)

    def line(self, booking_id: str, message_id: str) -> MessageLine | None:
        return next((line for line in self.messages.get(booking_id, []) if line.id == message_id), None)

    def companions(self, booking_id: str) -> Sequence[Companion]:
        return self.who.get(booking_id, ())

    def detail(self, booking_id: str) -> BookingDetail | None:
        number = self.row_number(booking_id)
        if number is None:
            return None
        line = self.lines[number]
        booking = self.bookings.get(booking_id) or talk.omars_booking(id=line.id, code=line.code)
        booking = _with_line(booking, line)
        pending = tuple(self.pending.get(booking_id, ()))
        status = pending[-1].to_status if pending else booking.status
        role = self.me.role if self.me else "customer"
        names = tuple(name for name, _ in buttons(self.workflows[booking.workflow], status, role))
        conflicts = tuple(self.conflicts.get(booking_id, ()))
        history = talk.omars_history() if booking_id == "b-249" else ()
        then = status if status != booking.status else None
        new = booking_id in self.only_here
        return BookingDetail(booking, history, names, pending, conflicts, True, pending_status=then, only_here=new)

    def draft(self, booking_id: str, note: bool) -> str:
        return self.drafts.get((booking_id, note), "")

    def unfinished_edit(self, booking_id: str) -> UnfinishedEdit | None:
        return self.edits.get(booking_id)

    def life_line(self, op_id: str) -> LifeLine | None:
        return self.lives.get(op_id)

    def outbox_lines(self, lang: Lang) -> list[OutboxLine]:
        return self.outbox

    def people(self) -> list[Person]:
        return [Person(*person) for person in sample.PEOPLE]

    # --- writing -----------------------------------------------------------------------------------------------------

    def create_booking(self, asked: CreateBooking) -> str:
        booking_id = self._ask("create_booking", asked)
        name, code = asked.customer_name or "", ""
        self.only_here.add(booking_id)
        self.lines.append(replace(self.lines[0], id=booking_id, code=code, customer_name=name, status="pending"))
        self.changes.bookings_changed(frozenset({booking_id}))
        return booking_id

    def send_message(self, booking_id: str, text: str, note: bool) -> str:
        op_id = self._ask("send_message", booking_id, text, note)
        at = sample.ago(0)
        kind = "note" if note else "text"
        line = talk.message(
            900 + len(self.asked),
            "staff",
            text,
            0,
            id=op_id,
            booking_id=booking_id,
            at=at,
            position=None,
            delivery=Delivery.QUEUED,
            op_id=op_id,
            kind=kind,
        )
        self.messages.setdefault(booking_id, []).append(line)
        self.changes.conversation_changed(booking_id)
        return op_id

    def edit_message(self, booking_id: str, message_id: str, text: str) -> None:
        self._ask("edit_message", booking_id, message_id, text)

    def remove_message(self, booking_id: str, message_id: str) -> None:
        self._ask("remove_message", booking_id, message_id)

    def press(self, booking_id: str, transition: str, values: Mapping[str, str]) -> str:
        op_id = self._ask("press", booking_id, transition, dict(values))
        number = self.row_number(booking_id)
        assert number is not None
        to_status = self.workflows[self.lines[number].workflow].transitions[transition].to
        press = PendingPress(op_id, transition, to_status, sample.ago(0), Delivery.QUEUED, time() + 5)
        self.pending.setdefault(booking_id, []).append(press)
        self.lines[number] = replace(self.lines[number], pending_status=to_status, queued=1)
        self.changes.bookings_changed(frozenset({booking_id}))
        return op_id

    def undo_press(self, op_id: str) -> bool:
        self._ask("undo_press", op_id)
        for booking_id, presses in self.pending.items():
            kept = [press for press in presses if press.op_id != op_id]
            if len(kept) < len(presses):
                self.pending[booking_id] = kept
                number = self.row_number(booking_id)
                assert number is not None
                self.lines[number] = replace(self.lines[number], pending_status=None, queued=0)
                self.changes.bookings_changed(frozenset({booking_id}))
                return True
        return False

    def assign(self, booking_id: str, user_id: str | None) -> None:
        self._ask("assign", booking_id, user_id)
        number = self.row_number(booking_id)
        assert number is not None
        name = dict(sample.PEOPLE).get(user_id or "")
        self.lines[number] = replace(self.lines[number], assignee_id=user_id, assignee_name=name)
        self.changes.bookings_changed(frozenset({booking_id}))

    def save_draft(self, booking_id: str, text: str, note: bool) -> None:
        self._ask("save_draft", booking_id, text, note)
        self.drafts[booking_id, note] = text

    def save_edit(self, booking_id: str, edit: UnfinishedEdit | None) -> None:
        self._ask("save_edit", booking_id, edit)
        self.edits[booking_id] = edit

    def mark_read(self, booking_id: str, position: int) -> None:
        self._ask("mark_read", booking_id, position)

    def retry(self, op_id: str) -> None:
        self._ask("retry", op_id)

    def edit_queued(self, op_id: str, text: str) -> None:
        self._ask("edit_queued", op_id, text)

    def discard(self, op_id: str) -> str:
        self._ask("discard", op_id)
        return ""

    def discard_line(self, op_id: str) -> str:
        self._ask("discard_line", op_id)
        return ""

    def decide(self, op_id: str, choice: Choice, values: Mapping[str, str]) -> None:
        self._ask("decide", op_id, choice, dict(values))
        self.on_decide(op_id)

    def _ask(self, *what: object) -> str:
        if self.refuse is not None:
            raise self.refuse
        self.asked.append(what)
        return f"op-{next(self._numbers)}"

    # --- link --------------------------------------------------------------------------------------------------------

    def become(self, **changed: object) -> None:
        """Another state of the connection, told as the engine tells it."""
        self.link = replace(self.link, **changed)  # type: ignore[arg-type]
        self.changes.link_changed(self.link)

    def set_open(self, booking_id: str | None) -> None:
        self.asked.append(("set_open", booking_id))

    def set_typing(self, typing: bool) -> None:
        self.asked.append(("set_typing", typing))

    def load_older(self, booking_id: str) -> None:
        self.asked.append(("load_older", booking_id))

    def set_work_offline(self, on: bool) -> None:
        self.work_offline = on
        self.become(phase="work_offline" if on else "live")

    def try_now(self) -> None:
        self.asked.append(("try_now",))

    async def sign_in(self, email: str, password: str) -> None:
        self.asked.append(("sign_in", email))

    async def sign_out(self, force: bool) -> None:
        if self.outbox and not force:
            raise UnsentWork(len(self.outbox))
        if self.refuse is not None:
            raise self.refuse
        self.me = None
        self.changes.session_changed(None)


def _with_line(booking: Booking, line: BookingLine) -> Booking:
    """The booking as its row in the list says it is."""
    return msgspec.structs.replace(
        booking,
        workflow=line.workflow,
        status=line.status,
        customer_name=line.customer_name,
        assignee_id=line.assignee_id,
        assignee_name=line.assignee_name,
        priority=line.priority,
    )
