"""The rows of the published tables, with the seeds' names. Moments are text (see moments), ids UUID text."""

from typing import Any, Literal

import msgspec

MessageKind = Literal["text", "system", "note", "invoice", "file", "event"]
Texts = dict[str, str]
"""A text in several languages: {"en": …, "ar": …}."""


class Booking(msgspec.Struct, frozen=True, omit_defaults=False):
    """The one aggregate: a protection order, job, appointment or support session is a workflow of it."""

    id: str
    code: str
    workflow: str
    status: str
    version: int
    """1 at creation, +1 for every change of this row by an operation; what `expect` compares."""
    customer_id: str | None = None
    customer_name: str = ""
    customer_phone: str | None = None
    provider_id: str | None = None
    assignee_id: str | None = None
    assignee_name: str | None = None
    department: str | None = None
    created_by: str | None = None
    priority: int = 3
    """1 (most urgent) to 4."""
    title: str = ""
    place: str | None = None
    scheduled_start: str | None = None
    scheduled_end: str | None = None
    lang: str = "en"
    """The customer's language: what system messages are written in."""
    fields: dict[str, Any] = msgspec.field(default_factory=dict)
    created_at: str = ""
    updated_at: str = ""
    status_since: str = ""
    op_id: str | None = None


class Message(msgspec.Struct, frozen=True):
    """One line of a conversation. Seed A's columns first (A-01), then what the other seeds add."""

    id: str
    booking_id: str
    sender_type: str
    """'client', 'operator' or 'system'."""
    sender_id: str | None
    message: str
    created_at: str
    has_invoice: bool = False
    invoice_data: dict[str, Any] | None = None
    position: int = 0
    """Order within the conversation: the server's, rising, with gaps. Never a client's clock."""
    kind: MessageKind = "text"
    sender_role: str = "customer"
    sender_name: str = ""
    texts: Texts | None = None
    """A system message in every language its workflow has; `message` is in the customer's."""
    reply_to: str | None = None
    client_created_at: str | None = None
    edited_at: str | None = None
    deleted_at: str | None = None
    """Set on a tombstone (X-14): `message` is then empty for everyone but admins."""
    deleted_by: str | None = None
    op_id: str | None = None


class StatusChange(msgspec.Struct, frozen=True):
    """One step of a booking's history; `version` is the booking's after it."""

    id: str
    booking_id: str
    version: int
    from_status: str | None
    to_status: str
    transition: str | None
    actor_id: str | None
    actor_name: str
    reason: str | None
    at: str
    op_id: str | None = None


class Receipt(msgspec.Struct, frozen=True):
    """How far one participant's devices have a conversation (delivered) and its eyes have it (read)."""

    id: str
    """`{booking_id}:{user_id}`."""
    booking_id: str
    user_id: str
    side: str
    delivered_position: int = 0
    read_position: int = 0
    delivered_at: str | None = None
    read_at: str | None = None


class Profile(msgspec.Struct, frozen=True):
    """What others may know of a person. Never an address, never a secret."""

    id: str
    name: str
    role: str
    lang: str = "en"
    departments: list[str] = msgspec.field(default_factory=list)
    created_at: str = ""
    disabled_at: str | None = None


ROW_TYPES: dict[str, type[msgspec.Struct]] = {
    "bookings": Booking,
    "messages": Message,
    "status_history": StatusChange,
    "receipts": Receipt,
    "profiles": Profile,
}
"""The tables that our own clients hold, and the shape of a row of each. The server publishes more to others' apps."""
