"""What becomes of the lines written after a press that was overtaken: sent, kept as notes, or given up, as decided."""

import msgspec

from contract.operations import write_payload
from contract.permissions import may
from contract.workflow import takes_messages
from desktop.intents.context import IntentContext, IntentRefused
from desktop.state.overtaken import TextFate, is_open, standing_of
from desktop.state.pending import Anew, PendingOp


class TextAfter:
    """The lines that are still here: what is on its way may have arrived, and is left alone."""

    def __init__(self, context: IntentContext, press: PendingOp, fate: TextFate, *, step: bool) -> None:
        """`step`: another press goes in the place of `press`. Raises IntentRefused (forbidden, booking_closed)."""
        booking = context.reader.booking(press.lane)
        workflow = context.workflows.get(booking.workflow) if booking else None
        takes_text = booking is None or workflow is None or takes_messages(workflow, booking.status)
        if fate == "note" and not may(context.who().role, "message.note"):
            raise IntentRefused("forbidden")
        if fate == "send" and not takes_text and not step:
            raise IntentRefused("booking_closed")
        self.go_first = fate == "send" and takes_text
        """Before the press: its status may be one in which nobody writes."""
        self.given_up: list[tuple[str, str]] = []
        self.anew: list[Anew] = []
        for line in context.outbox.written_after(press):
            if is_open(standing_of(line)) and fate != "leave" and not (self.go_first and line.state == "queued"):
                self._settle(context, line, fate)

    def _settle(self, context: IntentContext, line: PendingOp, fate: TextFate) -> None:
        text = None if fate == "discard" else _newest_text(context, line)
        if text is None:
            self.given_up.append((line.op_id, "given up with the press before it"))
            return
        kind = "note" if fate == "note" else "text"
        payload = msgspec.structs.replace(line.payload, text=text, kind=kind)
        op_id = context.make_id()
        operation = msgspec.structs.replace(line.operation, op_id=op_id, payload=write_payload(payload))
        self.given_up.append((line.op_id, f"superseded by {op_id}"))
        self.anew.append(Anew(operation, line.op_id))


def _newest_text(context: IntentContext, line: PendingOp) -> str | None:
    """With the changes made to it since, which go where it goes; None: taken back."""
    text: str | None = line.payload.text
    for op in context.outbox.unsent_of(line.lane):
        if op.kind == "message.edit" and op.payload.message_id == line.op_id:
            text = op.payload.text
        elif op.kind == "message.remove" and op.payload.message_id == line.op_id:
            text = None
    return text
