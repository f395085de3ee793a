"""Opens a profile as it is found after a power cut or with damage, in a process of its own, and says what it holds."""

from collections.abc import Set
from pathlib import Path

import msgspec

from desktop.store.errors import Damaged
from desktop.store.sqlcipher import translated
from tests.faults.processes.dumps import outbox_lines, published_rows
from tests.support.desk_builders import fresh_profile


class Opened(msgspec.Struct, frozen=True):
    texts: dict[str, str]
    """Payload by operation."""
    states: dict[str, str]
    drafts: dict[str, str]
    notices: dict[str, dict[str, object]]
    cache_seq: int
    """Where the cache stands; -1: nowhere."""
    cache_rows: int
    cache_damage: str
    """Said by the reading itself, as the window would learn it."""

    def told(self, keys: Set[str]) -> bool:
        """Whether the person was told one of these."""
        return not keys.isdisjoint(self.notices)


def open_found(folder: Path) -> Opened:
    """Raises ProfileUnusable, and whatever must not happen."""
    profile = fresh_profile(folder)
    try:
        rows = profile.outbox._connection.execute("SELECT op_id, payload FROM outbox").fetchall()
        drafts = profile.outbox._connection.execute("SELECT booking_id, text FROM draft").fetchall()
        lines = outbox_lines(profile.outbox._connection)
        cached, seq, damage = 0, -1, ""
        try:
            with translated():
                feed = profile.reader.position().feed
                seq = feed.seq if feed.epoch is not None else -1
                cached = len(published_rows(profile.reader._connection))
        except Damaged as error:
            damage = str(error)
        return Opened(
            {row["op_id"]: row["payload"] for row in rows},
            {op: line.state for op, line in lines.items()},
            {row["booking_id"]: row["text"] for row in drafts},
            dict(profile.notices),
            seq,
            cached,
            damage,
        )
    finally:
        profile.close()
