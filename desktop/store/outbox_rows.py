"""Operations to rows of the outbox and back."""

from collections.abc import Iterable
from typing import Any

import msgspec

from contract.operations import Expect, Operation, operation_hash
from desktop.state.pending import PendingOp

_encode = msgspec.json.encode
_decode_expect = msgspec.json.Decoder(Expect).decode

INSERT = """INSERT INTO outbox (op_id, op_hash, author_id, lane, booking_id, kind, payload, expect, created_at, state,
                                depends_on, supersedes, hold_until)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def columns_of(operation: Operation) -> tuple[str, bytes, str | None, str, str, str | None, str]:
    """op_id, op_hash, booking_id, kind, payload, expect, created_at."""
    return (
        operation.op_id,
        operation_hash(operation),
        operation.booking_id,
        operation.kind,
        bytes(operation.payload).decode(),
        _encode(operation.expect).decode() if operation.expect else None,
        operation.created_at or "",
    )


def pending_op(row: Any) -> PendingOp:
    operation = Operation(
        op_id=row["op_id"],
        kind=row["kind"],
        booking_id=row["booking_id"],
        payload=msgspec.Raw(row["payload"].encode()),
        expect=_decode_expect(row["expect"]) if row["expect"] else None,
        created_at=row["created_at"] or None,
    )
    return PendingOp(
        local_seq=row["local_seq"],
        operation=operation,
        author_id=row["author_id"],
        lane=row["lane"],
        state=row["state"],
        attempts=row["attempts"],
        hold_until=row["hold_until"],
        not_before=row["not_before"],
        depends_on=row["depends_on"],
        epoch=row["epoch"],
        seq=row["seq"],
        code=row["code"],
        error=row["error"],
        current=msgspec.json.decode(row["current"]) if row["current"] else None,
    )


def pending_ops(rows: Iterable[Any]) -> list[PendingOp]:
    return [pending_op(row) for row in rows]
