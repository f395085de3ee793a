"""What the seeds' apps send and get: either spelling of every name, in and out (X-01, X-02, X-03, X-06)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from contract.actors import Lang, side_of
from contract.errors import Refusal
from contract.rows import Booking, Message

Text = str | None


class NewMessage(msgspec.Struct, frozen=True):
    """Body of POST /api/messages, /api/operator/messages and /api/messages/system. One of `bookingId` and
    `booking_id`, and one of `message`, `content` and `text`. Whatever else is sent is ignored: who speaks, and for
    which side, is known from the token."""

    booking_id: Text = None
    bookingId: Text = None  # noqa: N815  (the seeds' name)
    message: Text = None
    content: Text = None
    text: Text = None
    has_invoice: bool | None = None
    invoice_data: dict[str, Any] | None = None
    reply_to: Text = None
    id: Text = None
    """The message's id, made by the caller: sending it again cannot write twice. Also as `op_id` or as the header
    Idempotency-Key."""
    op_id: Text = None

    @property
    def booking(self) -> str:
        return required({"bookingId": self.bookingId, "booking_id": self.booking_id})

    @property
    def words(self) -> str:
        return required({"message": self.message, "content": self.content, "text": self.text})


class RemovedMessage(msgspec.Struct, frozen=True):
    """Body of DELETE /api/messages, for who does not put `id` into the query."""

    id: Text = None
    messageId: Text = None  # noqa: N815
    message_id: Text = None
    op_id: Text = None


class NewStatus(msgspec.Struct, frozen=True):
    """Body of PATCH and POST /api/bookings/status (B-04). `values` answer what the step asks, `reason` is short for
    the commonest of them."""

    status: str
    bookingId: Text = None  # noqa: N815
    booking_id: Text = None
    id: Text = None
    """The booking, for who calls it that."""
    reason: Text = None
    values: dict[str, str] = msgspec.field(default_factory=dict)
    expected_status: Text = None
    """The status the caller saw; another one standing is answered 409 `stale`."""
    op_id: Text = None

    @property
    def booking(self) -> str:
        return required({"bookingId": self.bookingId, "booking_id": self.booking_id, "id": self.id})


class NewBooking(msgspec.Struct, frozen=True):
    """Body of POST /api/bookings. `id`, made by the caller, becomes the booking's."""

    workflow: str
    customer_id: Text = None
    customer_name: Text = None
    customer_phone: Text = None
    provider_id: Text = None
    department: Text = None
    priority: int = 3
    title: str = ""
    place: Text = None
    scheduled_start: Text = None
    scheduled_end: Text = None
    lang: Lang | None = None
    """The customer's; left out, the one they have chosen before."""
    fields: dict[str, Any] = msgspec.field(default_factory=dict)
    code: Text = None
    message: Text = None
    content: Text = None
    id: Text = None
    op_id: Text = None


class SeedMessage(Message, frozen=True, kw_only=True):
    """A message with the seeds' other names for the same things."""

    content: str
    bookingId: str  # noqa: N815
    message_type: str
    """The kind: `text`, `system`, `note`, `invoice` … (B)."""
    is_agent: bool
    """Whether staff wrote it (E)."""


class SeedBooking(Booking, frozen=True, kw_only=True):
    """A booking with the seeds' other names for the same things."""

    bookingId: str  # noqa: N815
    booking_id: str
    booking_code: str


class MessageList(msgspec.Struct, frozen=True):
    messages: list[SeedMessage]
    """Oldest first."""
    booking_id: str
    bookingId: str  # noqa: N815
    more: bool
    """Whether there are further messages beyond this page, on the side it was asked from."""


class BookingList(msgspec.Struct, frozen=True):
    bookings: list[SeedBooking]
    """Newest change first."""
    more: bool


class BookingAnswer(msgspec.Struct, frozen=True):
    booking: SeedBooking


class StatusAnswer(msgspec.Struct, frozen=True):
    """What stands after the call, and the system message that says so."""

    booking: SeedBooking
    message: SeedMessage | None
    changed: bool
    """False when the status stood already."""


class BookingMade(msgspec.Struct, frozen=True):
    """What was made. `booking` and its welcome are None for a maker who may not see it."""

    id: str
    code: str
    booking: SeedBooking | None
    message: SeedMessage | None


class BookingLink(msgspec.Struct, frozen=True):
    """The customer's own way in. Whoever has it is the customer: hand it to nobody else."""

    url: str
    token: str


def required(spellings: Mapping[str, str | None]) -> str:
    """The first of the spellings that was sent; Refusal naming them all when none was."""
    for value in spellings.values():
        if value is not None:
            return value
    names = " or ".join(spellings)
    raise Refusal("invalid_payload", {"field": next(iter(spellings)), "problem": f"Send {names}"})


def seed_message(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `messages`, already cut to what the asker may see, as SeedMessage."""
    return dict(row) | {
        "content": row["message"],
        "bookingId": row["booking_id"],
        "message_type": row["kind"],
        "is_agent": side_of(row["sender_role"]) == "staff",
    }


def seed_booking(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `bookings`, likewise, as SeedBooking."""
    return dict(row) | {"bookingId": row["id"], "booking_id": row["id"], "booking_code": row["code"]}
