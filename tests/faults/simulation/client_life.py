"""One life of a desk: the real engine over a real profile, from its start to its crash, with a person's hands."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.config import DesktopConfig, SyncTimes
from desktop.intents.context import intent_context
from desktop.network.errors import NetworkError
from desktop.network.line import Line
from desktop.state.changes import Changes
from desktop.store.errors import StoreError
from desktop.sync.clock import Clock
from desktop.sync.desk import Desk, build_desk
from tests.faults.simulation.disk import copy_as_is
from tests.faults.simulation.http_line import HttpLine
from tests.faults.simulation.loop import Process
from tests.faults.simulation.socket_line import ClientEnd, Pipe
from tests.faults.simulation.template import PASSWORD, address

if TYPE_CHECKING:
    from tests.faults.simulation.world import Seat, World

URL = "http://desk"
TIMES = SyncTimes(wake_tick=3.0)
"""As in life, but for the watch over sleep: a third of its ticks will do."""


TIME_TO_END = 60.0
"""Seconds of the run: any request under way has timed out by then."""


class Unhurried(threading.Event):
    """Of a thread whose work is done in one turn: a pause it takes for the others' sake takes no real time."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


class ClientLife:
    """`process.alive` until `crash`."""

    def __init__(self, world: "World", seat: "Seat", folder: Path) -> None:
        self.world = world
        self.seat = seat
        self.folder = folder
        self.process = Process(world.loop, seat.name, seat.wall_error)
        self.crash_in: int | None = None
        """Commits to go until it crashes: before the one that makes it 0, or after it, as `crash_where` says."""
        self.crash_where = "before"
        self._committing = False
        self._signing: asyncio.Task[None] | None = None
        self.desk: Desk = self.process.run(self._build)
        self.desk._profile.closing = Unhurried()
        self._watch_statements(self._on_statement)
        self.context = intent_context(self.desk)
        self.task = self.process.start(self.desk.run())

    def _build(self) -> Desk:
        changes = Changes()
        line = Line(self._dial, lambda: HttpLine(self.world, self.seat.weather, self.seat.address))
        password = None if self.seat.by_hand else PASSWORD
        config = DesktopConfig(self.folder, URL, self.seat.email, password, times=TIMES)
        self.world.record.listen(self, changes)
        return build_desk(config, changes, Clock(self.process.wall, self.process.steady), line)

    async def _dial(self, address: str, timeout: float, max_frame: int) -> Any:
        """As websockets' connect, by the simulated network."""
        weather, world = self.seat.weather, self.world
        await asyncio.sleep(weather.latency())
        if weather.silent:
            await asyncio.sleep(timeout)
            weather.in_vain.append(world.loop.now)
            raise TimeoutError
        server = world.server
        if weather.down or weather.no_sockets or weather.proxied or not server.process.alive or not self.process.alive:
            weather.in_vain.append(world.loop.now)
            raise ConnectionRefusedError("nobody there")
        pipe = Pipe(world, weather, self.process)
        self.seat.pipes = [known for known in self.seat.pipes if not known.is_cut]
        self.seat.pipes.append(pipe)
        end: ClientEnd = pipe.end
        return end

    def sign_in_again(self) -> None:
        """A person does, where nobody is signed in and no password is known; what comes of it shows."""
        if not self.desk.session.signed_in and self.seat.by_hand and (self._signing is None or self._signing.done()):
            self._signing = self.process.start(self._sign_in())

    async def _sign_in(self) -> None:
        with contextlib.suppress(NetworkError, StoreError):
            await self.desk.sign_in(self.seat.email, PASSWORD)
            self.world.hits["signed in by hand"] += 1

    def change_hands(self, *, leave_first: bool = False) -> None:
        """The colleague who shares this desk signs in: over the session that is live, or once that is ended here."""
        me, sharers = self.desk.me, self.seat.sharers
        if me is not None and sharers and (self._signing is None or self._signing.done()):
            [other] = [person for person in sharers if self.world.town.people[person] != me.user_id]
            self.seat.email = address(other)
            self._signing = self.process.start(self._hand_over(leave_first=leave_first))

    async def _hand_over(self, *, leave_first: bool) -> None:
        with contextlib.suppress(NetworkError, StoreError):
            if leave_first:
                await self.desk.sign_out(force=True)
            await self.desk.sign_in(self.seat.email, PASSWORD)
            self.world.hits["desk handed over"] += 1

    def let_each_finish(self) -> None:
        waiting = self.has_work_of()
        if self.desk.me is not None and waiting and self.desk.me.user_id not in waiting:
            self.change_hands()

    def has_work_of(self) -> set[str]:
        """Who left something unsent, or something that a restored server has lost: it goes out when they are back."""
        unfinished = "state IN ('queued', 'sending') OR (state = 'sent' AND epoch <> ?)"
        return {op.author_id for op in self.desk.outbox._select(unfinished, (self.desk.feed.position.epoch,))}

    def _watch_statements(self, call: Callable[[str], None] | None) -> None:
        for connection in (self.desk.outbox._connection, self.desk.worker._writer.connection):
            connection.set_trace_callback(call)

    def _on_statement(self, statement: str) -> None:
        """Called by SQLite as it begins each statement: a crash takes the files as they are at that instant."""
        if not self.process.alive:
            return
        if statement.startswith("COMMIT"):
            self._committing = True
            if self.crash_in is not None:
                self.crash_in -= 1
                if self.crash_in <= 0 and self.crash_where == "before":
                    self._crash_at("before")
        elif self._committing:
            self._committing = False
            if self.crash_in is not None and self.crash_in <= 0:
                self._crash_at("after")

    def _crash_at(self, where: str) -> None:
        self.crash_in = None
        self.world.hits[f"client crash {where} commit"] += 1
        self.world.client_crashed(self)

    def crash(self, kept: Path) -> None:
        """Its power is cut at this very instant; `kept` gets what the disk holds. Its sockets are nobody's."""
        copy_as_is(self.folder, kept)
        self.process.alive = False
        for pipe in self.seat.pipes:
            pipe.cut(heard_by_server=self.world.dice.random() < 0.5)
        self.seat.pipes.clear()
        self.desk.stop()

    async def tidied_away(self) -> bool:
        """Whether it has ended, as a program told to end must."""
        self.desk.stop()
        ended, _ = await asyncio.wait([self.task], timeout=TIME_TO_END)
        if ended:
            # The driver hides what it calls from the garbage collector: a world held by that would never go.
            self._watch_statements(None)
            self.process.run(self.desk.close)
        return bool(ended)
