"""Posts a status line written by hand, through the seeds' door (B-02)."""

from contract.errors import Refusal
from contract.operations import MAX_TEXT, SystemMessage
from server.actions.asked import Asked, Judged
from server.actions.message_rows import write_system_message
from server.actions.send_message import checked_text


def system_message(asked: Asked) -> Judged:
    """Of nobody's hand for those who read it. A closed booking takes it too: it may be what closed it."""
    payload: SystemMessage = asked.payload
    booking = asked.booking_in_full_sight()
    asked.require("message.system")
    text = checked_text(payload.text)
    texts = payload.texts or {}
    if len(texts) > 10 or any(len(lang) > 10 or len(each) > MAX_TEXT for lang, each in texts.items()):
        raise Refusal("invalid_payload", {"field": "payload.texts", "problem": "Expected a few languages to texts"})
    in_all = {booking.lang: text, **texts}
    op_id = asked.operation.op_id

    def write() -> None:
        write_system_message(asked.tx, booking.id, op_id, in_all, booking.lang, op_id)

    return Judged("applied", write)
