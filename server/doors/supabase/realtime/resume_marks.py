"""How far channels that broke off had come, so that the same channel of the same session can be told what it missed."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from server.doors.supabase.realtime.part import Part

KEPT_SECONDS = 3_600.0
KEPT = 20_000
_encode = msgspec.json.Encoder(order="sorted").encode


class _Mark(msgspec.Struct):
    seq: int
    at: float
    broken_off: int
    """Channels that have broken off and not come back: tabs of one session cannot be told apart."""


class ResumeMarks:
    """In memory: clients of Supabase name no cursor, so that tabs of one session share the least of their marks and may
    be told something twice. An app that must know exactly sends the seq it has (`config.fieldline.resume`)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` counts seconds and never goes back."""
        self._clock = clock
        self._marks: OrderedDict[bytes, _Mark] = OrderedDict()

    def keep(self, key: bytes, seq: int) -> None:
        """`seq`: everything up to it has been had for sure."""
        known = self._marks.pop(key, None)
        if known is None or self._clock() - known.at > KEPT_SECONDS:
            known = _Mark(seq, self._clock(), 0)
        self._marks[key] = _Mark(min(seq, known.seq), self._clock(), known.broken_off + 1)
        if len(self._marks) > KEPT:
            self._marks.popitem(last=False)

    def take(self, key: bytes) -> int | None:
        """The mark of such a channel, for as many as have broken off; None when there is none, or an hour has
        passed."""
        found = self._marks.get(key)
        if found is None:
            return None
        found.broken_off -= 1
        if found.broken_off == 0 or self._clock() - found.at > KEPT_SECONDS:
            del self._marks[key]
        return found.seq if self._clock() - found.at <= KEPT_SECONDS else None


def mark_key(part: Part) -> bytes | None:
    """The same for the same channel of the same session; None for strangers."""
    if part.identity is None:
        return None
    who = part.identity.session_id or part.identity.actor.user_id
    asked = [dict(one.asked) for one in part.request.bindings]
    return hashlib.sha256(_encode([who, part.channel.topic, asked])).digest()
