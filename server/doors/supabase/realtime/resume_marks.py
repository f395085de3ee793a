"""How far channels that broke off had come, so that the same channel of the same session can be told what it missed."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from server.doors.supabase.realtime.part import Part

KEPT_SECONDS = 3_600.0
KEPT = 20_000
_encode = msgspec.json.Encoder(order="sorted").encode


class ResumeMarks:
    """In memory: clients of Supabase name no cursor, so that two tabs of one session share a mark and may be told
    something twice. An app that must know exactly sends the seq it has (`config.fieldline.resume.after`)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` counts seconds and never goes back."""
        self._clock = clock
        self._marks: OrderedDict[bytes, tuple[int, float]] = OrderedDict()

    def keep(self, part: Part, seq: int) -> None:
        """`seq`: everything up to it has been had for sure. The lesser of two tabs' marks holds."""
        key = _key(part)
        if key is None:
            return
        known = self._marks.pop(key, None)
        self._marks[key] = (seq if known is None else min(seq, known[0]), self._clock())
        if len(self._marks) > KEPT:
            self._marks.popitem(last=False)

    def take(self, part: Part) -> int | None:
        """The mark of such a channel, once; None when there is none, or an hour has passed."""
        key = _key(part)
        found = None if key is None else self._marks.pop(key, None)
        return found[0] if found is not None and self._clock() - found[1] <= KEPT_SECONDS else None


def _key(part: Part) -> bytes | None:
    if part.identity is None:
        return None
    who = part.identity.session_id or part.identity.actor.user_id
    asked = [dict(one.asked) for one in part.request.bindings]
    return hashlib.sha256(_encode([who, part.channel.topic, asked])).digest()
