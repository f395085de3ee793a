"""The audit against silent divergence: a desk tells what it holds as sums of hashes, the server what it should hold."""

from typing import Any, Literal

import msgspec

AuditState = Literal["agreed", "differs", "moved"]
"""moved: what the asker should have held at that number cannot be told any more (it is too long ago, or its sight
changed since). Nothing is wrong; ask again from a newer number."""


class Digest(msgspec.Struct, frozen=True):
    """How many rows of a table, and the sum of their hashes modulo 2⁶⁴ as 16 hex digits (contract.row_digest)."""

    rows: int
    sum: str


class AuditRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of POST /sync/v1/audit: what this device holds at `seq`, by table."""

    epoch: str
    seq: int
    digests: dict[str, Digest]
    ending: str = ""
    """Only bookings, with their rows, and people whose ids end so: two hex digits, or empty for all of them."""
    older: dict[str, int] = msgspec.field(default_factory=dict)
    """By booking, the lowest position held, where the server has older messages that the device does not hold."""
    again: bool = False
    """A second look, after a first that differed: what differs now is no race and raises the alarm."""


class AuditReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What should be held at the same `seq`. When it differs, `bookings` has the sum over each booking's rows, and
    `profiles`, where those differ, all their rows as of `head`."""

    epoch: str
    seq: int
    head: int
    state: AuditState
    digests: dict[str, Digest]
    bookings: dict[str, str] | None = None
    profiles: list[dict[str, Any]] | None = None
