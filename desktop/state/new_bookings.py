"""Bookings opened here that the server has not confirmed: what they will be, and in which views they stand."""

from dataclasses import dataclass

from contract.operations import CreateBooking
from contract.rows import Booking
from contract.workflow import Workflow
from desktop.state.lines import Me
from desktop.state.pending import PendingOp


@dataclass(frozen=True, slots=True)
class NewBooking:
    """A booking that so far is only an operation of this outbox."""

    op: PendingOp
    booking: Booking
    open: bool
    """Whether its status is one that somebody still works on."""

    @property
    def row_number(self) -> int:
        """Its place in lists: below zero, so that it can never be a stored row's."""
        return -self.op.local_seq

    @property
    def first_line(self) -> str:
        """What a list says of it before anything was written in it."""
        return (self.op.payload.message or self.booking.title).replace("\n", " ")

    def stands_in(self, view_key: str, me: Me) -> bool:
        """As the list's queries would say of the stored row. Nobody waits for an answer in it yet."""
        booking = self.booking
        if view_key == "mine":
            return booking.assignee_id == me.user_id
        if view_key == "unassigned":
            return self.open and booking.assignee_id is None
        return view_key in {"all", f"status:{booking.workflow}:{booking.status}"}


def new_booking(op: PendingOp, workflow: Workflow | None) -> NewBooking:
    """The row the server will write for the operation `op`, in so far as this side can know it: the code is the
    server's to make, and so may be the department."""
    asked: CreateBooking = op.payload
    at = op.operation.created_at or ""
    status = workflow.first_status if workflow else ""
    booking = Booking(
        id=op.op_id,
        code=asked.code or "",
        workflow=asked.workflow,
        status=status,
        version=1,
        customer_id=asked.customer_id,
        customer_name=asked.customer_name or "",
        customer_phone=asked.customer_phone,
        provider_id=asked.provider_id,
        department=asked.department or (workflow.department if workflow else None),
        created_by=op.author_id,
        priority=asked.priority,
        title=asked.title,
        place=asked.place,
        scheduled_start=asked.scheduled_start,
        scheduled_end=asked.scheduled_end,
        lang=asked.lang or "en",
        fields=asked.fields,
        created_at=at,
        updated_at=at,
        status_since=at,
        op_id=op.op_id,
    )
    return NewBooking(op, booking, workflow is None or not workflow.statuses[status].final)
