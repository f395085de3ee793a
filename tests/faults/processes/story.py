"""One kill after the other while two desks and a customer work; after each, everything comes back and is checked."""

import random
import shutil
import time
from collections import Counter, deque
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from contract.ids import new_id
from tests.faults.history.check import check
from tests.faults.history.events import CACHE_DELETED, Asked, Began, Clicked, Event, Faulted, Healed, Measured, Revoked
from tests.faults.history.violation import report
from tests.faults.processes.counts import LINK_FAULTS, Counts, Point
from tests.faults.processes.customer import Customer
from tests.faults.processes.databases import POSTGRESQL, SQLITE
from tests.faults.processes.measured import of_files, of_process
from tests.faults.processes.points import ON_JOIN, ON_SNAPSHOT
from tests.faults.processes.rig import CUSTOMERS, DATABASE, DESKS, Rig, Stuck, rig, wait_for

FIRE = 8.0
"""Seconds within which an armed point must be passed, with work going on."""
MISSES = 5
"""Of one story. A loaded machine may be too slow to reach a point in time; one that is never reached is a mistake."""
SIGNED_OUT_AFTER = 2
"""Rounds. From then on one of the customers tries in vain."""
CUTS_IN_QUIET, SAMPLES = 2, 6
"""Of the link before each sample of what the programs hold; so many samples of one life."""
FAILING_PER_SECOND = 8.0
"""These desks' times are a tenth of life's and less (headless_desk.QUICK), and so is their patience: 3 are usual."""

CALM = {SQLITE: 0.25, POSTGRESQL: 1.5}
"""Of a commit whose answer was lost with the connection, a server on PostgreSQL learns by its look once a second."""


class Broken(AssertionError):
    """A promise was broken; the text holds the seed and the shrunk history."""


