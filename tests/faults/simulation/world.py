"""One run: the real server and three real desks in one simulated world, through all of a schedule, until calm."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import structlog

from server.store.backup import back_up, restore
from tests.faults.simulation import end_checks, person
from tests.faults.simulation.client_life import ClientLife
from tests.faults.simulation.computer import COMPUTER
from tests.faults.simulation.disk import copy_as_is, forget
from tests.faults.simulation.event import Event
from tests.faults.simulation.faults import strike
from tests.faults.simulation.finding import Finding
from tests.faults.simulation.loop import SimLoop, Stuck
from tests.faults.simulation.record import Record
from tests.faults.simulation.schedule import ACTS, Schedule
from tests.faults.simulation.server_life import ServerLife
from tests.faults.simulation.socket_line import Pipe
from tests.faults.simulation.template import DESKS, SHARERS, Template, address, scratch_folder
from tests.faults.simulation.weather import Weather

PATIENCE = 400.0
"""Seconds of the run, after the last fault, within which everything must have come to rest."""
LOOK_EVERY = 4
"""Events: at each fourth one desk's whole cache is compared with the feed up to its cursor."""
SIGNS_IN = 5
"""Events: about so many go by before somebody sees that their session is over."""
TOKEN_SECONDS = 90
"""A token's life here, so that every run sees some run out."""


@dataclass(slots=True)
class Seat:
    """A place that one desk after the other takes: the same disk, the same network, mostly the same person."""

    name: str
    email: str
    address: str
    weather: Weather
    by_hand: bool = False
    """No password in the settings: once the session is over, somebody must sign in."""
    sharers: tuple[str, ...] = ()
    """The two people who take turns at it, if any do; `email` is who sits down next."""
    wall_error: float = 0.0
    disk: str = ""
    pipes: list[Pipe] = field(default_factory=list)
    life: ClientLife | None = None


