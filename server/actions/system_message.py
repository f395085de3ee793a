"""Posts a status line by an app's own hand, as the seeds' servers do after a change of status (B-02, B-04)."""

import re
from unicodedata import category

import sqlalchemy as sa

from contract.errors import Refusal
from contract.ids import derived_id
from contract.moments import to_ms
from contract.operations import MAX_TEXT, SystemMessage
from server.actions.asked import Asked, Judged
from server.actions.message_rows import write_system_message
from server.actions.send_message import checked_text
from server.actions.status_steps import what_stands
from server.store.feed import BookingFacts
from server.store.tables import messages

SAME_STEP_MS = 10_000
"""How long after a step its own line may be said again by whoever made it."""
ENOUGH = 24
"""Characters of the line's beginning that are no longer said by chance; of a short line half of it will do."""
_LAST_SIGNS = ".…! "
_SENTENCE_ENDS = re.compile(r"[.…!?؟]+(\s|$)")


def system_message(asked: Asked) -> Judged:
    """Of nobody's hand for those who read it. A closed booking takes it too: it may be what closed it. The words that
    the step has just posted are not posted twice: the line that stands is the answer (B-03 asks for one)."""
    payload: SystemMessage = asked.payload
    booking = asked.booking_in_full_sight()
    text = checked_text(payload.text)
    standing = _said_by_the_step(asked, booking, text)
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


def _said_by_the_step(asked: Asked, booking: BookingFacts, text: str) -> str | None:
    """The id of the line, if the booking's newest step is this person's, of just now, and has posted these words. It
    is asked before the permission, of everybody: two rows, each by its key."""
    step = what_stands(asked.tx, booking)
    if step["op_id"] is None or step["by"] != asked.actor.user_id:
        return None
    if to_ms(asked.tx.now) - to_ms(step["at"]) > SAME_STEP_MS:
        return None
    line = sa.select(messages.c.id, messages.c.message, messages.c.texts)
    posted = asked.tx.one(line.where(messages.c.id == derived_id(step["op_id"], "system")))
    if posted is None:
        return None
    in_all = {posted["message"], *(posted["texts"] or {}).values()}
    return posted["id"] if any(_says_the_same(text, one) for one in in_all) else None


def _says_the_same(text: str, posted: str) -> bool:
    """All of it but its last signs, whole sentences of its beginning, or enough of it up to a word's end."""
    said = text.strip().rstrip(_LAST_SIGNS)
    if not said or not posted.startswith(said):
        return False
    rest = posted[len(said) :]
    if not rest.strip(_LAST_SIGNS) or _SENTENCE_ENDS.match(rest):
        return True
    ends_a_word = category(rest[0])[0] not in "LMN"  # a letter, a mark on one, a digit
    return ends_a_word and (len(said) >= ENOUGH or len(said) * 2 >= len(posted))
