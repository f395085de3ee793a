"""What every intent is given, and how each ends: committed, told, sender poked; or refused in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from contract.errors import REFUSALS
from contract.ids import new_id
from contract.operations import Expect, Operation, OperationKind, Payload, write_payload
from contract.rows import Booking
from contract.workflow import Workflow
from desktop.state.changes import Changes
from desktop.state.lines import Me
from desktop.state.pending import PendingOp
from desktop.store.cache_reader import CacheReader
from desktop.store.errors import StoreError
from desktop.store.outbox_store import OutboxStore
from desktop.sync.clock import Clock
from desktop.sync.desk import Desk

log = structlog.get_logger()
_OWN_WORDS = {
    "needs_connection": "This step needs a connection. Try again once you are online.",
    "not_queued": "This is not in the outbox any more.",
    "on_its_way": "This is being sent right now. Wait for the answer.",
    "waits_for_another": "This was made on the strength of an earlier step. Decide that one first.",
}


class IntentRefused(Exception):
    """Nothing was saved. `code` is one of contract.errors or of this file; `message` is a sentence for the operator."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.message = _OWN_WORDS.get(code) or REFUSALS[code][1]
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class IntentContext:
    outbox: OutboxStore
    reader: CacheReader
    workflows: Mapping[str, Workflow]
    changes: Changes
    clock: Clock
    moment_of_click: Callable[[], str]
    """Now, as an operation tells it."""
    me: Callable[[], Me | None]
    is_live: Callable[[], bool]
    """Whether what is shown is known to be the newest."""
    poke_sender: Callable[[], None]
    poke_marks: Callable[[], None]
    want_older: Callable[[str], None]
    undo_seconds: float
    make_id: Callable[[], str] = new_id
    """Of the next operation."""

    def who(self) -> Me:
        me = self.me()
        if me is None:
            raise IntentRefused("unauthorized")
        return me

    def booking(self, booking_id: str) -> Booking:
        found = self.reader.booking(booking_id)
        if found is None:
            raise IntentRefused("booking_not_found")
        return found

    def op(self, op_id: str) -> PendingOp:
        """An operation of the signed-in person's that is still in the outbox."""
        found = self.outbox.get(op_id)
        if found is None or found.state in {"sent", "discarded"}:
            raise IntentRefused("not_queued")
        return found

    def operation(
        self, kind: OperationKind, booking_id: str | None, payload: Payload, expect: Expect | None = None
    ) -> Operation:
        """A new intent, with an id of its own for ever."""
        return Operation(self.make_id(), kind, booking_id, write_payload(payload), expect, self.moment_of_click())

    def committed(self, lane: str) -> None:
        """The disk has it: the screens may change, and the sender should look. A screen that cannot be read anew now
        is behind until the next change; were it said to whoever clicked, the same would be clicked again."""
        self.poke_sender()
        try:
            self.changes.outbox_changed()
            self.changes.conversation_changed(lane)
            self.changes.bookings_changed(frozenset({lane}))
        except StoreError as error:
            log.warning("on disk, and not shown yet", why=str(error))


def intent_context(desk: Desk) -> IntentContext:
    link = desk.parts.link

    return IntentContext(
        outbox=desk.outbox,
        reader=desk.reader,
        workflows=desk.workflows,
        changes=desk.changes,
        clock=desk.parts.clock,
        moment_of_click=link.moment_of_click,
        me=lambda: desk.me,
        is_live=lambda: link.is_live,
        poke_sender=desk.sender.poke,
        poke_marks=desk.acknowledgements.poke,
        want_older=desk.older.want,
        undo_seconds=desk.parts.times.undo,
    )
