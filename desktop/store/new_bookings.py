"""Finds the bookings that are in the outbox and not yet in the cache, for lists and for one booking's page."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from contract.workflow import Workflow
from desktop.state.lines import Me
from desktop.state.new_bookings import NewBooking, new_booking
from desktop.store.cache_position import read_position
from desktop.store.effects import shown_effects
from desktop.store.outbox_store import OutboxStore
from desktop.store.sqlcipher import reading
from desktop.store.summaries import fold, search_text

if TYPE_CHECKING:
    from sqlite3 import Connection


def new_bookings(
    connection: "Connection", outbox: OutboxStore, workflows: Mapping[str, Workflow]
) -> dict[str, NewBooking]:
    """By id, the newest click first. One that the cache holds is an ordinary booking, whatever its operation says."""
    with reading(connection):
        ops = outbox.creations(read_position(connection).feed)
    held = shown_effects(connection, ops) if ops else set()
    return {
        op.op_id: new_booking(op, workflows.get(op.payload.workflow)) for op in reversed(ops) if op.op_id not in held
    }


def listed(found: Mapping[str, NewBooking], view_key: str, filter_text: str, me: Me) -> list[int]:
    """Row numbers of those that stand in a view and fit what was typed (see listing.order)."""
    needle = fold(filter_text.strip())
    return [
        new.row_number for new in found.values() if new.stands_in(view_key, me) and needle in search_text(new.booking)
    ]
