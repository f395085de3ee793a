"""Tells the server how far this device holds the feed and how far each conversation was read, at most once a second."""

import asyncio

import msgspec

from contract.feed import ReadMark
from contract.frames import SYNC_TOPIC, Frame
from desktop.network.socket import SyncSocket
from desktop.sync.feed import Feed
from desktop.sync.parts import Parts

_encode = msgspec.json.Encoder().encode


class Acknowledgements:
    """A passenger of the socket. Marks are told again on every new socket until the feed shows that they arrived."""

    def __init__(self, parts: Parts, feed: Feed) -> None:
        self._outbox = parts.profile.outbox
        self._pause = parts.times.acknowledge
        self._feed = feed
        self.poke = feed.moved
        """Poke it when something was read."""

    def take(self, frame: Frame) -> None:
        """Nothing comes back."""

    async def serve(self, socket: SyncSocket) -> None:
        acknowledged, told = 0, dict[str, int]()
        while True:
            epoch, seq = self._feed.position.epoch, self._feed.position.seq
            if seq > acknowledged:
                await socket.push(SYNC_TOPIC, "cursor", b'{"seq":%d}' % seq)
                acknowledged = seq
            for booking_id, position in self._outbox.marks.unconfirmed(self._outbox.author_id, epoch).items():
                if told.get(booking_id, 0) < position:
                    await socket.push(SYNC_TOPIC, "read", _encode(ReadMark(booking_id, position)))
                    told[booking_id] = position
            await asyncio.sleep(self._pause)
            await self.poke.wait()
