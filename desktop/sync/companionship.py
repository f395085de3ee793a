"""Who else has the open booking before them, and who types there: told and heard over the socket, never stored."""

import asyncio

import msgspec
import structlog

from contract.frames import EMPTY, Frame
from desktop.network.answers import read_answer
from desktop.network.errors import Busy, ContractBroken, Refused
from desktop.network.socket import SyncSocket
from desktop.state.companions import Metas, companions_of, from_state, with_diff
from desktop.state.lines import Companion
from desktop.sync.backoff import Backoff
from desktop.sync.parts import Parts
from desktop.sync.poke import Poke

PREFIX = "typing:"
LEAST_PAUSE = 0.6
"""Seconds between two reports: the server takes two a second."""
LONGEST_PAUSE = 5.0
"""Seconds after the server was too busy, unless it says otherwise: who goes on to another booking is not to wait."""
log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode


class Companionship:
    """A passenger of the socket."""

    def __init__(self, parts: Parts) -> None:
        self._session = parts.session
        self._changes = parts.changes
        self._clock = parts.clock
        self._times = parts.times
        self._open: str | None = None
        self._typing_until = 0.0
        self._joined: str | None = None
        self._asked: str | None = None
        """The booking whose room was asked for since anything was heard of it: what was refused is not asked for again
        before then. One just opened here has no room until the server has it."""
        self._metas: Metas = {}
        self._backoff = Backoff(LEAST_PAUSE, LONGEST_PAUSE)
        self._poke = Poke()

    def set_open(self, booking_id: str | None) -> None:
        """The booking in front, None when there is none."""
        if booking_id != self._open:
            self._open = booking_id
            self._asked = None
            self._typing_until = 0.0
            self._poke()

    def set_typing(self, typing: bool) -> None:
        """Call it with every key; it ends by itself a few seconds after the last."""
        self._typing_until = self._clock.steady() + self._times.typing_idle if typing else 0.0
        self._poke()

    def companions(self, booking_id: str) -> tuple[Companion, ...]:
        """The others on that booking, as far as it is the open one."""
        me = self._session.me
        return companions_of(self._metas, me.user_id if me else "") if booking_id == self._joined else ()

    def take(self, frame: Frame) -> None:
        if self._joined is None or frame.topic != PREFIX + self._joined:
            return
        if frame.event not in {"presence_state", "presence_diff"}:
            return
        payload = read_answer(frame.payload, dict)
        self._metas = from_state(payload) if frame.event == "presence_state" else with_diff(self._metas, payload)
        self._changes.companions_changed(self._joined)

    async def serve(self, socket: SyncSocket) -> None:
        """Keeps what the server knows in step with what is on the screen."""
        told: bool | None = None
        stop_listening = self._changes.listen(bookings=self._hear)
        try:
            while True:
                if self._joined != self._open and (self._open is None or self._asked != self._open):
                    await self._move(socket)
                    told = None
                typing = self._clock.steady() < self._typing_until
                if self._joined is not None and typing != told:
                    if await self._track(socket, self._joined, typing=typing):
                        told = typing
                        await asyncio.sleep(LEAST_PAUSE)
                    continue
                await self._poke.wait(self._typing_until - self._clock.steady() if typing else None)
        finally:
            stop_listening()
            self._asked = None
            self._leave_room()

    def _hear(self, ids: frozenset[str] | None) -> None:
        """If its room was refused, perhaps it has one now."""
        if ids is None or self._open in ids:
            self._asked = None
            self._poke()

    async def _move(self, socket: SyncSocket) -> None:
        if self._joined is not None:
            await socket.push(PREFIX + self._joined, "phx_leave", EMPTY)
            self._leave_room()
        wanted = self._open
        if wanted is None:
            return
        # Before the request: the state follows its answer at once, and so may news of the booking.
        self._joined = self._asked = wanted
        try:
            await socket.request(PREFIX + wanted, "phx_join", EMPTY, dict, self._times.request)
        except Busy as error:
            self._leave_room()
            await self._rest(error)
            self._asked = None
            self._poke()
        except (Refused, ContractBroken) as error:
            log.info("no company", why=str(error))
            self._leave_room()
            await asyncio.sleep(LEAST_PAUSE)

    async def _track(self, socket: SyncSocket, booking_id: str, *, typing: bool) -> bool:
        """False where the server was too busy to take it."""
        payload = _encode({"type": "presence", "event": "track", "payload": {"typing": typing}})
        try:
            await socket.request(PREFIX + booking_id, "presence", payload, dict, self._times.request)
        except Busy as error:
            await self._rest(error)
            return False
        except (Refused, ContractBroken) as error:
            log.info("typing not told", why=str(error))
        self._backoff.reset()
        return True

    async def _rest(self, error: Busy) -> None:
        log.info("too busy for company", why=str(error))
        await asyncio.sleep(self._backoff.failed(max(LEAST_PAUSE, error.retry_after or 0.0)))

    def _leave_room(self) -> None:
        left, self._joined, self._metas = self._joined, None, {}
        if left is not None:
            self._changes.companions_changed(left)
