"""One operation from any door, in one transaction: known already, judged, recorded with its verdict, written."""

import re
from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa

from contract.actors import Actor
from contract.errors import REFUSALS, Refusal
from contract.ids import is_id
from contract.moments import to_text
from contract.operations import ABOUT_NO_BOOKING, Operation, OperationKind, Payload, operation_hash, read_payload
from contract.verdicts import Verdict, VerdictKind
from server.actions.accept_bid import accept_bid
from server.actions.after_restore import may_come_back
from server.actions.asked import Asked, Judged, Rejection, Workflows, ask, checked_name
from server.actions.assign import assign
from server.actions.close_bid import decline_bid, withdraw_bid
from server.actions.create_booking import create_booking
from server.actions.edit_message import edit_message
from server.actions.place_bid import place_bid
from server.actions.press_transition import press_transition
from server.actions.rate_booking import rate_booking
from server.actions.read_notification import read_notification
from server.actions.remove_message import remove_message
from server.actions.send_message import send_message
from server.actions.set_status import set_status
from server.actions.system_message import system_message
from server.actions.verify_technician import verify_technician
from server.store.prepared import Prepared, prepared_insert
from server.store.tables import bookings, operations
from server.store.transactions import WriteTx

ACTIONS: dict[OperationKind, Callable[[Asked], Judged]] = {
    "booking.create": create_booking,
    "booking.transition": press_transition,
    "booking.set_status": set_status,
    "booking.assign": assign,
    "booking.rate": rate_booking,
    "message.send": send_message,
    "message.edit": edit_message,
    "message.remove": remove_message,
    "message.system": system_message,
    "technician.verify": verify_technician,
    "bid.place": place_bid,
    "bid.accept": accept_bid,
    "bid.decline": decline_bid,
    "bid.withdraw": withdraw_bid,
    "notification.read": read_notification,
}
_DAY_MS = 86_400_000
TOO_OLD_MS = 30 * _DAY_MS
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class Answer(msgspec.Struct, omit_defaults=True):
    """The rest of a verdict, as stored."""

    version: int | None = None
    code: str | None = None
    current: dict[str, Any] | None = None
    result: dict[str, Any] | None = None


_RECORD = prepared_insert(
    operations,
    ("op_id", "op_hash", "author_id", "device_id", "kind", "booking_id", "verdict", "answer", "at"),
    or_ignore=True,
)
_STORED = Prepared(
    sa.select(operations.c.op_hash, operations.c.author_id, operations.c.verdict, operations.c.answer).where(
        operations.c.op_id == sa.bindparam("op_id")
    )
)
_encode = msgspec.json.Encoder().encode
_decode_answer = msgspec.json.Decoder(Answer).decode


def perform(
    tx: WriteTx,
    workflows: Workflows,
    actor: Actor,
    device_id: str | None,
    operation: Operation,
    epoch: str | None = None,
) -> Verdict:
    """Judges and does one operation. Seen before: the stored verdict, whatever it was.

    Raises Refusal only for `epoch_changed`, `op_id_reuse` and `invalid_payload`, which leave nothing behind;
    everything else about the world is a rejected verdict, stored like any other, but for what may mend itself shortly
    after a restore: `retry`, and nothing stored. The committer fills in `seq`.
    """
    if epoch is not None and epoch != tx.epoch:
        raise Refusal("epoch_changed", {"epoch": tx.epoch})
    if device_id is not None:
        checked_name("device_id", device_id)
    op_id = operation.op_id
    payload = _checked_payload(operation)
    asked = ask(tx, workflows, actor, operation, payload)
    try:
        judged = ACTIONS[operation.kind](asked)
        if judged.write is not None:
            _refuse_old(asked)
    except Rejection as rejection:
        if may_come_back(tx, operation, rejection.code) and not tx.fetch(_STORED, op_id):
            return _verdict(op_id, "retry", None, rejection.code, None, None)
        judged = Judged("rejected", code=rejection.code, current=rejection.current)
    op_hash = operation_hash(operation, payload)
    booking_id = None if asked.booking is None else asked.booking.id
    record = (op_id, op_hash, actor.user_id, device_id, operation.kind, booking_id, judged.verdict, _stored(judged))
    if not tx.run(_RECORD, (*record, tx.now)):
        return _replayed(tx, actor, op_id, op_hash)
    if judged.write is not None:
        _write(tx, judged.write, op_id)
    return _verdict(op_id, judged.verdict, judged.version, judged.code, judged.current, judged.result)


def _refuse_old(asked: Asked) -> None:
    """What was meant a month ago is hardly meant now. Asked of what would be done, so that it tells nobody of a booking
    they do not see; what was seen before has its verdict all the same. A moment before the booking's own was told by a
    wrong clock, and says nothing."""
    tx, made_at = asked.tx, asked.operation.created_at
    if made_at is None or made_at >= to_text(tx.now_ms - TOO_OLD_MS):
        return
    if asked.booking is not None:
        began = tx.value(sa.select(bookings.c.created_at).where(bookings.c.id == asked.booking.id))
        if began is not None and made_at < began:
            return
    raise Rejection("too_old", {"created_at": made_at, "limit_days": TOO_OLD_MS // _DAY_MS})


def _write(tx: WriteTx, write: Callable[[], None], op_id: str) -> None:
    """Does what was judged right. An id that names a row already (a system message's, say) was made for something
    else, and no retry could mend it; the whole operation is undone with it."""
    try:
        write()
    except tx.integrity_errors as error:
        raise Refusal("op_id_reuse", {"op_id": op_id}) from error


def _checked_payload(operation: Operation) -> Payload:
    """The payload in its kind's shape; raises Refusal `invalid_payload` for whatever no retry could mend."""
    if not is_id(operation.op_id):
        raise Refusal("invalid_payload", {"field": "op_id", "problem": "Expected a UUID in lower case"})
    if operation.booking_id is None and operation.kind not in ABOUT_NO_BOOKING:
        raise Refusal("invalid_payload", {"field": "booking_id", "problem": "Expected a booking's id or code"})
    if operation.created_at is not None and not _MOMENT.fullmatch(operation.created_at):
        raise Refusal("invalid_payload", {"field": "created_at", "problem": "Expected e.g. 2026-11-21T08:46:37.123Z"})
    try:
        payload: Payload = read_payload(operation)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refusal("invalid_payload", {"field": "payload", "problem": str(error)}) from error
    return payload


def _stored(judged: Judged) -> str | None:
    if judged.version is None and judged.code is None and judged.result is None:
        return None
    return _encode(Answer(judged.version, judged.code, judged.current, judged.result)).decode()


def _replayed(tx: WriteTx, actor: Actor, op_id: str, op_hash: bytes) -> Verdict:
    """What was said the first time, to whoever asks the same again; another's operation is not told about."""
    (known_hash, author_id, verdict, stored) = tx.fetch(_STORED, op_id)[0]
    if known_hash != op_hash or author_id != actor.user_id:
        raise Refusal("op_id_reuse", {"op_id": op_id})
    answer = Answer() if stored is None else _decode_answer(stored)
    return _verdict(op_id, verdict, answer.version, answer.code, answer.current, answer.result)


def _verdict(
    op_id: str,
    verdict: VerdictKind,
    version: int | None,
    code: str | None,
    current: dict[str, Any] | None,
    result: dict[str, Any] | None,
) -> Verdict:
    message = None if code is None else REFUSALS[code][1]
    return Verdict(op_id, verdict, None, version, code, message, current, result)
