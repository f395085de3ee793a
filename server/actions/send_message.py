"""Writes to the other side, or with kind `note` to colleagues only."""

from contract.actors import Actor
from contract.errors import Refusal
from contract.operations import MAX_TEXT, SendMessage
from contract.workflow import Step, Workflow, judge, staff_message_transition, takes_messages
from server.actions.asked import Asked, Judged, Rejection
from server.actions.message_rows import Line, encode_json, write_message
from server.actions.messages_found import find_message
from server.actions.status_steps import take_step
from server.store.feed import BookingFacts

MAX_INVOICE = 20_000
"""Bytes of JSON."""


def send_message(asked: Asked) -> Judged:
    """The message's id is the operation's. The first from staff may press the workflow's automatic transition, in the
    same transaction (E-12, E-13). A closed booking takes notes only."""
    payload: SendMessage = asked.payload
    booking = asked.booking_in_full_sight()
    asked.require("message.note" if payload.kind == "note" else "message.send")
    if payload.kind == "invoice":
        asked.require("message.invoice")
    text = checked_text(payload.text, may_be_empty=payload.kind == "invoice")
    workflow = asked.workflow_of(booking)
    if payload.kind != "note" and not takes_messages(workflow, booking.status):
        raise Rejection("booking_closed", {"status": booking.status})
    if payload.reply_to is not None:
        find_message(asked, booking, payload.reply_to)
    line = Line(
        asked.operation.op_id, text, payload.kind, payload.reply_to, _invoice(payload), asked.operation.created_at
    )
    step = None if payload.kind == "note" else _step_by_writing(workflow, booking, asked.actor)

    def write() -> None:
        if step is not None:
            take_step(asked, booking, step, {})
        write_message(asked.tx, booking.id, asked.actor, line, asked.operation.op_id)

    return Judged("applied", write)


def checked_text(text: str, *, may_be_empty: bool = False) -> str:
    """The text as it is stored; rejects an empty or endless one."""
    if not may_be_empty and not text.strip():
        raise Rejection("text_empty")
    if len(text) > MAX_TEXT:
        raise Rejection("text_too_long", {"length": len(text), "limit": MAX_TEXT})
    return text


def _invoice(payload: SendMessage) -> str | None:
    if payload.kind != "invoice":
        if payload.invoice is not None:
            raise Refusal("invalid_payload", {"field": "payload.invoice", "problem": "Only with kind invoice"})
        return None
    if payload.invoice is None:
        raise Rejection("value_missing", {"values": ["invoice"]})
    encoded = encode_json(payload.invoice)
    if len(encoded) > MAX_INVOICE:
        raise Refusal("invalid_payload", {"field": "payload.invoice", "problem": f"Longer than {MAX_INVOICE} bytes"})
    return encoded.decode()


def _step_by_writing(workflow: Workflow, booking: BookingFacts, author: Actor) -> Step | None:
    if author.side != "staff":
        return None
    name = staff_message_transition(workflow, booking.status)
    if name is None:
        return None
    found = judge(workflow, booking.status, name, author.role, {})
    return found if isinstance(found, Step) else None
