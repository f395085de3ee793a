"""Writes a line of a conversation: the hot path of the whole server, one statement, its feed line by trigger."""

import msgspec

from contract.actors import Actor, sender_type_of
from contract.rows import Texts
from contract.workflow import in_language
from server.store.prepared import prepared_insert
from server.store.tables import messages
from server.store.transactions import WriteTx

_INSERT = prepared_insert(
    messages,
    (
        "id",
        "booking_id",
        "sender_type",
        "sender_id",
        "sender_role",
        "sender_name",
        "kind",
        "message",
        "texts",
        "has_invoice",
        "invoice_data",
        "reply_to",
        "created_at",
        "client_created_at",
        "op_id",
    ),
)
encode_json = msgspec.json.Encoder().encode


class Line(msgspec.Struct, gc=False):
    """What somebody writes. `invoice` is JSON text; `written_at` the writer's own clock, for display."""

    id: str
    text: str
    kind: str = "text"
    reply_to: str | None = None
    invoice: str | None = None
    written_at: str | None = None


def write_message(tx: WriteTx, booking_id: str, author: Actor, line: Line, op_id: str) -> None:
    """A person's line."""
    tx.run(
        _INSERT,
        (
            line.id,
            booking_id,
            sender_type_of(author.side),
            author.user_id,
            author.role,
            author.name,
            line.kind,
            line.text,
            None,
            line.invoice is not None,
            line.invoice,
            line.reply_to,
            tx.now,
            line.written_at,
            op_id,
        ),
    )


def write_system_message(tx: WriteTx, booking_id: str, message_id: str, texts: Texts, lang: str, op_id: str) -> None:
    """A line of nobody's, in the customer's language, with the other languages beside it."""
    text = in_language(texts, lang)
    in_all = encode_json(texts).decode()
    nobody = ("system", None, "system", "", "system")
    tx.run(_INSERT, (message_id, booking_id, *nobody, text, in_all, False, None, None, tx.now, None, op_id))
