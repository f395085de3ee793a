"""Channels that are always told the very same: a frame is built once for all of them, a commit is one write to each."""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator
from operator import itemgetter
from typing import TYPE_CHECKING

import msgspec

from contract.actors import Actor
from server.access.visibility import OF_ONE_PERSON
from server.realtime.views import eyes

if TYPE_CHECKING:
    from server.doors.supabase.realtime.part import Part

Expected = tuple[int, str, int]
"""A message that was sent and counts as delivered once it was read: its change's seq, its booking, its position."""
Told = tuple[int, bytes]
"""A change's seq and the frame that tells it."""

PIECE = 256 * 1024
"""Bytes of one write: between two of them a reader that does not keep up is noticed."""
KEPT = 20_000
"""Messages expected at most. What is forgotten counts as delivered once somebody reads it."""
_LOOK = 1_000
_seq = itemgetter(0)


class Audience:
    """`actor`: one of those it speaks for; all see the same. `expected` is in the order of the feed."""

    __slots__ = ("_looked", "actor", "bindings", "expected", "key", "parts", "topic", "vsn")

    def __init__(self, key: Hashable, part: "Part", actor: Actor) -> None:
        self.key = key
        self.actor = actor
        self.vsn = part.channel.socket.vsn
        self.topic = part.channel.topic
        self.bindings = part.request.bindings
        self.parts: dict[Part, None] = {}
        self.expected: list[Expected] = []
        self._looked = _LOOK

    def write(self, told: list[Told], first: int) -> None:
        """What a commit brought, whose oldest change is `first`. Who caught up into its middle gets the rest."""
        pieces = list(_pieces(frame for _, frame in told))
        for part in tuple(self.parts):
            write = part.channel.socket.write
            mine = pieces if part.upto < first else _pieces(frame for seq, frame in told if seq > part.upto)
            for piece in mine:
                write(piece)

    def expect(self, message: Expected) -> None:
        self.expected.append(message)
        if len(self.expected) >= self._looked:
            self._forget_confirmed()

    def sent_within(self, after: int, upto: int) -> list[Expected]:
        """Messages of changes after one seq, up to another."""
        return self.expected[bisect_right(self.expected, after, key=_seq) : bisect_right(self.expected, upto, key=_seq)]

    def _forget_confirmed(self) -> None:
        """What all of them have had. Looked for each time that twice as much has gathered."""
        least = min((part.had for part in self.parts), default=0)
        del self.expected[: bisect_right(self.expected, least, key=_seq)]
        del self.expected[: max(0, len(self.expected) - KEPT)]
        self._looked = max(_LOOK, 2 * len(self.expected))


def audience_key(part: "Part", actor: Actor) -> Hashable:
    """Equal for channels that are always told the same."""
    bindings = part.request.bindings
    own = any(one.table is None or one.table in OF_ONE_PERSON for one in bindings)
    asked = msgspec.json.encode([one.asked for one in bindings])
    return (actor.user_id if own else eyes(actor), part.channel.socket.vsn, part.channel.topic, asked)


def _pieces(frames: Iterable[bytes]) -> Iterator[bytes]:
    gathered: list[bytes] = []
    size = 0
    for frame in frames:
        if size and size + len(frame) > PIECE:
            yield b"".join(gathered)
            gathered, size = [], 0
        gathered.append(frame)
        size += len(frame)
    if gathered:
        yield b"".join(gathered)
