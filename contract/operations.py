"""Operations, the one way to write: what a click, a request or a script becomes, whichever door it came through."""

import hashlib
from typing import Any, Literal

import msgspec

OperationKind = Literal[
    "booking.create",
    "booking.transition",
    "booking.set_status",
    "booking.assign",
    "booking.rate",
    "message.send",
    "message.edit",
    "message.remove",
    "message.system",
    "technician.verify",
    "bid.place",
    "bid.accept",
    "bid.decline",
    "bid.withdraw",
    "notification.read",
]
ABOUT_NO_BOOKING: frozenset[OperationKind] = frozenset({"booking.create", "technician.verify", "notification.read"})
MAX_TEXT = 8_000
"""Characters in one message."""
MAX_BATCH = 50
"""Operations in one request."""
MAX_REHEARSED = 200
"""Operations in one rehearsal."""
BEST_RATING = 5
"""Stars; 1 is the worst."""
MAX_DEPTH = 16
"""Objects and lists within each other in a payload's open parts (fields, invoice)."""


class Expect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The precondition: what the actor saw. A field left out is not compared."""

    version: int | None = None
    status: str | None = None


class Operation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """`op_id` is made at the click and never again: every retry carries the same. It is also the id of the row
    that the operation creates (a message, a booking), so that echo and original cannot be two."""

    op_id: str
    kind: OperationKind
    booking_id: str | None = None
    """A booking's id or code; None only for kinds of ABOUT_NO_BOOKING."""
    payload: msgspec.Raw = msgspec.Raw(b"{}")
    expect: Expect | None = None
    created_at: str | None = None
    """The client's clock, for display and audit; never for order."""


class CreateBooking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The new booking's id is the operation's. Staff name the customer; a customer is always its own."""

    workflow: str
    customer_id: str | None = None
    customer_name: str | None = None
    customer_phone: str | None = None
    provider_id: str | None = None
    department: str | None = None
    priority: int = 3
    title: str = ""
    place: str | None = None
    scheduled_start: str | None = None
    scheduled_end: str | None = None
    lang: Literal["en", "ar"] | None = None
    fields: dict[str, Any] = msgspec.field(default_factory=dict)
    code: str | None = None
    """Only staff may choose one; otherwise the server makes it."""
    message: str | None = None
    """The first message, posted with it (E-51)."""


class PressTransition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A status button. `values` answers what the transition asks, for instance {"reason": …}."""

    transition: str
    values: dict[str, str] = msgspec.field(default_factory=dict)


class SetStatus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The seeds' way to press a button: by the status wanted (B-04). Becomes the transition that leads there."""

    status: str
    values: dict[str, str] = msgspec.field(default_factory=dict)


class Assign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Gives a booking to a person at the desk, or back to the queue with None. `provider_id` likewise in the field."""

    assignee_id: str | msgspec.UnsetType | None = msgspec.UNSET
    provider_id: str | msgspec.UnsetType | None = msgspec.UNSET
    department: str | msgspec.UnsetType | None = msgspec.UNSET


class RateBooking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the customer says of it once it is over (E-15). What is left out stays as it is."""

    rating: int | msgspec.UnsetType = msgspec.UNSET
    """1 to BEST_RATING."""
    feedback: str | msgspec.UnsetType = msgspec.UNSET


class SendMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A line to the other side, or with kind `note` one that only staff see. The message's id is the operation's."""

    text: str
    kind: Literal["text", "note", "invoice"] = "text"
    reply_to: str | None = None
    invoice: dict[str, Any] | None = None


class EditMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    message_id: str
    text: str


class RemoveMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Leaves a tombstone in place (X-14)."""

    message_id: str


class SystemMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A status line written by hand through the seeds' door (B-02). Staff only."""

    text: str
    texts: dict[str, str] | None = None


class VerifyTechnician(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Says that a technician is who they say, or takes it back. Only verified ones may bid."""

    technician_id: str
    is_verified: bool = True


class PlaceBid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A technician's offer for a job. The bid's id is the operation's; the next on that job changes it."""

    amount: float
    currency: str | None = None
    """Three letters (ISO 4217); left out, the business's own."""
    message: str = ""


class AnswerBid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Accepts, declines or withdraws a bid; accepting one declines the others."""

    bid_id: str


class ReadNotification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One's own notification has been read."""

    notification_id: str


Payload = (
    CreateBooking
    | PressTransition
    | SetStatus
    | Assign
    | RateBooking
    | SendMessage
    | EditMessage
    | RemoveMessage
    | SystemMessage
    | VerifyTechnician
    | PlaceBid
    | AnswerBid
    | ReadNotification
)
PAYLOADS: dict[str, type[msgspec.Struct]] = {
    "booking.create": CreateBooking,
    "booking.transition": PressTransition,
    "booking.set_status": SetStatus,
    "booking.assign": Assign,
    "booking.rate": RateBooking,
    "message.send": SendMessage,
    "message.edit": EditMessage,
    "message.remove": RemoveMessage,
    "message.system": SystemMessage,
    "technician.verify": VerifyTechnician,
    "bid.place": PlaceBid,
    "bid.accept": AnswerBid,
    "bid.decline": AnswerBid,
    "bid.withdraw": AnswerBid,
    "notification.read": ReadNotification,
}
_decoders = {kind: msgspec.json.Decoder(shape) for kind, shape in PAYLOADS.items()}
_encode_sorted = msgspec.json.Encoder(order="sorted").encode
_encode = msgspec.json.Encoder().encode


def read_payload(operation: Operation) -> Any:
    """The payload in its kind's shape; raises msgspec.ValidationError where it does not fit."""
    try:
        payload = _decoders[operation.kind].decode(operation.payload)
    except RecursionError as error:
        raise msgspec.ValidationError("Nested too deeply") from error
    for name in ("fields", "invoice"):
        if not _fits(getattr(payload, name, None), MAX_DEPTH):
            raise msgspec.ValidationError(f"Nested deeper than {MAX_DEPTH} - at `$.{name}`")
    return payload


def _fits(value: Any, depth: int) -> bool:
    if not isinstance(value, (dict, list)):
        return True
    return depth > 0 and all(_fits(item, depth - 1) for item in (value.values() if isinstance(value, dict) else value))


def write_payload(payload: Payload) -> msgspec.Raw:
    """A payload as an operation carries it."""
    return msgspec.Raw(_encode(payload))


def operation_hash(operation: Operation, payload: Payload | None = None) -> bytes:
    """SHA-256 over what the operation means, not how it was spelled: key order and spacing do not count. `payload` is
    the operation's own, for those who have read it already."""
    read = read_payload(operation) if payload is None else payload
    meaning = [operation.kind, operation.booking_id, read, operation.expect]
    return hashlib.sha256(_encode_sorted(meaning)).digest()
