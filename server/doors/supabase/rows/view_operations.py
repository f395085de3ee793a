"""What somebody means who writes a row of a table or of a view: a view's are operations on what it is a view of."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from contract.actors import Actor
from contract.errors import Refusal
from contract.ids import new_id
from contract.operations import Operation, RateBooking
from server.doors.supabase.rows.relations import Source
from server.doors.supabase.rows.row_operations import (
    Row,
    built,
    change,
    check_columns,
    insertion,
    not_written,
    operation,
    removal,
)
from server.doors.supabase.views import CHAT_MESSAGES, EMAIL, LIVE_CHAT, SESSIONS, View
from server.store.bookings import resolve_booking
from server.store.tables import bookings, messages
from server.store.transactions import WriteTx

CHANGEABLE: Mapping[str, tuple[str, ...]] = {
    SESSIONS.name: ("status", "agent_id", "rating", "feedback"),
    CHAT_MESSAGES.name: ("message", "is_read"),
}
_MOMENTS = ("started_at", "assigned_at", "ended_at", "created_at", "updated_at", "deleted_at")
"""The seed's app sends them along; they are the server's to say, whatever it says."""


class ReadMark(msgspec.Struct, frozen=True):
    """The writer has read a conversation as far as this position."""

    booking_id: str
    position: int


Write = Operation | ReadMark


def insertion_into(tx: WriteTx, source: Source, row: Row) -> Operation:
    """Raises Refusal for what cannot be added, and `booking_not_found` for a line of a conversation that is no
    session: a row is not put where its view would not show it."""
    if not isinstance(source, View):
        return insertion(source, row)
    if source is SESSIONS:
        email = row.get(EMAIL)
        if not isinstance(email, str | None):
            raise Refusal("invalid_payload", {"problem": f"{EMAIL}: expected a text"})
        own = {"id": row.get("id"), "workflow": LIVE_CHAT, "code": row.get("code"), "customer_id": row.get("user_id"),
               "customer_name": row.get("user_name"), "fields": None if email is None else {EMAIL: email}}  # fmt: skip
        return insertion(bookings, own)
    if source is CHAT_MESSAGES:
        named = row.get("session_id")
        session = resolve_booking(tx, str(named)) if named else None
        if named and (session is None or session.workflow != LIVE_CHAT):
            raise Refusal("booking_not_found")
        own = {"id": row.get("id"), "booking_id": named, "message": row.get("message"),
               "sender_type": "system" if row.get("sender_role") == "system" else None}  # fmt: skip
        return insertion(messages, own)
    raise not_written(source, "added")


def changes_to(actor: Actor, source: Source, now: Row, values: Row) -> list[Write]:
    """None where the row stands like that already. Raises Refusal for columns that are no one's to set."""
    if not isinstance(source, View):
        return list(change(source, now, values))
    if source.name not in CHANGEABLE:
        raise not_written(source, "changed")
    set_ones = {name: value for name, value in values.items() if name not in _MOMENTS}
    check_columns(source.name, CHANGEABLE[source.name], now, set_ones)
    return list(_CHANGES[source.name](actor, now, set_ones))


def removal_from(source: Source, now: Row) -> Operation:
    if source is CHAT_MESSAGES:
        return removal(messages, _own_message(now))
    if isinstance(source, View):
        raise not_written(source, "removed")
    return removal(source, now)


def furthest(writes: Iterable[Write]) -> list[Write]:
    """Of one conversation's read marks the furthest says it all."""
    operations: list[Write] = []
    marks: dict[str, ReadMark] = {}
    for one in writes:
        if not isinstance(one, ReadMark):
            operations.append(one)
        elif one.booking_id not in marks or marks[one.booking_id].position < one.position:
            marks[one.booking_id] = one
    return [*operations, *marks.values()]


def _of_session(actor: Actor, now: Row, values: Row) -> Iterator[Write]:
    given = {own: values[name] for name, own in (("agent_id", "assignee_id"), ("status", "status")) if name in values}
    yield from change(bookings, {"id": now["id"], "assignee_id": now["agent_id"], "status": now["status"]}, given)
    said = {name: values[name] for name in ("rating", "feedback") if name in values and values[name] != now[name]}
    if said:  # after the status: who ends a session may rate it in the same breath
        yield operation(new_id(), "booking.rate", now["id"], built(RateBooking, **said))


def _of_chat_message(actor: Actor, now: Row, values: Row) -> Iterator[Write]:
    """`is_read` is a mark in the conversation: the lines before are read with it. One's own side's lines are the
    other's to read."""
    if "message" in values:
        yield from change(messages, _own_message(now), {"message": values["message"]})
    is_read = values.get("is_read", now["is_read"])
    if is_read is not True and is_read != now["is_read"]:
        raise Refusal("invalid_payload", {"problem": "what is read stays read: is_read can be set to true"})
    if values.get("is_read") is True and now["is_agent"] != (actor.side != "customer"):
        yield ReadMark(now["session_id"], now["position"])


def _own_message(now: Row) -> Row:
    return {"id": now["id"], "booking_id": now["session_id"], "message": now["message"]}


_CHANGES: Mapping[str, Callable[[Actor, Row, Row], Iterator[Write]]] = {
    SESSIONS.name: _of_session,
    CHAT_MESSAGES.name: _of_chat_message,
}
