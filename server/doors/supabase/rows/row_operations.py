"""What somebody means who writes a row: the operations of ours that do it, or a refusal that says what can be done."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from contract.errors import Refusal
from contract.ids import canonical_id, new_id
from contract.operations import (
    AnswerBid,
    Assign,
    CreateBooking,
    EditMessage,
    Operation,
    OperationKind,
    Payload,
    PlaceBid,
    ReadNotification,
    RemoveMessage,
    SendMessage,
    SetStatus,
    SystemMessage,
    VerifyTechnician,
    write_payload,
)
from server.doors.supabase.column_types import COLUMN_TYPES, own_name
from server.doors.supabase.rows.relations import Source
from server.store.tables import bids, bookings, messages, notifications, technicians

Row = Mapping[str, Any]
_OFFERED = ("amount", "currency", "message")
_ANSWERS: Mapping[str, OperationKind] = {
    "accepted": "bid.accept",
    "declined": "bid.decline",
    "withdrawn": "bid.withdraw",
}
_ASSIGNED = ("assignee_id", "provider_id", "department")
CHANGEABLE: Mapping[str, tuple[str, ...]] = {
    bookings.name: ("status", *_ASSIGNED),
    messages.name: ("message",),
    technicians.name: ("is_verified",),
    bids.name: ("status", *_OFFERED),
    notifications.name: ("is_read", "read_at"),
}
_CREATION = CreateBooking.__struct_fields__


def named(source: Source, row: Row) -> dict[str, Any]:
    """The row by the source's own column names; raises Refusal for a column that is not there."""
    found = {_own_name(source, name): value for name, value in row.items()}
    extra = {"message"} if source is bookings else set()
    unknown = sorted(found.keys() - COLUMN_TYPES[source.name].keys() - extra)
    if unknown:
        problem = f"Could not find the '{unknown[0][:64]}' column of '{source.name}' in the schema cache"
        raise Refusal("invalid_payload", {"code": "PGRST204", "problem": problem})
    return found


def _own_name(source: Source, name: str) -> str:
    """The seeds' other names; `bookingId` is one that is only written."""
    return "booking_id" if source is messages and name == "bookingId" else own_name(source.name, name)


def insertion(table: sa.Table, row: Row) -> Operation:
    """Columns that are the server's to fill in (who sent it, when) are taken from the token and the clock, whatever
    the row says of them."""
    op_id = _id_of(row)
    if table is messages and "system" in (row.get("kind"), row.get("sender_type")):
        payload = built(SystemMessage, text=row.get("message"))
        return operation(op_id, "message.system", _text(row.get("booking_id")), payload)
    if table is messages:
        invoice = row.get("invoice_data") or {}
        kind = "invoice" if row.get("has_invoice") or row.get("invoice_data") else row.get("kind") or "text"
        payload = built(SendMessage, text=row.get("message"), kind=kind, reply_to=row.get("reply_to"),
                         invoice=invoice if kind == "invoice" else None)  # fmt: skip
        return operation(op_id, "message.send", _text(row.get("booking_id")), payload)
    if table is bookings:
        given = {name: value for name, value in row.items() if name in _CREATION and value is not None}
        return operation(op_id, "booking.create", None, built(CreateBooking, **given))
    if table is bids:
        return operation(op_id, "bid.place", _text(row.get("booking_id")), _offer(row))
    raise not_written(table, "added")


def change(table: sa.Table, now: Row, values: Row) -> list[Operation]:
    """None where the row stands like that already: an operation is kept for good, and a request may name many rows.
    Raises Refusal for columns that are no one's to set."""
    may = CHANGEABLE.get(table.name)
    if may is None:
        raise not_written(table, "changed")
    check_columns(table.name, may, now, values)
    return list(_CHANGES[table.name](now, values))


def check_columns(table: str, may: tuple[str, ...], now: Row, values: Row) -> None:
    """Raises Refusal `forbidden` for another value in a column that is not of those that may be set."""
    fixed = sorted(name for name in values if name not in may and values[name] != now.get(name))
    if fixed:
        problem = f"column {table}.{fixed[0][:64]} cannot be set; these can: {', '.join(may)}"
        raise Refusal("forbidden", {"problem": problem})


