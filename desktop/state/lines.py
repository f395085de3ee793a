"""What screens show, as plain frozen values: made by the store's queries and the overlay, painted by item models."""

from dataclasses import dataclass, field
from typing import Literal

from contract.actors import Lang, Role
from contract.delivery import Delivery
from contract.rows import Booking, StatusChange, Texts
from desktop.state.overtaken import ConflictCard

LinkPhase = Literal[
    "starting", "connecting", "live", "behind", "reconnecting", "polling", "offline", "work_offline", "signed_out"
]
LineSide = Literal["customer", "staff", "system", "bot"]


@dataclass(frozen=True, slots=True)
class BookingLine:
    """One row of the bookings list, as of the cache and the outbox together."""

    id: str
    code: str
    workflow: str
    status: str
    version: int
    customer_name: str
    assignee_id: str | None
    assignee_name: str | None
    priority: int
    last_text: str
    """The newest visible line, one line, no markup; empty where the conversation is."""
    last_side: LineSide | None
    last_at: str | None
    """Server moment of the newest line, or of the change of the booking."""
    last_delivery: Delivery | None
    """Of the newest line when it is ours, else None."""
    unread: int
    needs_answer: bool
    """The newest public line is the customer's (Chatwoot #9979: opening never clears it)."""
    waiting_since: str | None
    """Moment of the customer's first line that nobody answered yet."""
    has_draft: bool
    queued: int
    """Operations of this booking not yet taken by the server."""
    pending_status: str | None
    """The status a queued button press leads to: PENDING ⇢ ACCEPTED."""


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One line of a conversation: stored, or still only in the outbox (then `position` is None)."""

    id: str
    booking_id: str
    kind: str
    side: LineSide
    mine: bool
    sender_name: str
    text: str
    texts: Texts | None
    at: str
    position: int | None
    delivery: Delivery | None
    """None for lines of the other side and of the system."""
    error: str | None = None
    """Why it was refused, in words for the operator."""
    code: str | None = None
    """The same as contract.errors names it: a window has words of its own language for it."""
    attempts: int = 0
    edited: bool = False
    removed: bool = False
    op_id: str | None = None


@dataclass(frozen=True, slots=True)
class UnfinishedEdit:
    """A change of a line of ours that was begun, and is neither saved nor left."""

    message_id: str
    note: bool
    """Whether the line is one that only staff see."""
    stored: bool
    """Whether a server had the line when the change was begun."""
    before: str
    text: str
    """What is typed."""


@dataclass(frozen=True, slots=True)
class PendingPress:
    """A status button pressed here that the server has not judged yet, or has refused."""

    op_id: str
    transition: str
    to_status: str
    at: str
    delivery: Delivery
    undo_until: float | None
    """time.time() until which it is held back for undo; None when on its way."""
    error: str | None = None
    """Why it was refused, in words for the operator."""
    code: str | None = None
    waits_for_another: bool = False
    """It was pressed on the strength of a press that waits for a decision itself."""


@dataclass(frozen=True, slots=True)
class BookingDetail:
    """Everything the facts pane shows of one booking."""

    booking: Booking
    history: tuple[StatusChange, ...]
    buttons: tuple[str, ...]
    """Transition names this operator may press, judged by the shared engine on the overlaid status."""
    pending: tuple[PendingPress, ...]
    conflicts: tuple[ConflictCard, ...]
    may_assign: bool
    pending_status: str | None = None
    """The status that presses still on their way lead to; what was refused or waits for a decision leads nowhere."""
    only_here: bool = False
    """Opened here, and nothing of it has come back from the server: it is in the outbox and not in the cache."""


@dataclass(frozen=True, slots=True)
class OutboxLine:
    op_id: str
    booking_id: str | None
    booking_code: str
    kind: str
    what: str
    """In words: the message's text, the button's label."""
    state: str
    """queued, held, blocked, sending, needs_decision, failed."""
    created_at: str
    attempts: int
    next_try_at: float | None
    """time.time() before which it is not tried again."""
    error: str | None
    can_edit: bool
    code: str | None = None


@dataclass(frozen=True, slots=True)
class LinkState:
    """The truth about the connection: evidence, not hope."""

    phase: LinkPhase = "starting"
    latency_ms: float | None = None
    """Of the newest heartbeat."""
    cursor: int = 0
    head: int = 0
    as_of: str | None = None
    """Server moment up to which what is shown is complete."""
    next_try_at: float | None = None
    """time.monotonic() of the next attempt."""
    offline_since: str | None = None
    queued: int = 0
    decisions: int = 0
    """Operations that need a person."""
    snapshot_done: int = 0
    snapshot_total: int = 0
    clock_offset_ms: int = 0
    """Server's clock minus this computer's."""
    disk_full: bool = False
    outbox_damaged: bool = False
    """Nothing is sent or saved any more until the next start, which salvages it."""


@dataclass(frozen=True, slots=True)
class Me:
    """Who is signed in here."""

    user_id: str
    name: str
    role: Role
    email: str
    lang: Lang = "en"
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ViewCount:
    """One entry of the left rail; the count is always a query."""

    key: str
    """all, mine, unassigned, needs_answer, or status:<workflow>:<name>."""
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Companion:
    """Someone else on the same booking: typing, or just looking."""

    user_id: str
    name: str
    side: str
    typing: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """A page of lines, oldest first, ready to show."""

    booking_id: str
    lines: tuple[MessageLine, ...]
    unread_from: int | None
    """Position of the first line that was unread when the conversation was opened."""
    more: bool
    """Whether older lines exist, here or at the server."""
    companions: tuple[Companion, ...] = field(default=())
