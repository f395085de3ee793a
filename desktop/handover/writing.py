"""Sends a line or presses a button for whoever asked: on disk first, then the server's word."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from desktop.handover.preparing import REACHES_NOBODY, NotNow, booking_of, somebody
from desktop.handover.requests import Ended, OperationStands, Press, Send
from desktop.handover.watch import Watch
from desktop.intents.context import IntentContext, intent_context
from desktop.intents.press_transition import press_transition
from desktop.intents.send_message import send_message
from desktop.state.op_state import UNDECIDED
from desktop.sync.desk import Desk

USUAL_WAIT = 1.0
CATCH_UP = 3.0
"""Seconds in which a button waits for the newest picture before it is judged by the one held here."""
Tell = Callable[[OperationStands], Awaitable[None]]


async def send(desk: Desk, watch: Watch, asked: Send, tell: Tell) -> Ended:
    await somebody(desk, watch)
    if desk.outbox.get(asked.op_id) is None:
        booking_id = await booking_of(desk, watch, asked.booking)
        send_message(_as_asked(desk, asked.op_id), booking_id, asked.text)
    return await _word_of(desk, watch, asked, tell)


async def press(desk: Desk, watch: Watch, asked: Press, tell: Tell) -> Ended:
    await somebody(desk, watch)
    if desk.outbox.get(asked.op_id) is None:
        booking_id = await booking_of(desk, watch, asked.booking)
        await watch.until(lambda: desk.parts.link.is_live or desk.link.phase in REACHES_NOBODY, CATCH_UP)
        press_transition(_as_asked(desk, asked.op_id), booking_id, asked.transition, asked.values)
    return await _word_of(desk, watch, asked, tell)


def _as_asked(desk: Desk, op_id: str) -> IntentContext:
    """An intent under the asker's own id: asked again, it is found in the outbox and not done again."""
    return replace(intent_context(desk), make_id=lambda: op_id, undo_seconds=0.0)


async def _word_of(desk: Desk, watch: Watch, asked: Send | Press, tell: Tell) -> Ended:
    """Waits for the server's word, then tells how the operation stands."""

    def settled() -> bool:
        found = desk.outbox.get(asked.op_id)
        return found is None or found.state not in {"queued", "sending"}

    await watch.until(settled, USUAL_WAIT if asked.wait is None else asked.wait)
    op = desk.outbox.get(asked.op_id)
    if op is None:
        raise NotNow("refused", "The operation is not this person's.")
    await tell(OperationStands(op.op_id, op.state, op.error))
    if op.state in UNDECIDED or op.state == "blocked":
        return Ended("needs_person", op.error or _NEEDS.get(op.state, "A person must decide what becomes of this."))
    if op.state == "discarded":
        return Ended("refused", "It was discarded at the window.")
    if op.state != "sent" and asked.wait is not None:
        return Ended("not_yet", "It is on disk, and not at the server yet. It goes out by itself once it can.")
    return Ended("done")


_NEEDS = {
    "held": "It is on disk, and waits for a person's yes: this step is not sent by itself after a time offline.",
    "needs_decision": "The booking has changed meanwhile: a person must decide what becomes of this step.",
    "blocked": "It is on disk, and waits for a decision on an earlier step of this booking.",
}
