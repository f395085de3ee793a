"""What tokens issued earlier do not know yet: sessions ended since, and people whose role, name or access changed."""

import time
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from contract.actors import Actor
from contract.moments import to_text
from server.store.feed import Batch, Change
from server.store.tables import changes, sessions
from server.store.transactions import ReadTx


class _Profile(msgspec.Struct):
    id: str
    name: str
    role: str
    lang: str
    departments: list[Any]
    disabled_at: str | None = None


_decode_profile = msgspec.json.Decoder(_Profile).decode


KEPT = 2
"""Token lives: a token may be issued while a change is on its way here."""


class Standing:
    """Small: only what changed within a token's life, loaded at start, kept by the feed. Used in the loop's thread."""

    def __init__(self, token_seconds: int = 3_600, clock: Callable[[], float] = time.monotonic) -> None:
        self._token_seconds = token_seconds
        self._clock = clock
        self._ended_sessions: dict[str, float] = {}
        """When each was heard of."""
        self._people: dict[str, tuple[float, Actor | None]] = {}

    def load(self, tx: ReadTx, now_ms: int) -> None:
        """What changed while unexpired tokens were out."""
        since = to_text(now_ms - self._token_seconds * 1000)
        self.end_sessions(ended_since(tx, since))
        of_people = sa.select(changes.c.row_id, changes.c.row).where(
            changes.c.table == "profiles", changes.c.op != "insert", changes.c.at >= since
        )
        for row in tx.rows(of_people.order_by(changes.c.seq)):
            self._learn(row["row_id"], row["row"])

    def apply(self, batch: Batch) -> list[str]:
        """Takes in a commit; answers with the ids of those whose sight may have changed, for their sockets to be
        asked to sign in again."""
        people = [change for change in batch.changes if change.table == "profiles" and change.op != "insert"]
        for change in people:
            self._learn(change.row_id, change.row)
        return [change.row_id for change in people if _sight_changed(change)]

    def end_session(self, session_id: str) -> None:
        self._ended_sessions.setdefault(session_id, self._clock())

    def end_sessions(self, session_ids: Iterable[str]) -> None:
        for session_id in session_ids:
            self.end_session(session_id)

    def sweep(self) -> None:
        """Forgets what every token that is still good was issued after."""
        since = self._clock() - KEPT * self._token_seconds
        for session_id in [known for known, at in self._ended_sessions.items() if at < since]:
            del self._ended_sessions[session_id]
        for user_id in [known for known, (at, _) in self._people.items() if at < since]:
            del self._people[user_id]

    def is_ended(self, session_id: str | None) -> bool:
        return session_id in self._ended_sessions

    def actor(self, as_issued: Actor) -> Actor | None:
        """The person as known now; None when no longer let in."""
        _, known = self._people.get(as_issued.user_id, (0.0, as_issued))
        return known

    def _learn(self, user_id: str, row: bytes | str | None) -> None:
        profile = None if row is None else _decode_profile(row)
        known = None if profile is None or profile.disabled_at else actor_of(profile)
        self._people[user_id] = (self._clock(), known)


def ended_since(tx: ReadTx, moment: str) -> list[str]:
    """Sessions that ended at that moment or later, at whichever server."""
    return [row["id"] for row in tx.rows(sa.select(sessions.c.id).where(sessions.c.revoked_at >= moment))]


def actor_of(profile: Any) -> Actor:
    """The actor that a profile (anything with its columns as attributes) makes."""
    return Actor(profile.id, profile.role, profile.name, tuple(map(str, profile.departments)), profile.lang)


def _sight_changed(change: Change) -> bool:
    if change.row is None or change.old is None:
        return True
    now, before = _decode_profile(change.row), _decode_profile(change.old)
    return (now.role, now.departments, now.disabled_at) != (before.role, before.departments, before.disabled_at)
