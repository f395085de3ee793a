"""What the windows need of the engine, as one interface: the live desk and the tests' paper desk both fit it."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from contract.actors import Lang
from contract.operations import CreateBooking
from contract.workflow import Workflow
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


@dataclass(frozen=True, slots=True)
class Person:
    """Someone a booking can be given to."""

    user_id: str
    name: str


class NotPossible(Exception):
    """What was asked cannot be done. `code` chooses the operator's words (`refused.<code>`); nothing was saved, so a
    text that was being sent must stay in its input."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


SignInTrouble = Literal["wrong_password", "unreachable", "refused", "unsent_elsewhere", "disk_full", "outbox_damaged"]


class SignInFailed(Exception):
    """`unsent_elsewhere`: `count` operations wait for the server that the message names. `disk_full`, `outbox_damaged`:
    the sign-in could not be kept here; nothing has changed."""

    def __init__(self, trouble: SignInTrouble, message: str, count: int = 0) -> None:
        super().__init__(message)
        self.trouble: SignInTrouble = trouble
        self.count = count


class UnsentWork(Exception):
    """Signing out would leave `count` operations behind."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} operations have not been sent")
        self.count = count


class DeskReading(Protocol):
    """Reads answer from the local store within milliseconds; only what may take long is awaited."""

    @property
    def changes(self) -> Changes: ...
    @property
    def workflows(self) -> Mapping[str, Workflow]: ...
    @property
    def link(self) -> LinkState: ...
    @property
    def me(self) -> Me | None: ...
    @property
    def work_offline(self) -> bool: ...

    async def views(self) -> list[ViewCount]: ...
    async def order(self, view_key: str, filter_text: str) -> "array[int]": ...
    def booking_lines(self, numbers: Sequence[int]) -> list[BookingLine]: ...
    def row_number(self, booking_id: str) -> int | None: ...
    def find_booking(self, id_or_code: str) -> str | None: ...
    def conversation(self, booking_id: str, limit: int) -> Conversation: ...
    def line(self, booking_id: str, message_id: str) -> MessageLine | None: ...
    def companions(self, booking_id: str) -> Sequence[Companion]: ...
    def detail(self, booking_id: str) -> BookingDetail | None: ...
    def draft(self, booking_id: str, note: bool) -> str: ...
    def unfinished_edit(self, booking_id: str) -> UnfinishedEdit | None: ...
    def life_line(self, op_id: str) -> LifeLine | None: ...
    def outbox_lines(self, lang: Lang) -> list[OutboxLine]: ...
    def people(self) -> list[Person]: ...


class DeskWriting(Protocol):
    """Every call commits to disk before it returns, or raises NotPossible."""

    def create_booking(self, asked: CreateBooking) -> str: ...
    def send_message(self, booking_id: str, text: str, note: bool) -> str: ...
    def edit_message(self, booking_id: str, message_id: str, text: str) -> None: ...
    def remove_message(self, booking_id: str, message_id: str) -> None: ...
    def press(self, booking_id: str, transition: str, values: Mapping[str, str]) -> str: ...
    def undo_press(self, op_id: str) -> bool: ...
    def assign(self, booking_id: str, user_id: str | None) -> None: ...
    def save_draft(self, booking_id: str, text: str, note: bool) -> None: ...
    def save_edit(self, booking_id: str, edit: UnfinishedEdit | None) -> None: ...
    def mark_read(self, booking_id: str, position: int) -> None: ...
    def retry(self, op_id: str) -> None: ...
    def edit_queued(self, op_id: str, text: str) -> None: ...
    def discard(self, op_id: str) -> str: ...
    def discard_line(self, op_id: str) -> str: ...
    def decide(self, op_id: str, choice: Choice, values: Mapping[str, str]) -> None: ...


class DeskLink(Protocol):
    """The connection and the session."""

    def set_open(self, booking_id: str | None) -> None: ...
    def set_typing(self, typing: bool) -> None: ...
    def load_older(self, booking_id: str) -> None: ...
    def set_work_offline(self, on: bool) -> None: ...
    def try_now(self) -> None: ...
    async def sign_in(self, email: str, password: str) -> None:
        """Raises SignInFailed."""

    async def sign_out(self, force: bool) -> None:
        """Raises UnsentWork, and NotPossible (disk_full, outbox_damaged): the person is still signed in then."""


class DeskPort(DeskReading, DeskWriting, DeskLink, Protocol):
    """All three."""
