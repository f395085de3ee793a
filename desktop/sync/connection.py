"""The socket to the server, again and again: join where the cache stands, follow the feed, notice when it is dead."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import msgspec

from contract.feed import Beat, JoinReply, JoinRequest
from contract.feed import Changes as FeedChanges
from contract.frames import SYNC_TOPIC, Frame
from contract.moments import to_text
from desktop.network.answers import read_answer
from desktop.network.errors import Busy, NetworkError, Unreachable
from desktop.network.socket import SyncSocket, open_socket
from desktop.state.pending import FeedPosition
from desktop.store.errors import StoreError
from desktop.sync.backoff import Backoff
from desktop.sync.catch_up import judge_beat, judge_join
from desktop.sync.feed import Feed
from desktop.sync.parts import Parts
from desktop.sync.poke import Poke
from desktop.sync.together import run_together
from desktop.sync.troubles import Troubles

_encode = msgspec.json.Encoder().encode


class Passenger(Protocol):
    """Something else that lives on a joined socket; `serve` never ends by itself."""

    async def serve(self, socket: SyncSocket) -> None: ...

    def take(self, frame: Frame) -> None: ...


class _Bye(msgspec.Struct, frozen=True):
    reason: str = ""
    after_ms: float = 0.0


class _HeartbeatAnswer(msgspec.Struct, frozen=True):
    """A Beat once joined, empty before."""

    head: int | None = None
    sent: int = 0
    server_ts: int = 0


class Connection:
    def __init__(
        self,
        parts: Parts,
        feed: Feed,
        troubles: Troubles,
        passengers: Sequence[Passenger],
        prepare: Callable[[], Awaitable[None]],
    ) -> None:
        """`prepare` is awaited before each socket: what must be known before anything can be shown."""
        self._http = parts.http
        self._session = parts.session
        self._link = parts.link
        self._clock = parts.clock
        self._times = parts.times
        self._device_id = parts.device_id
        self._feed = feed
        self._troubles = troubles
        self._passengers = passengers
        self._prepare = prepare
        self._backoff = Backoff(parts.times.backoff_first, parts.times.backoff_cap)
        self._inbox: asyncio.Queue[FeedChanges | Beat | Busy] = asyncio.Queue()
        self._socket: SyncSocket | None = None
        self._token: str | None = None
        self._target = 0
        self._has_left = False
        self._pause = 0.0
        self.stir = Poke()
        """Poke it when trying at once may help. Earlier failures still count; not so after `drop`."""
        self.joined: SyncSocket | None = None
        """The socket by which operations go, while it is joined."""

    async def run(self) -> None:
        while True:
            while not self._is_wanted():
                await self.stir.wait()
                self._backoff.reset()
            self._link.happened("attempt")
            began = self._clock.steady()
            self._pause = await self._attempt()
            self._backoff.lasted(self._clock.steady() - began)
            if not self._is_wanted():
                continue
            wait = self._backoff.failed(self._pause)
            self._link.happened("failed")
            self._link.will_try_at(self._clock.steady() + wait)
            await self.stir.wait(wait)
            self._link.will_try_at(None)

    def hasten(self) -> None:
        """HTTP is answered again: the next attempt is due now, unless a pause was asked for."""
        if not self._pause:
            self.stir()

    async def leave(self) -> None:
        """Takes leave of the server, and makes no attempt until `drop`: the computer is about to sleep."""
        self._has_left = True
        if self._socket is not None:
            await self._socket.close()

    def drop(self) -> None:
        """The world has changed: cuts the socket, if there is one; the next attempt starts at once, as if the first."""
        self._has_left = False
        self._backoff.reset()
        if self._socket is not None:
            self._socket.drop()
        self.stir()

    def part(self) -> None:
        """Whoever was here has gone, or somebody has signed in over them: from this moment on nothing goes out by their
        socket, nothing that it brought is heard or applied, and what was polled for them is no evidence."""
        while not self._inbox.empty():
            self._inbox.get_nowait()
        self.joined = None
        self._link.happened("lost")
        self._link.happened("not_polled")
        self.drop()

    def _is_wanted(self) -> bool:
        if self._has_left:
            return False
        return self._session.signed_in and not self._link.facts.work_offline and bool(self._http.server_url)

    async def _attempt(self) -> float:
        """One life of a socket; returns the least seconds to wait before the next."""
        try:
            await self._one_link()
        except (NetworkError, StoreError) as error:
            return await self._troubles.meet(error, self._token)
        return 0.0

    async def _one_link(self) -> None:
        self._inbox = asyncio.Queue()
        await self._feed.belong_to(self._session.me)
        await self._prepare()
        self._token = await self._session.token()
        socket = await open_socket(self._http.server_url, self._sort, line=self._http.line)
        self._socket = socket
        try:
            if not self._is_wanted():
                return
            await run_together(socket.read(), self._beat(socket), self._live(socket))
        finally:
            self._socket = self.joined = None
            self._link.happened("lost")
            await socket.close()

    def _sort(self, frame: Frame) -> None:
        """Called for each frame in the order they come."""
        if frame.topic != SYNC_TOPIC:
            for passenger in self._passengers:
                passenger.take(frame)
        elif frame.event == "changes":
            self._inbox.put_nowait(read_answer(frame.payload, FeedChanges))
        elif frame.event == "bye":
            bye = read_answer(frame.payload, _Bye)
            self._inbox.put_nowait(Busy(f"bye: {bye.reason}", bye.after_ms / 1000))
        elif frame.event in {"phx_close", "phx_error"} and self._socket is not None and self._socket.is_current(frame):
            self._inbox.put_nowait(Busy(frame.event))

    # --- the tasks of one socket -------------------------------------------------------------------------------------

    async def _beat(self, socket: SyncSocket) -> None:
        """Two heartbeats unanswered: the socket is dead, whatever the network stack believes."""
        while True:
            began, sent_at = self._clock.steady(), self._clock.wall()
            answer = await socket.beat(_HeartbeatAnswer, self._times.dead_after)
            took = self._clock.steady() - began
            if answer.head is not None:
                self._link.answered(answer.server_ts, sent_at, latency_s=took)
                # Through the same door as the changes, so that it is judged after all that came before it.
                self._inbox.put_nowait(Beat(answer.head, answer.sent, answer.server_ts))
            await asyncio.sleep(max(0.0, self._times.heartbeat - took))

    async def _live(self, socket: SyncSocket) -> None:
        await self._join(socket)
        passengers = [passenger.serve(socket) for passenger in self._passengers]
        await run_together(self._follow(), self._hand_on_tokens(socket), *passengers)

    async def _join(self, socket: SyncSocket) -> None:
        """Joins, and catches up as far as the answer asks for. Raises Unreachable where a snapshot just taken did not
        help: the next is for the next attempt, after a pause."""
        resynced = False
        while True:
            position = self._feed.position
            reply = await self._ask_to_join(socket, position)
            if self._feed.position.epoch != position.epoch:
                # The polling has taken a snapshot meanwhile: this answer is about what is held no more.
                self._inbox = asyncio.Queue()
                continue
            joined = judge_join(position, reply)
            if joined.next != "resync":
                self._feed.settle_history()
            self._link.happened("joined_behind" if joined.behind else "joined")
            self._link.at(position, reply.head, None if joined.behind else to_text(reply.server_ts))
            if joined.next != "resync":
                break
            if resynced:
                raise Unreachable("A snapshot is asked for right after one.")
            await self._feed.resync()
            self._inbox, resynced = asyncio.Queue(), True
        self._target = joined.head
        self.joined = socket
        if joined.next == "pull":
            await self._feed.pull()
        await self._feed.finish_earlier_work()
        self._check_caught_up()

    async def _ask_to_join(self, socket: SyncSocket, position: FeedPosition) -> JoinReply:
        self._token = await self._session.token()
        cursor = position.seq if position.epoch else None
        request = JoinRequest(self._device_id, self._token, position.epoch, cursor)
        began, sent_at = self._clock.steady(), self._clock.wall()
        reply = await socket.request(SYNC_TOPIC, "phx_join", _encode(request), JoinReply, self._times.request)
        self._link.answered(reply.server_ts, sent_at, latency_s=self._clock.steady() - began)
        self._session.refresh_me(reply.user, self._token)
        self._feed.told_epoch = reply.epoch
        return reply

    async def _follow(self) -> None:
        while True:
            found = [await self._inbox.get()]
            while not self._inbox.empty():
                found.append(self._inbox.get_nowait())
            frames: list[FeedChanges] = []
            for each in found:
                if isinstance(each, FeedChanges):
                    frames.append(each)
                    continue
                await self._feed.take(frames)
                frames.clear()
                if isinstance(each, Busy):
                    raise each
                await self._judge(each)
            await self._feed.take(frames)
            self._check_caught_up()

    async def _judge(self, beat: Beat) -> None:
        judged = judge_beat(self._feed.position, beat)
        as_of = to_text(beat.server_ts)
        if judged.next == "pull":
            self._target = beat.head
            self._link.happened("fell_behind")
            await self._feed.pull()
        elif judged.next == "move":
            await self._feed.move_to(judged.to, as_of)
        self._link.at(self._feed.position, beat.head, as_of)

    async def _hand_on_tokens(self, socket: SyncSocket) -> None:
        """A newer token keeps the join alive past the end of the old one."""
        while True:
            await self._session.renewed.wait()
            token = await self._session.token()
            if token != self._token:
                self._token = token
                payload = _encode({"access_token": token})
                await socket.request(SYNC_TOPIC, "access_token", payload, dict, self._times.request)

    def _check_caught_up(self) -> None:
        if not self._link.facts.caught_up and self._feed.position.seq >= self._target:
            self._link.happened("caught_up")
