"""Notes that a client that cannot say so itself has had messages of one booking."""

from collections.abc import Collection

import sqlalchemy as sa

from contract.actors import Actor, side_of
from contract.permissions import Sight
from server.access.visibility import sight_as_party
from server.actions.receipt_marks import delivered_to_side, own_marks, write_marks
from server.store.tables import messages
from server.store.transactions import WriteTx

MOST = 500
"""Messages looked at for one confirmation."""


def mark_received(tx: WriteTx, actor: Actor, booking_id: str, positions: Collection[int]) -> bool:
    """Whether that person's mark moved. `positions` are of messages that the client has had. A mark says of everything
    up to it that it was had, so it moves as far as no message of another side was left out, and never back."""
    booking = tx.facts(booking_id)
    if booking is None or sight_as_party(actor, booking) != Sight.FULL:
        return False
    mark = delivered_to_side(tx, actor.side, booking_id)
    reached = 0
    for row in tx.rows(_waited_for(booking_id, mark)):
        if side_of(row["sender_role"]) != actor.side:
            if row["position"] not in positions:
                break
            reached = row["position"]
    delivered, _ = own_marks(tx, actor, booking_id)
    if reached <= max(mark, delivered):
        return False
    write_marks(tx, actor, booking_id, delivered=reached)
    return True


def _waited_for(booking_id: str, mark: int) -> sa.Select[tuple[int, str]]:
    """Messages after a mark that count as delivered or not, oldest first."""
    return (
        sa.select(messages.c.position, messages.c.sender_role)
        .where(
            messages.c.booking_id == booking_id,
            messages.c.position > mark,
            messages.c.kind.not_in(["note", "system"]),
        )
        .order_by(messages.c.position)
        .limit(MOST)
    )
