"""Delivery states and the one rule about them: they move on evidence, and only upwards (console features 5.4)."""

from enum import StrEnum


class Delivery(StrEnum):
    """What a glyph beside a message or a pressed button promises."""

    QUEUED = "queued"
    """In the outbox on disk."""
    HELD = "held"
    """On disk, waiting for a person's yes."""
    SENDING = "sending"
    """A request is on the wire; says nothing of the server. When that came to nothing it is `queued` again, and
    shown so: `merge` joins evidence of different sources, it does not hide a failed try (sync.md 3.2's state table)."""
    SENT = "sent"
    """The server has stored it."""
    DELIVERED = "delivered"
    """A device of the other side has it on disk."""
    READ = "read"
    """It was on the other side's screen."""
    FAILED = "failed"
    """The server refused it, or will never take it as it is."""
    CONFLICT = "conflict"
    """The world changed; a person must decide."""


_RANK = {Delivery.QUEUED: 0, Delivery.SENDING: 1, Delivery.SENT: 2, Delivery.DELIVERED: 3, Delivery.READ: 4}


def merge(one: Delivery, other: Delivery) -> Delivery:
    """The higher of two states: commutative, associative, idempotent. Evidence of arrival beats a failure."""
    ranks = (_RANK.get(one, -1), _RANK.get(other, -1))
    if min(ranks) >= 0:
        return one if ranks[0] >= ranks[1] else other
    if max(ranks) >= _RANK[Delivery.SENT]:
        return one if ranks[0] > ranks[1] else other
    if ranks[0] < 0 and ranks[1] < 0:
        return min(one, other)
    return one if ranks[0] < 0 else other


def of_position(position: int, delivered_to: int, read_to: int) -> Delivery:
    """The state of a stored message at `position`, given how far the other side has the conversation."""
    if position <= read_to:
        return Delivery.READ
    if position <= delivered_to:
        return Delivery.DELIVERED
    return Delivery.SENT
