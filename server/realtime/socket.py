"""One client's connection: who it is, what it has joined, and the cheapest way to write to it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from contract.frames import SYNC_TOPIC, Vsn
from server.realtime.backlog import Backlog
from server.realtime.limits import SocketLimits
from server.realtime.pace import Pace
from server.realtime.server_frames import bye_frame, close_frame, push_frame

if TYPE_CHECKING:
    from server.access.identity import Identity
    from server.realtime.channels import Channel


Soon = Callable[[Callable[[], None]], object]
Presence = Callable[[], bytes]
"""The payload of `presence_state` as of now."""


class Link(Protocol):
    """What a socket needs of the transport underneath."""

    def write(self, data: bytes) -> None: ...
    def get_write_buffer_size(self) -> int: ...
    def close(self) -> None: ...
    def abort(self) -> None: ...


class Socket:
    """`write` takes finished frames (see server_frames). To who only listens and keeps up it *is* the transport's own
    write, a system call at once. While operations are unanswered it gathers instead what one turn of the loop writes:
    the changes a commit made and all its verdicts leave in one call. It counts when the reader falls behind, and
    swallows once the socket closes; so the way of every frame holds no test. What may be lost goes by `offer` and
    `tell_presence`: it neither cuts a reader off nor takes the room of what must not be lost."""

    __slots__ = (
        "_backlog", "_gathered", "_limits", "_link", "_owing", "_soon", "channels", "closed", "frames", "heard_at",
        "identity", "joins", "keyed", "leaving", "opened_at", "refused", "sent_back", "too_slow", "unanswered",
        "vouched", "vsn", "write",
    )  # fmt: skip

    def __init__(self, link: Link, vsn: Vsn, limits: SocketLimits, now: float, soon: Soon) -> None:
        """`soon` is the loop's call_soon."""
        self.vsn = vsn
        self.identity: Identity | None = None
        self.keyed = False
        """Whether it was opened with a key of Supabase's kind: by one of its clients, that is."""
        self.sent_back: frozenset[str] = frozenset()
        """Topics whose join was refused once for want of a token."""
        self.vouched = False
        """Whether one of its channels has shown a token of its own: such a socket may be several people's in turn."""
        self.channels: dict[str, Channel] = {}
        self.write: Callable[[bytes], None] = link.write
        self.frames = Pace(limits.frames_per_second, 2 * limits.frames_per_second, now)
        self.joins = Pace(limits.joins_per_second, 2 * limits.joins_per_second, now)
        self.refused = 0
        self.opened_at = now
        self.heard_at = now
        self.unanswered = 0
        """Operations on their way through the store."""
        self.leaving = False
        """Draining: closes as soon as nothing is unanswered."""
        self.closed = False
        """Closing or gone: nothing more is read from it or written to it."""
        self.too_slow = False
        self._link = link
        self._limits = limits
        self._soon = soon
        self._backlog: Backlog | None = None  # while the reader keeps up
        self._owing: dict[Channel, Presence] = {}
        """Who is told anew who is there, once the reader has caught up."""
        self._gathered: list[bytes] | None = None

    @property
    def known(self) -> bool:
        """Whether somebody is answerable for what comes by it."""
        return self.identity is not None or self.vouched

    @property
    def buffered(self) -> int:
        """Bytes written and not yet taken by the system."""
        return self._link.get_write_buffer_size()

    def pause(self) -> None:
        """The reader has fallen behind: from here on each write is counted against the backlog."""
        self._backlog = Backlog(self._limits)
        self._choose()

    def resume(self) -> None:
        self._backlog = None
        self._choose()
        owing, self._owing = self._owing, {}
        for channel, state in owing.items():
            if channel.live:
                anew = push_frame(self.vsn, channel.topic, "presence_state", state(), channel.join_ref)
                self.tell_presence(channel, anew, state)

    def offer(self, data: bytes) -> bool:
        """Writes a frame that may be lost: whether it was. To a reader who is behind, only while little waits."""
        backlog = self._backlog
        if backlog is None:
            self.write(data)
            return True
        self._release()
        if self.closed or not backlog.takes_aside(len(data), self.buffered):
            return False
        self._link.write(data)
        return True

    def tell_presence(self, channel: "Channel", diff: bytes, state: Presence) -> None:
        """A finished frame of who came and went; or where it is lost, `state` as soon as the reader has caught up."""
        if channel in self._owing or not self.offer(diff):
            self._owing[channel] = state

    def forget_presence(self, channel: "Channel") -> None:
        """It is told no more who is there."""
        self._owing.pop(channel, None)

    def expect(self, count: int) -> None:
        """`count` operations more are on their way."""
        self.unanswered += count
        self._choose()

    def answered(self, count: int) -> None:
        """`count` operations more have got their verdict."""
        self.unanswered -= count
        if self.leaving and self.unanswered == 0:
            self.close(1001, "drain")
        else:
            self._choose()

    def bye(self, reason: str, after_ms: int, code: int) -> None:
        """Says on `sync` why and for how long (docs/protocol.md), then closes."""
        if not self.closed and SYNC_TOPIC in self.channels:
            self._write_now(bye_frame(self.vsn, reason, after_ms))
        self.close(code, reason)

    def drain(self, after_ms: int) -> None:
        """Says goodbye at once, and closes when the last operation is answered."""
        if self.closed or self.leaving:
            return
        self.leaving = True
        if SYNC_TOPIC in self.channels:
            self._write_now(bye_frame(self.vsn, "drain", after_ms))
        self.answered(0)

    def close(self, code: int, reason: str) -> None:
        """Sends the close frame; the peer's answer, or the sweeper, ends the connection. Later writes go nowhere."""
        if self.closed:
            return
        self._write_now(close_frame(code, reason))
        self.lost()

    def lost(self) -> None:
        """The connection is gone, or as good as."""
        self.closed = True
        self._gathered = None
        self._choose()

    def hang_up(self) -> None:
        """Ends the connection as soon as what was written is sent."""
        self._link.close()

    def abort(self) -> None:
        """Ends the connection now."""
        self._link.abort()

    def _choose(self) -> None:
        """Which way frames go from here on."""
        if self.closed:
            self.write = _nowhere
        elif self.unanswered or self._gathered:
            self.write = self._gather
        else:
            self.write = self._link.write if self._backlog is None else self._write_or_cut

    def _gather(self, data: bytes) -> None:
        if self._gathered is None:
            self._gathered = []
            self._soon(self._release)
        self._gathered.append(data)

    def _release(self) -> None:
        """At the end of the turn in which it was gathered."""
        if self._gathered is not None:
            data, self._gathered = b"".join(self._gathered), None
            self._choose()
            (self._link.write if self._backlog is None else self._write_or_cut)(data)

    def _write_now(self, data: bytes) -> None:
        """Behind what was gathered, and never held up."""
        gathered, self._gathered = self._gathered, None
        self._link.write(b"".join([*(gathered or ()), data]))
        self._choose()

    def _write_or_cut(self, data: bytes) -> None:
        if self._backlog is not None and not self._backlog.takes(len(data), self.buffered):
            self.too_slow = True
            self.bye("slow", 1000, 1013)
        else:
            self._link.write(data)


def _nowhere(data: bytes) -> None:
    """What is written to a closed socket."""
