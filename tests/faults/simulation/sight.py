"""What a desk must hold at a moment, by rules of this file's own, and what it does hold."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from tests.faults.simulation.ledger import COLUMNS, Row
from tests.faults.simulation.template import DESKS

if TYPE_CHECKING:
    from tests.faults.simulation.client_life import ClientLife
    from tests.faults.simulation.world import World

Rows = Callable[[str], list[Row]]
"""The server's rows of a table, with the columns of COLUMNS."""


def differences(world: "World", life: "ClientLife", rows_of: Rows) -> Iterator[str]:
    """Of each table, two rows at the most that are lacking and two that should not be there."""
    name = life.seat.name
    me = world.town.people[DESKS[name]]
    cache = life.desk.worker._writer.connection
    full, partly = _bookings_in_sight(rows_of("bookings"), name, me)
    lows = {row["booking_id"]: row["lo"] for row in cache.execute("SELECT booking_id, lo FROM ranges").fetchall()}
    for table, columns in COLUMNS.items():
        rows = rows_of(table)
        if table == "bookings":
            rows = [row | {"customer_id": None} if row["id"] in partly else row for row in rows]
        theirs = {tuple(row.values()) for row in rows if _may_see(table, row, full, partly, name, lows)}
        held = {tuple(row) for row in cache.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()}
        for row in sorted(theirs - held, key=str)[:2]:
            yield f"{name} lacks {table} {row}"
        for row in sorted(held - theirs, key=str)[:2]:
            yield f"{name} holds {table} {row}, which the server does not have for it"


def _bookings_in_sight(bookings: list[Row], seat: str, me: str) -> tuple[set[str], set[str]]:
    """Ids of the bookings seen in full, and of jobs on offer of which a technician sees a part."""
    if seat == "cora":
        return {row["id"] for row in bookings if row["customer_id"] == me}, set()
    if seat == "theo":
        mine = {row["id"] for row in bookings if row["provider_id"] == me}
        offered = {
            row["id"]
            for row in bookings
            if row["provider_id"] is None and (row["workflow"], row["status"]) == ("techcare", "pending")
        }
        return mine, offered
    return {row["id"] for row in bookings}, set()


def _may_see(
    table: str, row: dict[str, Any], full: set[str], partly: set[str], seat: str, lows: dict[str, int]
) -> bool:
    if table == "bookings":
        return row["id"] in full | partly
    if row["booking_id"] not in full:
        return False
    if table == "messages":
        return (row["kind"] != "note" or seat != "cora") and row["position"] >= lows.get(row["booking_id"], 0)
    return True
