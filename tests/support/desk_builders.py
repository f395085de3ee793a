"""Makes what the desktop's tests stand on: a profile in a folder, people, rows as the server sends them, workflows."""

import itertools
from pathlib import Path
from typing import Any

from contract.feed import FeedItem
from contract.ids import new_id
from contract.operations import Expect, Operation, OperationKind, Payload, PressTransition, SendMessage, write_payload
from contract.workflow import Workflow
from contract.workflow_file import load_workflow
from desktop.state.lines import Me
from desktop.state.pending import PendingOp
from desktop.store.profile import Profile, open_profile

WORKFLOW_FOLDER = Path(__file__).resolve().parents[2] / "resources" / "workflows"
ANN = Me("00000000-0000-7000-8000-00000000000a", "Ann", "operator", "ann@desk.test")
BEN = Me("00000000-0000-7000-8000-00000000000b", "Ben", "operator", "ben@desk.test")
CUSTOMER = "00000000-0000-7000-8000-00000000000c"
MACHINE = b"this machine"
EPOCH = "00000000-0000-7000-8000-0000000000e1"
_positions = itertools.count(1)


def workflow(name: str = "protection") -> Workflow:
    return load_workflow((WORKFLOW_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")


def fresh_profile(folder: Path, me: Me | None = ANN, **options: Any) -> Profile:
    """Opened without a key ring; whoever is `me` is signed in."""
    profile = open_profile(folder, find_ring=lambda: None, machine=MACHINE, **options)
    if me is not None:
        profile.outbox.author_id = me.user_id
    return profile


def moment(second: int) -> str:
    return f"2026-11-21T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.000Z"


def booking_row(booking_id: str, status: str = "pending", version: int = 1, **values: Any) -> dict[str, Any]:
    row = {
        "id": booking_id,
        "code": f"REQ{abs(hash(booking_id)) % 10**12:012d}",
        "workflow": "protection",
        "status": status,
        "version": version,
        "customer_id": CUSTOMER,
        "customer_name": "Omar Khalid",
        "created_at": moment(0),
        "updated_at": moment(0),
        "status_since": moment(0),
    }
    return row | values


def message_row(booking_id: str, text: str, sender: str = "client", **values: Any) -> dict[str, Any]:
    position = values.pop("position", None) or next(_positions)
    row = {
        "id": new_id(),
        "booking_id": booking_id,
        "sender_type": sender,
        "sender_id": CUSTOMER if sender == "client" else ANN.user_id,
        "message": text,
        "created_at": moment(position),
        "position": position,
        "sender_role": "customer" if sender == "client" else "operator",
        "sender_name": "Omar" if sender == "client" else "Ann",
    }
    return row | values


def receipt_row(booking_id: str, user_id: str, side: str, delivered: int = 0, read: int = 0) -> dict[str, Any]:
    return {
        "id": f"{booking_id}:{user_id}",
        "booking_id": booking_id,
        "user_id": user_id,
        "side": side,
        "delivered_position": delivered,
        "read_position": read,
    }


def step_row(booking_id: str, version: int, to_status: str, **values: Any) -> dict[str, Any]:
    row = {
        "id": new_id(),
        "booking_id": booking_id,
        "version": version,
        "from_status": "pending",
        "to_status": to_status,
        "transition": None,
        "actor_id": BEN.user_id,
        "actor_name": "Ben",
        "reason": None,
        "at": moment(version),
    }
    return row | values


def item(seq: int, table: str, row: dict[str, Any], op: str = "insert", op_id: str | None = None) -> FeedItem:
    booking_id = row["id"] if table == "bookings" else row.get("booking_id")
    return FeedItem(seq, table, op, row["id"], booking_id, op_id, row, moment(seq))  # type: ignore[arg-type]


def operation(
    booking_id: str | None, payload: Payload, kind: OperationKind = "message.send", expect: Expect | None = None
) -> Operation:
    return Operation(new_id(), kind, booking_id, write_payload(payload), expect, moment(1))


def line(booking_id: str, text: str = "Hello") -> Operation:
    return operation(booking_id, SendMessage(text))


def press(booking_id: str, transition: str, seen: str | None = "pending", **values: str) -> Operation:
    expect = Expect(status=seen) if seen else None
    return operation(booking_id, PressTransition(transition, values), "booking.transition", expect)


def pending(op: Operation, state: str = "queued", lane: str = "b", local_seq: int = 1, **values: Any) -> PendingOp:
    return PendingOp(local_seq, op, ANN.user_id, lane, state, **values)  # type: ignore[arg-type]
