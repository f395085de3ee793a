"""Who has what, in memory: messages no device of a side has confirmed yet, and how far each side and reader is."""

from bisect import bisect_left
from collections import OrderedDict, deque
from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from contract.actors import STAFF, side_of
from server.store.feed import Change
from server.store.prepared import Prepared
from server.store.tables import changes, messages, receipts

RECEIVING = ("customer", "staff")
"""Sides whose devices' cursors count as delivery. A bot says it has read, or says nothing."""


class _MessageLine(msgspec.Struct):
    position: int
    booking_id: str
    sender_role: str
    kind: str


class _ReceiptLine(msgspec.Struct):
    booking_id: str
    user_id: str
    side: str
    delivered_position: int
    read_position: int


def _sent_by(*roles: str) -> sa.ColumnElement[bool]:
    return sa.or_(*(messages.c.sender_role == role for role in roles))


def _confirmed_by(side: str) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        receipts.c.booking_id == messages.c.booking_id,
        receipts.c.delivered_position >= messages.c.position,
        receipts.c.side == side,
    )


_BY_STAFF = _sent_by(*sorted(STAFF))
_BY_CUSTOMER = sa.not_(sa.or_(_BY_STAFF, _sent_by("chatbot", "system")))
UNCONFIRMED = Prepared(
    sa.select(changes.c.seq, messages.c.position, messages.c.booking_id, messages.c.sender_role)
    .select_from(changes.join(messages, messages.c.id == changes.c.row_id))
    .where(
        changes.c.seq > sa.select(sa.func.max(changes.c.seq)).scalar_subquery() - sa.bindparam("lines"),
        changes.c.table == "messages",
        changes.c.op == "insert",
        messages.c.kind != "note",
        messages.c.kind != "system",
        sa.or_(
            sa.and_(sa.not_(_BY_CUSTOMER), sa.not_(_confirmed_by("customer"))),
            sa.and_(sa.not_(_BY_STAFF), sa.not_(_confirmed_by("staff"))),
        ),
    )
    .order_by(changes.c.seq)
)
"""Seq, position, booking and sender's role of the messages among the newest `lines` of the feed that nobody of a side
they are for has confirmed. The sides are `side_of`'s."""
_decode_message = msgspec.json.Decoder(_MessageLine).decode
_decode_receipt = msgspec.json.Decoder(_ReceiptLine).decode

Unconfirmed = tuple[int, int, str]
"""A message's seq, position and booking."""


class DeliveryBoard:
    """Fed with every published change, so that a cursor that tells nothing new never reaches the database.

    Owned by the writer's thread. What it forgets (it keeps the newest `at_most` of each kind) is healed by the next
    message of that conversation: marks are high-water marks.
    """

    def __init__(self, at_most: int = 20_000) -> None:
        self._at_most = at_most
        self._unconfirmed: dict[str, list[Unconfirmed]] = {side: [] for side in RECEIVING}
        self._undecoded: deque[Change] = deque(maxlen=at_most)
        self._delivered: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._read: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._cursors: OrderedDict[str, int] = OrderedDict()

    def learn(self, changes: Iterable[Change]) -> None:
        """Takes in a commit's changes; most are looked at only once somebody confirms something."""
        self._undecoded += [
            change
            for change in changes
            if change.table == "receipts" or (change.table == "messages" and change.op == "insert")
        ]

    def unconfirmed(self, holder: str, side: str, cursor: int) -> dict[str, int]:
        """Booking to highest position that a holder (a device in somebody's hands) of `side` now confirms and its side
        had not yet. Who may see what is for the caller to judge; then `confirmed` keeps it from being asked again."""
        self._decode()
        log = self._unconfirmed.get(side, [])
        start = bisect_left(log, (self._cursors.get(holder, 0) + 1, 0, ""))
        found: dict[str, int] = {}
        for seq, position, booking_id in log[start:]:
            if seq > cursor:
                break
            if self._delivered.get((booking_id, side), 0) < position:
                found[booking_id] = position
        return found

    def confirmed(self, holder: str, cursor: int) -> None:
        """What lies up to `cursor` is settled for this holder."""
        _keep(self._cursors, holder, max(cursor, self._cursors.get(holder, 0)), self._at_most)

    def read_position(self, booking_id: str, user_id: str) -> int:
        """How far this person is known to have read; 0 when not known."""
        self._decode()
        return self._read.get((booking_id, user_id), 0)

    def load(self, unconfirmed: Iterable[tuple[int, int, str, str]]) -> None:
        """What was unconfirmed when the server started: seq, position, booking, sender's role, in feed order."""
        for seq, position, booking_id, sender_role in unconfirmed:
            self._note(seq, position, booking_id, sender_role)

    def _note(self, seq: int, position: int, booking_id: str, sender_role: str) -> None:
        sender = side_of(sender_role)
        for side in RECEIVING:
            if side != sender:
                self._unconfirmed[side].append((seq, position, booking_id))

    def _decode(self) -> None:
        if not self._undecoded:
            return
        for change in self._undecoded:
            if change.row is None:
                self._forget_receipt(_decode_receipt(change.old or b"{}"))
            elif change.table == "messages":
                message = _decode_message(change.row)
                if message.kind not in ("note", "system"):
                    self._note(change.seq, message.position, message.booking_id, message.sender_role)
            else:
                self._learn_receipt(_decode_receipt(change.row))
        self._undecoded.clear()
        for side, log in self._unconfirmed.items():
            if len(log) > 2 * self._at_most:
                open_ones = [entry for entry in log if self._delivered.get((entry[2], side), 0) < entry[1]]
                self._unconfirmed[side] = open_ones[-self._at_most :]

    def _learn_receipt(self, receipt: _ReceiptLine) -> None:
        key = (receipt.booking_id, receipt.side)
        delivered = max(receipt.delivered_position, receipt.read_position, self._delivered.get(key, 0))
        _keep(self._delivered, key, delivered, self._at_most)
        _keep(self._read, (receipt.booking_id, receipt.user_id), receipt.read_position, self._at_most)

    def _forget_receipt(self, receipt: _ReceiptLine) -> None:
        """Removed by hand: what the database still says is asked of it, and it may be marked again."""
        self._delivered.pop((receipt.booking_id, receipt.side), None)
        self._read.pop((receipt.booking_id, receipt.user_id), None)


def _keep(
    marks: OrderedDict[tuple[str, str], int] | OrderedDict[str, int], key: object, value: int, at_most: int
) -> None:
    marks[key] = value  # type: ignore[index]
    marks.move_to_end(key)  # type: ignore[arg-type]
    if len(marks) > at_most:
        marks.popitem(last=False)
