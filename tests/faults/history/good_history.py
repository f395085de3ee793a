"""A history in which every promise is kept, made by hand: two desks and a customer talk about one booking."""

from typing import Any

from contract.feed import FeedItem
from contract.moments import to_text
from contract.rows import Booking, Message, Receipt, StatusChange
from tests.faults.history.events import (
    Asked,
    Began,
    Clicked,
    ClientDump,
    Displayed,
    Event,
    Faulted,
    Healed,
    Kept,
    Looked,
    Measured,
    Moved,
    OpLine,
    OpRecord,
    Revoked,
    Rows,
    ServerDump,
    Snapped,
    Took,
    plain_row,
)

EPOCH = "epoch-1"
START = 1_800_000_000.0
B = "booking-1"
CREATE, HELLO, REPLY, ACCEPT = "op-create", "op-hello", "op-reply", "op-accept"
SENT = OpLine("sent", trail=("queued", "sending", "sent"))


def at(seconds: float) -> float:
    return START + seconds


def moment(seconds: float) -> str:
    return to_text(round(at(seconds) * 1000))


def line(seq: int, seconds: float, table: str, value: Any, *, op: str | None, how: str = "insert") -> FeedItem:
    row = plain_row(table, {name: getattr(value, name) for name in value.__struct_fields__})
    return FeedItem(seq, table, how, row["id"], None if table == "bookings" else B, op, row, moment(seconds))  # type: ignore[arg-type]


def booking(version: int, status: str, op: str) -> Booking:
    return Booking(B, "REQ1000", "protection", status, version, op_id=op)


def message(position: int, op: str, author: str, text: str, kind: str = "text") -> Message:
    name = f"{op}-system" if kind == "system" else op
    sender = None if kind == "system" else author
    return Message(name, B, "operator", sender, text, moment(position), position=position, kind=kind, op_id=op)  # type: ignore[arg-type]


def step(version: int, come_from: str | None, to: str, op: str, who: str) -> StatusChange:
    return StatusChange(f"step-{op}", B, version, come_from, to, None, who, who, None, moment(version), op)


FEED = (
    line(1, 1, "bookings", booking(1, "pending", CREATE), op=CREATE),
    line(2, 1, "status_history", step(1, None, "pending", CREATE, "carla"), op=CREATE),
    line(3, 4, "messages", message(1, HELLO, "anna", "Hello"), op=HELLO),
    line(4, 6, "receipts", Receipt(f"{B}:bob", B, "bob", "staff", 1, 0), op=None),
    line(5, 7, "receipts", Receipt(f"{B}:bob", B, "bob", "staff", 1, 1), op=None, how="update"),
    line(6, 9, "messages", message(2, REPLY, "bob", "Good day"), op=REPLY),
    line(7, 12, "bookings", booking(2, "accepted", ACCEPT), op=ACCEPT, how="update"),
    line(8, 12, "status_history", step(2, "pending", "accepted", ACCEPT, "anna"), op=ACCEPT),
    line(9, 12, "messages", message(3, ACCEPT, "", "Accepted", "system"), op=ACCEPT),
)


def folded(seq: int) -> Rows:
    return {f"{item.table}/{item.id}": item.row or {} for item in FEED if item.seq <= seq}


def took(seconds: float, process: str, user: str, first: int, last: int) -> Took:
    items = FEED[first - 1 : last]
    return Took(at=at(seconds), process=process, user=user, epoch=EPOCH, from_seq=first, to_seq=last, items=items)


def clicked(seconds: float, process: str, op: str, kind: str, author: str, **more: Any) -> list[Event]:
    """A click, kept on disk, sent and answered."""
    return [
        Clicked(at=at(seconds), process=process, op=op, kind=kind, booking=B, author=author, **more),
        Kept(at=at(seconds + 0.1), process=process, op=op),
        Moved(at=at(seconds + 0.2), process=process, op=op, state="sending"),
        Moved(at=at(seconds + 1.5), process=process, op=op, state="sent", epoch=EPOCH, seq=9),
    ]


def looked(seconds: float, process: str, user: str, cursor: int, effects: tuple[str, ...], **more: Any) -> Looked:
    known: dict[str, Any] = {"epoch": EPOCH, "booking": B, "version": 1, "status": "pending"}
    return Looked(at=at(seconds), process=process, user=user, cursor=cursor, effects=effects, **(known | more))


def dump(process: str, user: str, ops: dict[str, OpLine]) -> ClientDump:
    return ClientDump(at=at(30), process=process, user=user, epoch=EPOCH, cursor=9, rows=folded(9), ops=ops)


def good_history() -> list[Event]:
    """In the order of time, dumps last."""
    operations = {
        CREATE: OpRecord("carla", "applied", "booking.create", B, at(1)),
        HELLO: OpRecord("anna", "applied", "message.send", B, at(4)),
        REPLY: OpRecord("bob", "applied", "message.send", B, at(9)),
        ACCEPT: OpRecord("anna", "applied", "booking.transition", B, at(12)),
    }
    events: list[Event] = [
        Began(at=at(0), process="test", what="by hand"),
        Clicked(at=at(0.5), process="page", op=CREATE, kind="booking.create", booking=B, author="carla"),
        Snapped(at=at(2), process="desk-b", user="bob", epoch=EPOCH, seq=2, rows=folded(2)),
        took(2, "desk-a", "anna", 1, 2),
        *clicked(3, "desk-a", HELLO, "message.send", "anna"),
        looked(3.5, "desk-a", "anna", 2, (CREATE,), overlay=(HELLO,), glyphs={HELLO: "sending"}),
        took(5, "desk-b", "bob", 3, 3),
        Displayed(at=at(6.5), process="desk-b", user="bob", booking=B, position=1),
        looked(6.6, "desk-b", "bob", 3, (CREATE, HELLO)),
        took(7, "desk-a", "anna", 3, 5),
        looked(7.5, "desk-a", "anna", 5, (CREATE, HELLO), glyphs={HELLO: "read"}),
        *clicked(8, "desk-b", REPLY, "message.send", "bob", seen=(HELLO,)),
        Faulted(at=at(9.2), process="desk-a", fault="link cut"),
        Asked(at=at(9.4), process="desk-a", ok=False),
        took(9.6, "desk-b", "bob", 4, 6),
        took(10, "desk-a", "anna", 6, 6),
        *clicked(11, "desk-a", ACCEPT, "booking.transition", "anna", expect_status="pending", seen=(HELLO, REPLY)),
        Healed(at=at(13), process="test"),
        took(14, "desk-a", "anna", 7, 9),
        took(14, "desk-b", "bob", 7, 9),
        looked(15, "desk-b", "bob", 9, (CREATE, HELLO, REPLY, ACCEPT), version=2, status="accepted"),
        *(
            Measured(at=at(20 + count), process="server", what="open files", after=count, value=40.0)
            for count in range(6)
        ),
        Revoked(at=at(28), process="test", user="bob", epoch=EPOCH, head=9),
        ServerDump(
            at=at(30),
            process="server",
            epoch=EPOCH,
            head=9,
            floor=0,
            feed=FEED,
            rows=folded(9),
            operations=operations,
        ),
        dump("desk-a", "anna", {HELLO: SENT, ACCEPT: SENT}),
        dump("desk-b", "bob", {REPLY: SENT}),
    ]
    return sorted(events, key=lambda event: event.at)
