"""One life of the server: the real application over real files, from its start to its crash."""

import asyncio
import random
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import server.app
import server.doors.openapi.routes
import server.store.sqlite
from server.app import Application
from server.config import ServerConfig
from server.store.committer import Announcement
from server.store.settings import StoreSettings
from tests.faults.simulation.compiled_once import compiled_once
from tests.faults.simulation.disk import copy_as_is
from tests.faults.simulation.lock_step import LockStepCommitter
from tests.faults.simulation.loop import Process

if TYPE_CHECKING:
    from tests.faults.simulation.world import World

# Read from files that no run changes: once for all the lives of all the runs.
server.app.load_workflows = cache(server.app.load_workflows)
server.doors.openapi.routes.routes = cache(server.doors.openapi.routes.routes)
# Threads' work is done in turns: a second reader would never be busy beside the first.
server.app.StoreSettings = partial(StoreSettings, readers=1)  # type: ignore[attr-defined, assignment]
server.store.sqlite.queries_over = compiled_once(server.store.sqlite.queries_over)  # type: ignore[attr-defined]

SHORT = 10
"""Lines of a feed that one commit may fill."""
TIDIED_AT_COMMIT = 0.05
TIME_TO_END = 60.0
"""Seconds of the run: any request under way has timed out by then."""


class ServerLife:
    """`process.alive` until `crash`. `death` is done when it has crashed."""

    def __init__(self, world: "World", folder: Path, keep_lines: int) -> None:
        self.world = world
        self.folder = folder
        self.process = Process(world.loop, "server")
        self.death: asyncio.Future[None] = world.loop.create_future()
        self.crash_next: str | None = None
        """At the next commit: "before" or "after"."""
        self._over = asyncio.Event()
        self._floor = 0
        self._is_short = keep_lines <= SHORT
        self._rounds = random.Random(f"tidied {world.schedule.seed}")
        config = ServerConfig(
            keep_days=1, keep_lines=keep_lines, rate_read="100000/second", rate_write="100000/second",
            rate_public="100000/second", rate_sign_in="1000/second", rate_sign_in_address="1000/second",
        )  # fmt: skip
        self.app: Application = self.process.run(Application, config, folder)
        self._committer = LockStepCommitter(self.app.store._writer, self.app.store._settings)
        self._committer.step_with(self._at_commit, self._others_wait)
        self.app.store._committer = self._committer
        self.task = self.process.start(self._live())

    async def _live(self) -> None:
        """As Application.run, without uvicorn and its signals."""
        app = self.app
        async with app.background:
            app.store.start(self.world.loop, app._publish)
            sweeper = app.background.spawn(app._now_and_then(app._sweep))
            await self._over.wait()
            sweeper.cancel()
        await self.world.loop.finish(app.store._readers.threads)
        app.store.close()
        app._passwords.close()

    def _others_wait(self) -> float:
        """Seconds from a commit's first job to the commit. A round of tidying may fall into it, as once a minute."""
        if self._is_short and self._rounds.random() < TIDIED_AT_COMMIT:
            self.app.store._shorten()
        return self.world.dice.uniform(0.0, 0.01)

    def _at_commit(self, where: str, announcement: Announcement | None) -> bool:
        if announcement is not None and self.process.alive:
            self.world.record.committed(announcement)
            self._note_pruning(announcement.floor)
        if self.crash_next == where and self.process.alive:
            self.crash_next = None
            self.world.hits[f"server crash {where} commit"] += 1
            self.world.server_crashed(self)
            return True
        return not self.process.alive

    def _note_pruning(self, floor: int) -> None:
        """A feed shortened, and whose desks now stand below its oldest line."""
        if floor > self._floor:
            self._floor = floor
            self.world.hits["feed pruned"] += 1
            desks = [seat.life.desk for seat in self.world.seats if seat.life is not None]
            self.world.hits["behind the floor"] += sum(desk.feed.position.seq < floor for desk in desks)

    def crash(self, kept: Path) -> None:
        """Its power is cut at this very instant; `kept` gets what the disk holds."""
        copy_as_is(self.folder, kept)
        self.process.alive = False
        self.death.set_result(None)
        self._over.set()

    async def tidied_away(self) -> bool:
        """Whether it has ended, as a program told to end must."""
        self._over.set()
        ended, _ = await asyncio.wait([self.task], timeout=TIME_TO_END)
        if ended:
            self.task.result()
        return bool(ended)