class World:
    def __init__(self, schedule: Schedule, template: Template, desks: Sequence[str] = ()) -> None:
        """`desks`: who sits there, instead of those that the schedule says."""
        self.schedule = schedule
        self.town = template.town
        self.bookings = list(template.town.bookings)
        """With those that were opened since."""
        self.loop = SimLoop(schedule.seed)
        self.dice = random.Random(f"world {schedule.seed}")
        self.hits: Counter[str] = Counter()
        self.record = Record(self)
        self.folder = scratch_folder()
        self._template = template
        self._disks = 0
        self._gone: list[ClientLife | ServerLife] = []
        self._backup: Path | None = None
        self.server: ServerLife
        self.at_rest: Callable[[World], None] | None = None
        """Called at the end, before everything is taken down."""
        names = ("olga-1", "olga-2" if schedule.same_person else "omar", ("cora", "theo")[schedule.seed % 2])
        self.seats = [self._seat(at, name) for at, name in enumerate(desks or names)]

    def run(self) -> Finding:
        asyncio.set_event_loop(self.loop)
        COMPUTER.begin(self.schedule.seed)
        violations: list[str] = []
        try:
            violations = self.loop.run(self._live())
        except Stuck as error:
            violations.append(f"I14 {error}")
        finally:
            self.loop.close()
            asyncio.set_event_loop(None)
            forget(self.folder)
        violations = [*self.record.wrong, *self.loop.failures, *violations]
        found = list(dict.fromkeys(violations))
        return Finding(
            self.schedule.seed, found, len(self.record.clicks), dict(self.hits), self.loop.steps, self.record.digest()
        )

    async def _live(self) -> list[str]:
        self.server = self._start_server(self._fresh_disk(self._template.server))
        for seat in self.seats:
            self._start_client(seat, self._fresh_disk(self._template.profiles / seat.name))
        for at, event in enumerate(self.schedule.events):
            await asyncio.sleep(max(0.0, event.at - self.loop.now))
            self._happen(event)
            if at % LOOK_EVERY == 0:
                self._look_at_a_cache(event.seat)
        is_calm = await self._calm_down()
        found = end_checks.check(self) if is_calm else [self._restless()]
        if self.at_rest is not None:
            self.at_rest(self)
        for life in [*self._gone, *(seat.life for seat in self.seats), self.server]:
            if life is not None and not await life.tidied_away():
                found.append(f"I15 {life.process.name} does not end: {self._tasks_of(life)}")
        return found

    def _look_at_a_cache(self, seat: int) -> None:
        life = self.seats[seat].life
        if life is not None:
            self.record.look_at_cache(life)

    # --- what happens ------------------------------------------------------------------------------------------------

    def _happen(self, event: Event) -> None:
        self.record.look_at_phases()
        self.record.note(f"{event.kind} at {self.seats[event.seat].name} for {event.seconds}")
        if event.dice[2] % SIGNS_IN == 0:
            self._somebody_signs_in()
        if event.kind in ACTS:
            self._act(event)
        else:
            strike(self, event)

    def _act(self, event: Event) -> None:
        life = self.seats[event.seat].life
        if life is None or life.process.asleep_until > self.loop.now or life.desk.me is None:
            return
        if event.kind == "online":
            life.seat.weather.urged.append(self.loop.now)
        for op_id in life.process.run(person.act, life, event, self.bookings):
            life.process.run(self.record.clicked, life, op_id)

    def _somebody_signs_in(self) -> None:
        for seat in self.seats:
            if seat.life is not None and seat.life.process.asleep_until <= self.loop.now:
                seat.life.sign_in_again()

    def _let_each_finish(self) -> None:
        for seat in self.seats:
            if seat.sharers and seat.life is not None and seat.life.process.asleep_until <= self.loop.now:
                seat.life.process.run(seat.life.let_each_finish)

    def later(self, seconds: float, call: Callable[..., object], *args: object) -> None:
        self.loop.call_later(seconds, call, *args)

    # --- processes ---------------------------------------------------------------------------------------------------

    def client_crashed(self, life: ClientLife) -> None:
        """Its seat is taken again by a new desk, a while later, over what the disk holds at this instant."""
        kept = self._next_disk()
        self.record.watch.holds(life)
        life.crash(kept)
        if self.dice.random() < 0.4:
            # A power cut: the cache's log was not synced (NORMAL), what it holds since its last checkpoint is gone.
            (kept / "cache.db-wal").unlink(missing_ok=True)
            life.seat.disk = kept.name
            self.hits["unsynced cache lost"] += 1
        life.seat.life = None
        self._gone.append(life)
        self.record.note(f"{life.seat.name} crashed")
        self.later(self.dice.uniform(0.2, 15.0), self._restart_client, life.seat, life.folder, kept)

    def server_crashed(self, life: ServerLife) -> None:
        kept = self._next_disk()
        life.crash(kept)
        for seat in self.seats:
            for pipe in seat.pipes:
                pipe.cut(heard_by_client=self.dice.random() < 0.8)
        self._gone.append(life)
        self.record.note("server crashed")
        self.later(self.dice.uniform(0.2, 10.0), self._restart_server, kept)

    def _restart_server(self, disk: Path) -> None:
        if not self.server.process.alive:
            self.server = self._start_server(disk)

    def back_up(self) -> None:
        if self.server.process.alive:
            self._backup = self.folder / "backup.db"
            self.server.process.run(back_up, self.server.app.store._settings, self._backup)
            self.hits["backup"] += 1

    def restore(self, down_for: float) -> None:
        """The server is stopped, the newest backup put in the database's place, the server started again."""
        if self._backup is None or not self.server.process.alive:
            return
        self.hits["restore"] += 1
        life = self.server
        kept = self._next_disk()
        life.crash(kept)
        for seat in self.seats:
            for pipe in seat.pipes:
                pipe.cut()
        self._gone.append(life)
        settings = msgspec.structs.replace(life.app.store._settings, data_dir=kept)
        life.process.run(restore, settings, self._backup, int(life.process.wall() * 1000))
        self.later(down_for, self._restart_server, kept)

    def _start_server(self, disk: Path) -> ServerLife:
        life = ServerLife(self, disk, self.schedule.keep_lines)
        life.app.issuer.token_seconds = TOKEN_SECONDS
        store = life.app.store
        self.record.watch.ledger.server_started(disk / "fieldline.db", store.epoch, store.head)
        self.record.note(f"server started at {store.head} of {store.epoch}")
        return life

    def _start_client(self, seat: Seat, disk: Path) -> None:
        seat.life = ClientLife(self, seat, disk)
        seat.weather.urged.append(self.loop.now)
        self.record.note(f"{seat.name} started")

    def _restart_client(self, seat: Seat, home: Path, kept: Path) -> None:
        """In its place, and so the same device. What the dead one still has open goes by another name."""
        home.rename(self._next_disk())
        kept.rename(home)
        self._start_client(seat, home)

    def _seat(self, at: int, name: str) -> Seat:
        chance = random.Random(f"weather {self.schedule.seed} {at}")
        weather = Weather(chance, self.hits, proxied=at == self.schedule.proxied)
        by_hand = at == self.schedule.by_hand
        sharers = SHARERS if by_hand and self.schedule.shared else ()
        return Seat(name, address(DESKS[name]), f"10.0.0.{at + 1}", weather, by_hand, sharers, disk=name)

    def _fresh_disk(self, source: Path) -> Path:
        disk = self._next_disk()
        copy_as_is(source, disk)
        return disk

    def _next_disk(self) -> Path:
        self._disks += 1
        return self.folder / f"disk-{self._disks}"

    # --- calm --------------------------------------------------------------------------------------------------------

    async def _calm_down(self) -> bool:
        """The weather clears up; whether nothing is under way any more in good time after the last has woken."""
        await asyncio.sleep(1.0)
        for seat in self.seats:
            seat.weather.clear_up()
            if seat.life is not None:
                seat.life.crash_in = None
                seat.life.process.run(seat.life.desk.set_work_offline, False)
        self.server.crash_next = None
        awake_at = [seat.life.process.asleep_until for seat in self.seats if seat.life is not None]
        began, calm = max(self.loop.now, *awake_at, 0.0), 0
        while self.loop.now < began + PATIENCE:
            await asyncio.sleep(2.0)
            self.record.look_at_phases()
            self._somebody_signs_in()
            self._let_each_finish()
            calm = calm + 1 if all(self._is_calm(seat) for seat in self.seats) else 0
            if calm == 3:
                self.hits["came to rest without a socket"] += self.schedule.proxied is not None
                return True
        return False

    def _is_calm(self, seat: Seat) -> bool:
        life, server = seat.life, self.server
        if life is None or not server.process.alive or life.process.asleep_until > self.loop.now:
            return False
        desk = life.desk
        at_head = desk.feed.position.epoch == server.app.store.epoch and desk.feed.position.seq == server.app.store.head
        phase = "polling" if seat.weather.proxied else "live"
        fetched = self.record.watch.has_fetched_all(life)
        return at_head and fetched and not life.has_work_of() and desk.link.phase == phase

    def _tasks_of(self, life: ClientLife | ServerLife) -> list[str]:
        """Where each task of a process waits."""
        mine = [task for task in asyncio.all_tasks(self.loop) if self.loop.owner_of(task) is life.process]
        return sorted(f"{task.get_coro()} at {[frame.f_lineno for frame in task.get_stack()]}" for task in mine)

    def _restless(self) -> str:
        states = []
        for seat in self.seats:
            desk = seat.life.desk if seat.life else None
            if desk is not None:
                waiting = [(op.kind, op.state, op.attempts) for op in desk.outbox.unfinished()]
                states.append(
                    f"{seat.name}: {desk.link.phase} {desk.feed.position} signed_in={desk.session.signed_in} {waiting}"
                )
        store = self.server.app.store
        return f"I14 no rest {PATIENCE:.0f} s after the last fault; server {store.epoch} {store.head}; {states}"


def hush() -> None:
    """The programs' log is not read here, except for what they call an error."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50), cache_logger_on_first_use=False)
