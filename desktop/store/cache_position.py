"""Where the cache stands: whose sight it holds, and up to which point of which feed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.state.pending import FeedPosition

if TYPE_CHECKING:
    from sqlite3 import Connection


@dataclass(frozen=True, slots=True)
class CachePosition:
    owner_id: str | None
    """Whose rows these are; None: nobody's yet."""
    side: str
    feed: FeedPosition
    as_of: str | None
    """Server moment up to which what is held is complete."""


def read_position(connection: "Connection") -> CachePosition:
    row = connection.execute("SELECT owner_id, side, epoch, seq, as_of FROM position").fetchone()
    return CachePosition(row["owner_id"], row["side"] or "staff", FeedPosition(row["epoch"], row["seq"]), row["as_of"])