class Story:
    """The rounds of one rig."""

    def __init__(self, found: Rig, seed: int, calm: float) -> None:
        """`calm`: seconds without a change after which it has come to rest."""
        self._rig = found
        self._seed = seed
        self._calm = calm
        self._random = random.Random(seed)
        self._bookings: list[str] = []
        self._link_faults: list[str] = []
        """Still to come before one comes again."""
        self._carla, self._dora = (Customer(found, name) for name in CUSTOMERS)
        self._doras = ""
        self.counts = Counts()
        self._write_began()

    def _write_began(self) -> None:
        what = "two desks, a customer, kill -9"
        now, seed = time.time(), self._seed
        began = Began(at=now, process="driver", what=what, seed=seed, failing_per_second=FAILING_PER_SECOND)
        self._rig.driver.write(began)

    def begin(self) -> None:
        self._carla.sign_in()
        self._dora.sign_in()
        self._book()
        self._doras = self._dora.book()
        self.come_to_rest()

    def round(self, side: str, point: str) -> None:
        """One kill at that point, with everything that goes before and after it. Raises Broken, Stuck."""
        self._book()
        if self.counts.rounds == SIGNED_OUT_AFTER:
            self._dora.sign_out(self._carla)
        victim = self._random.choice(DESKS) if side == "desk" else side
        self._arm(side, victim, point)
        self._shake_link()
        self._work()
        self._see_it_die(victim, point)
        self._bring_back(victim)
        self._dora.say(self._doras)
        self.come_to_rest()
        self.check()
        self.counts.rounds += 1

    def reconnect(self) -> None:
        """The link is cut again and again while nobody dies: what a connection leaves behind adds up in one life. Then
        a last check. Raises Broken, Stuck."""
        assert self._rig.link is not None
        for sample in range(1, SAMPLES + 1):
            for _ in range(CUTS_IN_QUIET):
                before = self._sockets()
                self._fault("link", "link cut in quiet")
                self._rig.link.cut()
                wait_for(partial(self._are_back, before), tell=self._where)
            for process, pid in self._rig.pids().items():
                self._rig.driver.write(*of_process(process, pid, sample * CUTS_IN_QUIET))
        self._rig.driver.write(Healed(at=time.time(), process="driver"))
        self.come_to_rest()
        self.check()

    def _sockets(self) -> list[int]:
        return [self._rig.desks[name].ask("sockets") for name in DESKS]

    def _are_back(self, before: list[int]) -> bool:
        """Each desk by a socket that was not open before."""
        live = all(state is not None and state[0] == "live" for state in self._raw_standing())
        return live and all(now > then for now, then in zip(self._sockets(), before, strict=True))

    # --- what people do ----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        """Everyone writes, somebody presses a button, somebody reads."""
        for name in DESKS:
            desk = self._rig.desks[name]
            offline = self._random.random() < 0.3
            if offline:
                desk.ask("offline", True)
            for booking in self._random.sample(self._bookings, min(3, len(self._bookings))):
                for _ in range(self._random.randint(1, 2)):
                    desk.ask("write", booking, f"{name} {new_id()}")
                if self._random.random() < 0.5:
                    desk.ask("press", booking, self._random.randrange(3))
            desk.ask("read", self._bookings[-1])
            if offline:
                desk.ask("offline", False)
        self._carla.say(self._bookings[-1])

    def _book(self) -> None:
        self._bookings = [*self._bookings[-4:], self._carla.book()]

    # --- what befalls them -------------------------------------------------------------------------------------------

    def _arm(self, side: str, victim: str, point: str) -> None:
        """Points of a snapshot and of a join are passed by a desk that comes (back); the rest by work."""
        rig, link = self._rig, self._rig.link
        assert rig.server is not None
        assert link is not None
        if side != "desk" and point in ON_SNAPSHOT:
            rig.server.kill()  # one that has just made a snapshot would share it, and not pass by here again
            self._fault("server", "killed at no point")
            rig.start_server()
            assert rig.server is not None
        if side == "desk":
            rig.desks[victim].ask("arm", point)
        else:
            rig.server.ask(point, rig.database_pid if side == DATABASE else 0)
        if point in ON_SNAPSHOT:
            name = victim if side == "desk" else self._random.choice(DESKS)
            rig.desks[name].kill()
            for file in rig.profile(name).glob("cache.db*"):
                file.unlink()
            self._fault(f"desk-{name}", CACHE_DELETED)
            rig.start_desk(name, point if side == "desk" else "")
        elif point in ON_JOIN:
            link.cut()
            self._fault(victim, "link cut")

    def _shake_link(self) -> None:
        link = self._rig.link
        assert link is not None
        if self.counts.rounds % 2:
            return
        if not self._link_faults:
            self._link_faults = self._random.sample(LINK_FAULTS, len(LINK_FAULTS))
        fault = self._link_faults.pop()
        self._fault("link", fault)
        if fault == "link cut":
            link.cut()
        elif fault == "link down":
            link.down()
        else:
            link.black_hole()

    def _mend_link(self) -> None:
        link = self._rig.link
        assert link is not None
        link.up()
        link.clear()

    def _see_it_die(self, victim: str, point: str) -> None:
        rig = self._rig
        began = time.monotonic()
        mended = False
        while rig.is_alive(victim) and time.monotonic() - began < FIRE:
            if not mended and time.monotonic() - began > 0.3:
                self._mend_link()
                mended = True
            elif mended:
                for name in DESKS:
                    rig.desks[name].ask("write", self._bookings[-1], f"{name} {new_id()}")
                rig.desks[self._random.choice(DESKS)].ask("read", self._bookings[-1])
                self._carla.say(self._bookings[-1])
            time.sleep(0.05)
        side = "desk" if victim in DESKS else victim
        if rig.is_alive(victim):
            self.counts.missed[f"{side} {point}"] += 1
            self._fault(victim, "killed at no point")
        else:
            self.counts.faults[f"{side} killed at {point}"] += 1

    def _bring_back(self, victim: str) -> None:
        rig = self._rig
        self._mend_link()
        rig.kill(victim)
        rig.start(victim)
        rig.driver.write(Healed(at=time.time(), process="driver"))

    def _fault(self, process: str, fault: str) -> None:
        self.counts.faults[fault] += 1
        self._rig.driver.write(Faulted(at=time.time(), process=process, fault=fault))

    # --- and how it ends ---------------------------------------------------------------------------------------------

    def come_to_rest(self) -> None:
        """Everything is live, in step with the head, and has nothing on its way; and stays so."""
        since, before = 0.0, None

        def rests() -> bool:
            nonlocal since, before
            now = self._standing()
            if now is None or now != before:
                since, before = time.monotonic(), now
                return False
            return now is not None and time.monotonic() - since > self._calm

        wait_for(rests, tell=lambda: f"{self._where()}: {self._raw_standing()}\n{self._rig.tail('server.log')}")

    def _raw_standing(self) -> list[tuple[str, str | None, int, int] | None]:
        return [self._rig.desks[name].ask("state") for name in DESKS]

    def _standing(self) -> tuple[object, ...] | None:
        _, head = self._carla.stand()
        states = self._raw_standing()
        for state in states:
            if state is None:
                raise Stuck(
                    f"{self._where()}: a desk died by itself\n{self._rig.tail('anna.log')}{self._rig.tail('bob.log')}"
                )
        calm = all(state[0] == "live" and state[2] == head and state[3] == 0 for state in states if state)
        return (head, *states) if calm else None

    def check(self) -> None:
        """The whole history so far. Raises Broken."""
        for name in DESKS:
            for booking in self._bookings:
                self._rig.desks[name].ask("look", booking)
            self._rig.driver.write(*of_files(f"desk-{name}", self._rig.profile(name), self.counts.faults.total()))
        self._rig.driver.write(*of_files("server", self._rig.folder / "data", self.counts.faults.total()))
        self._rig.driver.write(self._rig.database.dump(time.time()))
        for name in DESKS:
            self._rig.desks[name].ask("dump")
        events = self._rig.history()
        self.counts.operations = sum(isinstance(event, Clicked) for event in events)
        self._count_told(events)
        violations = check(events)
        self.counts.violations += len(violations)
        if violations:
            raise Broken(f"{self._where()}\n{report(violations)}")

    def _count_told(self, events: Sequence[Event]) -> None:
        """What I12, I14 and I15 need to be told of: without, they would say nothing."""
        asked = Counter(event.ok for event in events if isinstance(event, Asked))
        told = Counter(type(event) for event in events)
        self.counts.told = Counter(
            {
                "asked": asked[True],
                "asked in vain": asked[False],
                "measured": told[Measured],
                "signed out": told[Revoked],
                "refused since": self._dora.refused,
            }
        )

    def _where(self) -> str:
        return f"seed {self._seed}, after {self.counts.rounds} rounds, in {self._rig.folder}"


def tell(folder: Path, seed: int, points: Sequence[Point], engine: str = SQLITE) -> Counts:
    """A story of a round for each of the points; one that was not passed in time comes again at the end, at most
    MISSES do. Keeps the folder where it fails."""
    with rig(folder, engine) as found:
        story = Story(found, seed, CALM[engine])
        story.begin()
        waiting = deque(points)
        while waiting:
            side, point = waiting.popleft()
            before = story.counts.missed.total()
            story.round(side, point)
            if story.counts.missed.total() > before and before < MISSES:
                waiting.append((side, point))
        story.reconnect()
    shutil.rmtree(folder)
    return story.counts
