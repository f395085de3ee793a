"""Whether a database keeps its promises: what `selftest` asks the store."""

from collections.abc import Callable

import msgspec
import sqlalchemy as sa

from server.store.tables import bookings, changes, messages, operations, status_history
from server.store.transactions import ReadTx

RECENT = 10_000
"""Operations looked through."""


class Check(msgspec.Struct, frozen=True):
    """`problem` says what is wrong, and is empty when nothing is."""

    name: str
    problem: str = ""


def store_checks(tx: ReadTx) -> list[Check]:
    """Every check, in one transaction's view. Reads the whole database: seconds for a large one."""
    return [Check(name, look(tx)) for name, look in _CHECKS.items()]


def _dense(tx: ReadTx) -> str:
    counted = tx.one(
        sa.select(
            sa.func.count().label("lines"),
            sa.func.min(changes.c.seq).label("low"),
            sa.func.max(changes.c.seq).label("high"),
        )
    )
    if counted is None or not counted["lines"]:
        return ""
    missing = counted["high"] - counted["low"] + 1 - counted["lines"]
    return f"{missing} lines are missing from the feed." if missing else ""


def _system_messages(tx: ReadTx) -> str:
    """B-03: every status change has its system message."""
    told = sa.exists().where(
        messages.c.booking_id == status_history.c.booking_id,
        messages.c.op_id == status_history.c.op_id,
        sa.or_(messages.c.kind == "system", messages.c.deleted_at.is_not(None)),
    )
    silent = tx.value(
        sa.select(sa.func.count()).select_from(status_history).where(status_history.c.op_id.is_not(None), ~told)
    )
    return f"{silent} status changes have no system message." if silent else ""


def _histories(tx: ReadTx) -> str:
    newest = (
        sa.select(status_history.c.to_status)
        .where(status_history.c.booking_id == bookings.c.id)
        .order_by(status_history.c.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    wrong = tx.value(sa.select(sa.func.count()).select_from(bookings).where(newest != bookings.c.status))
    return f"{wrong} bookings have a status that their history does not end with." if wrong else ""


def _nothing_lost(tx: ReadTx) -> str:
    recent = (
        sa.select(operations.c.op_id)
        .where(operations.c.kind == "message.send", operations.c.verdict == "applied")
        .order_by(operations.c.op_id.desc())
        .limit(RECENT)
        .subquery()
    )
    present = sa.exists().where(messages.c.id == recent.c.op_id)
    lost = tx.value(sa.select(sa.func.count()).select_from(recent).where(~present))
    return f"{lost} acknowledged messages are not there." if lost else ""


_CHECKS: dict[str, Callable[[ReadTx], str]] = {
    "The database is intact": ReadTx.damage,
    "The feed has no gaps": _dense,
    "Every change reaches the feed": ReadTx.missing_triggers,
    "Every status change has its system message": _system_messages,
    "Every history ends where its booking stands": _histories,
    "No acknowledged message is missing": _nothing_lost,
}
