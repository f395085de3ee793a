"""The engine as the windows see it: every call goes to one query or one intent; errors become the windows' own."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from contract.actors import DESK, Lang
from contract.operations import CreateBooking
from contract.workflow import Workflow
from desktop.intents.assign import assign
from desktop.intents.context import IntentRefused, intent_context
from desktop.intents.create_booking import create_booking
from desktop.intents.decide import decide
from desktop.intents.desk_port import NotPossible, Person, SignInFailed, UnsentWork
from desktop.intents.discard import discard
from desktop.intents.discard_line import discard_line
from desktop.intents.edit_message import edit_message
from desktop.intents.edit_queued import edit_queued
from desktop.intents.load_older import load_older
from desktop.intents.mark_read import mark_read
from desktop.intents.press_transition import press_transition
from desktop.intents.remove_message import remove_message
from desktop.intents.retry import retry
from desktop.intents.save_draft import draft, save_draft
from desktop.intents.save_edit import save_edit, unfinished_edit
from desktop.intents.send_message import send_message
from desktop.intents.undo_press import undo_press
from desktop.network.errors import NetworkError, Refused, Unreachable
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
    UnfinishedEdit,
    ViewCount,
)
from desktop.state.overtaken import Choice
from desktop.store.errors import Damaged, DiskFull, OutboxDamaged, Unavailable
from desktop.sync import session
from desktop.sync.desk import Desk

T = TypeVar("T")


class LiveDesk:
    """Fits desk_port.DeskPort. Nobody signed in, or the cache still another's: every list is empty."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._context = intent_context(desk)

    # --- reading -----------------------------------------------------------------------------------------------------

    @property
    def changes(self) -> Changes:
        return self._desk.changes

    @property
    def workflows(self) -> Mapping[str, Workflow]:
        return self._desk.workflows

    @property
    def link(self) -> LinkState:
        return self._desk.link

    @property
    def me(self) -> Me | None:
        return self._desk.me

    @property
    def work_offline(self) -> bool:
        return self._desk.work_offline

    async def views(self) -> list[ViewCount]:
        me = self._desk.sight
        new = list(self._desk.reader.new_bookings().values())
        if me is None:
            return []
        try:
            return await self._desk.worker.views(me, new)
        except Damaged as error:
            self._desk.reader.on_damage(error)
            return []

    async def order(self, view_key: str, filter_text: str) -> "array[int]":
        me = self._desk.sight
        if me is None:
            return array("q")
        try:
            stored = await self._desk.worker.order(view_key, filter_text, me)
        except Damaged as error:
            self._desk.reader.on_damage(error)  # once the cache is mended, everything is asked for anew
            stored = array("q")
        # Looked up last: what has just been stored must not stand there twice.
        return self._desk.reader.new_rows(view_key, filter_text, me) + stored

    def booking_lines(self, numbers: Sequence[int]) -> list[BookingLine]:
        me = self._desk.sight
        return self._desk.reader.booking_lines(numbers, me) if me else []

    def row_number(self, booking_id: str) -> int | None:
        return self._desk.reader.row_number(booking_id) if self._desk.sight else None

    def find_booking(self, id_or_code: str) -> str | None:
        return self._desk.reader.find_booking(id_or_code) if self._desk.sight else None

    def conversation(self, booking_id: str, limit: int) -> Conversation:
        me = self._desk.sight
        if me is None:
            return Conversation(booking_id, (), None, more=False)
        return self._desk.reader.conversation(booking_id, me, limit)

    def line(self, booking_id: str, message_id: str) -> MessageLine | None:
        """As the conversation shows it, however old; None where it is not here."""
        me = self._desk.sight
        return self._desk.reader.line(booking_id, message_id, me) if me else None

    def companions(self, booking_id: str) -> Sequence[Companion]:
        return self._desk.companionship.companions(booking_id)

    def detail(self, booking_id: str) -> BookingDetail | None:
        me = self._desk.sight
        return self._desk.reader.detail(booking_id, me) if me else None

    def draft(self, booking_id: str, note: bool) -> str:
        if self.me is None:
            return ""
        return self._kept(lambda: draft(self._context, booking_id, "note" if note else "text"), "")

    def unfinished_edit(self, booking_id: str) -> UnfinishedEdit | None:
        return self._kept(lambda: unfinished_edit(self._context, booking_id), None) if self.me else None

    def life_line(self, op_id: str) -> LifeLine | None:
        me = self._desk.sight
        return self._desk.reader.life_line(op_id, me) if me else None

    def outbox_lines(self, lang: Lang) -> list[OutboxLine]:
        """In the window's language, which need not be the person's."""
        me = self._desk.sight
        return self._desk.reader.outbox_lines(replace(me, lang=lang)) if me else []

    def people(self) -> list[Person]:
        people = self._desk.reader.people() if self._desk.sight else []
        return [Person(found.id, found.name) for found in people if found.role in DESK]

    # --- writing -----------------------------------------------------------------------------------------------------

    def create_booking(self, asked: CreateBooking) -> str:
        return self._done(lambda: create_booking(self._context, asked))

    def send_message(self, booking_id: str, text: str, note: bool) -> str:
        return self._done(lambda: send_message(self._context, booking_id, text, "note" if note else "text"))

    def edit_message(self, booking_id: str, message_id: str, text: str) -> None:
        self._done(lambda: edit_message(self._context, booking_id, message_id, text))

    def remove_message(self, booking_id: str, message_id: str) -> None:
        self._done(lambda: remove_message(self._context, booking_id, message_id))

    def press(self, booking_id: str, transition: str, values: Mapping[str, str]) -> str:
        return self._done(lambda: press_transition(self._context, booking_id, transition, values))

    def undo_press(self, op_id: str) -> bool:
        return self._done(lambda: undo_press(self._context, op_id))

    def assign(self, booking_id: str, user_id: str | None) -> None:
        self._done(lambda: assign(self._context, booking_id, user_id))

    def save_draft(self, booking_id: str, text: str, note: bool) -> None:
        if self.me is not None:
            self._done(lambda: save_draft(self._context, booking_id, text, "note" if note else "text"))

    def save_edit(self, booking_id: str, edit: UnfinishedEdit | None) -> None:
        if self.me is not None:
            self._done(lambda: save_edit(self._context, booking_id, edit))

    def mark_read(self, booking_id: str, position: int) -> None:
        self._done(lambda: mark_read(self._context, booking_id, position))

    def retry(self, op_id: str) -> None:
        self._done(lambda: retry(self._context, op_id))

    def edit_queued(self, op_id: str, text: str) -> None:
        self._done(lambda: edit_queued(self._context, op_id, text))

    def discard(self, op_id: str) -> str:
        return self._done(lambda: discard(self._context, op_id))

    def discard_line(self, op_id: str) -> str:
        return self._done(lambda: discard_line(self._context, op_id))

    def decide(self, op_id: str, choice: Choice, values: Mapping[str, str]) -> None:
        self._done(lambda: decide(self._context, op_id, choice, values))

    # --- link --------------------------------------------------------------------------------------------------------

    def set_open(self, booking_id: str | None) -> None:
        self._desk.set_open(booking_id)

    def set_typing(self, typing: bool) -> None:
        self._desk.companionship.set_typing(typing)

    def load_older(self, booking_id: str) -> None:
        load_older(self._context, booking_id)

    def set_work_offline(self, on: bool) -> None:
        self._desk.set_work_offline(on)

    def try_now(self) -> None:
        self._desk.try_now()

    async def sign_in(self, email: str, password: str) -> None:
        damage = self._desk.outbox_care.damage
        if damage is not None:
            raise SignInFailed("outbox_damaged", str(damage))
        try:
            await self._desk.sign_in(email, password)
        except Unreachable as error:
            raise SignInFailed("unreachable", str(error)) from error
        except Refused as error:
            wrong = error.code in ("invalid_credentials", "invalid_grant")
            raise SignInFailed("wrong_password" if wrong else "refused", error.message) from error
        except NetworkError as error:
            raise SignInFailed("refused", str(error)) from error
        except (DiskFull, Unavailable) as error:
            raise SignInFailed("disk_full", str(error)) from error
        except OutboxDamaged as error:
            self._desk.outbox_care.found(error)
            raise SignInFailed("outbox_damaged", str(error)) from error

    async def sign_out(self, force: bool) -> None:
        self._need_outbox()
        try:
            await self._desk.sign_out(force=force)
        except session.UnsentWork as error:
            raise UnsentWork(error.count) from error
        except (DiskFull, Unavailable) as error:
            raise NotPossible("disk_full", str(error)) from error
        except OutboxDamaged as error:
            self._desk.outbox_care.found(error)
            raise NotPossible("outbox_damaged", str(error)) from error

    # --- inside ------------------------------------------------------------------------------------------------------

    def _done(self, action: Callable[[], T]) -> T:
        """What the intent gives; its refusals, a full disk, a file that another program holds and a damaged outbox as
        NotPossible."""
        self._need_outbox()
        try:
            return action()
        except IntentRefused as error:
            raise NotPossible(error.code, error.message) from error
        except DiskFull as error:
            raise NotPossible("disk_full", str(error)) from error
        except Unavailable as error:
            raise NotPossible("unavailable", str(error)) from error
        except OutboxDamaged as error:
            self._desk.outbox_care.found(error)
            raise NotPossible("outbox_damaged", str(error)) from error

    def _need_outbox(self) -> None:
        damage = self._desk.outbox_care.damage
        if damage is not None:
            raise NotPossible("outbox_damaged", str(damage))

    def _kept(self, question: Callable[[], T], otherwise: T) -> T:
        """What the outbox says, or `otherwise` where it is damaged."""
        try:
            return question()
        except OutboxDamaged as error:
            self._desk.outbox_care.found(error)
            return otherwise
