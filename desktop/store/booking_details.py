"""What the facts pane shows of one booking: its row, its history, the buttons, and presses that are under way."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from contract.actors import PROVIDERS
from contract.permissions import may
from contract.rows import Booking, StatusChange
from contract.workflow import Workflow, buttons
from desktop.state.lines import BookingDetail, Me, PendingPress
from desktop.state.pending import PendingOp, status_after, target_of
from desktop.store.cache_position import read_position
from desktop.store.cache_rows import struct_of
from desktop.store.conflict_cards import BookingNow, conflict_card
from desktop.store.new_bookings import new_bookings
from desktop.store.outbox_store import OutboxStore
from desktop.store.sqlcipher import reading

if TYPE_CHECKING:
    from sqlite3 import Connection


def booking_detail(
    connection: "Connection",
    outbox: OutboxStore,
    workflows: Mapping[str, Workflow],
    booking_id: str,
    me: Me,
    now: float,
) -> BookingDetail | None:
    """A booking that only the outbox knows has no history yet; its buttons can be pressed all the same."""
    with reading(connection):
        row = connection.execute("SELECT * FROM bookings WHERE id = ?", (booking_id,)).fetchone()
        new = None if row else new_bookings(connection, outbox, workflows).get(booking_id)
        if row is None and new is None:
            return None
        steps = connection.execute("SELECT * FROM status_history WHERE booking_id = ? ORDER BY version", (booking_id,))
        history: tuple[StatusChange, ...] = tuple(struct_of("status_history", step) for step in steps.fetchall())
        ops = outbox.showing([booking_id], read_position(connection).feed).get(booking_id, [])
    booking: Booking = new.booking if new else struct_of("bookings", row)
    workflow = workflows.get(booking.workflow)
    presses = [op for op in ops if op.kind == "booking.transition"]
    then = status_after(booking.status, presses, workflow)
    now_here = BookingNow(booking, history, workflow, pressable(workflow, booking.status, booking, me), me, presses)
    return BookingDetail(
        booking=booking,
        history=history,
        buttons=pressable(workflow, then, booking, me),
        pending=tuple(_pending(op, workflow, now) for op in presses if not op.is_conflict),
        conflicts=tuple(conflict_card(connection, outbox, op, now_here) for op in presses if op.is_conflict),
        may_assign=may(me.role, "booking.assign"),
        pending_status=then if then != booking.status else None,
        only_here=new is not None,
    )


def pressable(workflow: Workflow | None, status: str, booking: Booking, me: Me) -> tuple[str, ...]:
    """Names of the transitions `me` may press from `status`; providers only on what is theirs."""
    if workflow is None or (me.role in PROVIDERS and booking.provider_id != me.user_id):
        return ()
    return tuple(name for name, _ in buttons(workflow, status, me.role))


def _pending(op: PendingOp, workflow: Workflow | None, now: float) -> PendingPress:
    return PendingPress(
        op_id=op.op_id,
        transition=op.payload.transition,
        to_status=target_of(op, workflow) or "",
        at=op.operation.created_at or "",
        delivery=op.delivery,
        undo_until=op.hold_until if op.state == "queued" and op.hold_until > now else None,
        error=op.error,
        code=op.code,
        waits_for_another=op.state == "blocked",
    )