def _of_booking(now: Row, values: Row) -> Iterator[Operation]:
    assigned = {name: values[name] for name in _ASSIGNED if name in values and values[name] != now[name]}
    if assigned:
        yield operation(new_id(), "booking.assign", now["id"], built(Assign, **assigned))
    if "status" in values and values["status"] != now["status"]:
        status = built(SetStatus, status=str(values["status"]).strip().lower())
        yield operation(new_id(), "booking.set_status", now["id"], status)


def _of_message(now: Row, values: Row) -> Iterator[Operation]:
    if values.get("message", now["message"]) != now["message"]:
        payload = built(EditMessage, message_id=now["id"], text=values["message"])
        yield operation(new_id(), "message.edit", now["booking_id"], payload)


def _of_technician(now: Row, values: Row) -> Iterator[Operation]:
    if values.get("is_verified", now["is_verified"]) != now["is_verified"]:
        payload = built(VerifyTechnician, technician_id=now["id"], is_verified=values["is_verified"])
        yield operation(new_id(), "technician.verify", None, payload)


def _of_bid(now: Row, values: Row) -> Iterator[Operation]:
    offer = _offer({**now, **values})
    if offer != _offer(now):
        if now["status"] != "pending":
            raise Refusal("bid_closed", {"status": now["status"]})
        yield operation(new_id(), "bid.place", now["booking_id"], offer)
    status = str(values.get("status", now["status"])).strip().lower()
    if status != now["status"]:
        if status not in _ANSWERS:
            raise Refusal("invalid_payload", {"problem": f"a bid is {', '.join(_ANSWERS)}; or it waits for that"})
        yield operation(new_id(), _ANSWERS[status], now["booking_id"], AnswerBid(now["id"]))


def _of_notification(now: Row, values: Row) -> Iterator[Operation]:
    """When it was read is the server's to say."""
    if values.get("is_read", True) is not True:
        raise Refusal("invalid_payload", {"problem": "what is read stays read: is_read can be set to true"})
    says_read = "is_read" in values or values.get("read_at") is not None
    if says_read and not now["is_read"]:
        yield operation(new_id(), "notification.read", None, ReadNotification(now["id"]))


def _offer(row: Row) -> PlaceBid:
    given = {name: row[name] for name in _OFFERED if row.get(name) is not None}
    found: PlaceBid = built(PlaceBid, **given)
    return found


_CHANGES: Mapping[str, Callable[[Row, Row], Iterator[Operation]]] = {
    bookings.name: _of_booking,
    messages.name: _of_message,
    technicians.name: _of_technician,
    bids.name: _of_bid,
    notifications.name: _of_notification,
}


def removal(table: sa.Table, now: Row) -> Operation:
    if table is not messages:
        raise not_written(table, "removed")
    return operation(new_id(), "message.remove", now["booking_id"], RemoveMessage(now["id"]))


def not_written(source: Source, done: str) -> Refusal:
    return Refusal(
        "forbidden", {"problem": f"rows of {source.name} cannot be {done} here: they follow from what is done"}
    )


def _id_of(row: Row) -> str:
    """The row's own id makes a repeat harmless; left out, every request is a new one."""
    if row.get("id") is None:
        return new_id()
    found = canonical_id(str(row["id"]))
    if found is None:
        raise Refusal("invalid_payload", {"code": "22P02", "problem": "invalid input syntax for type uuid: id"})
    return found


def _text(value: Any) -> str | None:
    return str(value) if value else None


def operation(op_id: str, kind: OperationKind, booking: str | None, payload: Payload) -> Operation:
    return Operation(op_id=op_id, kind=kind, booking_id=booking, payload=write_payload(payload))


def built(shape: type[Any], **values: Any) -> Any:
    try:
        return msgspec.convert(values, shape)
    except msgspec.ValidationError as error:
        raise Refusal("invalid_payload", {"problem": str(error)}) from error


def ids(rows: Iterable[Row]) -> list[str]:
    return [str(row["id"]) for row in rows]
