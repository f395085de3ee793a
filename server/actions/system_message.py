"""Posts a status line by an app's own hand, as the seeds' servers do after a change of status (B-02, B-04)."""

import sqlalchemy as sa

from contract.errors import Refusal
from contract.moments import to_ms
from contract.operations import MAX_TEXT, SystemMessage
from server.actions.asked import Asked, Judged
from server.actions.message_rows import write_system_message
from server.actions.send_message import checked_text
from server.store.tables import messages, status_history

SAME_STEP_MS = 10_000
"""How long after a step its own line may be said again by whoever made it."""


def system_message(asked: Asked) -> Judged:
    """Of nobody's hand for those who read it. A closed booking takes it too: it may be what closed it. The words that
    the step has just posted are not posted twice: the line that stands is the answer (B-03 asks for one)."""
    payload: SystemMessage = asked.payload
    booking = asked.booking_in_full_sight()
    text = checked_text(payload.text)
    standing = _said_by_the_step(asked, booking.id, text)
    if standing is not None:
        return Judged("noop", result={"id": standing})
    asked.require("message.system")
    texts = payload.texts or {}
    if len(texts) > 10 or any(len(lang) > 10 or len(each) > MAX_TEXT for lang, each in texts.items()):
        raise Refusal("invalid_payload", {"field": "payload.texts", "problem": "Expected a few languages to texts"})
    in_all = {booking.lang: text, **texts}
    op_id = asked.operation.op_id

    def write() -> None:
        write_system_message(asked.tx, booking.id, op_id, in_all, booking.lang, op_id)

    return Judged("applied", write)


def _said_by_the_step(asked: Asked, booking_id: str, text: str) -> str | None:
    """The id of the line, if this person's step has posted the same words, or longer ones that begin so, just now."""
    newest = asked.tx.one(
        sa.select(messages.c.id, messages.c.message, messages.c.texts, messages.c.created_at)
        .join(status_history, status_history.c.op_id == messages.c.op_id)
        .where(
            messages.c.booking_id == booking_id,
            messages.c.kind == "system",
            status_history.c.actor_id == asked.actor.user_id,
        )
        .order_by(messages.c.position.desc())
        .limit(1)
    )
    if newest is None or to_ms(asked.tx.now) - to_ms(newest["created_at"]) > SAME_STEP_MS:
        return None
    begins = text.strip().rstrip(".…! ")
    posted = [newest["message"], *(newest["texts"] or {}).values()]
    return newest["id"] if begins and any(one.startswith(begins) for one in posted) else None
