"""One kill after the other while two desks and a customer work; after each, everything comes back and is checked."""

import random
import shutil
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import httpx

from contract.ids import new_id
from tests.faults.history.check import check
from tests.faults.history.events import CACHE_DELETED, Began, Clicked, Faulted, Healed, Kept
from tests.faults.history.violation import report
from tests.faults.processes.counts import LINK_FAULTS, Counts, Point
from tests.faults.processes.databases import POSTGRESQL, SQLITE
from tests.faults.processes.points import ON_JOIN, ON_SNAPSHOT
from tests.faults.processes.rig import DATABASE, DESKS, Rig, Stuck, rig, wait_for
from tests.support.people_made import address
from tests.support.running_server import PASSWORD

FIRE = 8.0
"""Seconds within which an armed point must be passed, with work going on."""
MISSES = 5
"""Of one story. A loaded machine may be too slow to reach a point in time; one that is never reached is a mistake."""


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
        self._token = ""
        self.counts = Counts()
        self._write_began()

    def _write_began(self) -> None:
        what = "two desks, a customer, kill -9"
        # The times of these desks are a tenth of life's and less (headless_desk.QUICK): so is their patience.
        began = Began(at=time.time(), process="driver", what=what, seed=self._seed, failing_per_second=40.0)
        self._rig.driver.write(began)

    def begin(self) -> None:
        self._sign_in()
        self._book()
        self.come_to_rest()

    def round(self, side: str, point: str) -> None:
        """One kill at that point, with everything that goes before and after it. Raises Broken, Stuck."""
        self._book()
        victim = self._random.choice(DESKS) if side == "desk" else side
        self._arm(side, victim, point)
        self._shake_link()
        self._work()
        self._see_it_die(victim, point)
        self._bring_back(victim)
        self.come_to_rest()
        self.check()
        self.counts.rounds += 1

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
        self._say(self._bookings[-1])

    def _book(self) -> None:
        booking = new_id()
        self._post(booking, "booking.create", None, {"workflow": "protection"}, booking)
        self._bookings = [*self._bookings[-4:], booking]

    def _say(self, booking: str) -> None:
        self._post(new_id(), "message.send", booking, {"text": "Where are you?"}, booking)

    def _post(self, op: str, kind: str, about: str | None, payload: dict[str, str], lane: str) -> None:
        """The customer's page, which does not try again: what is not answered may or may not have happened."""
        now = time.time()
        author = self._rig.ids["carla"]
        self._rig.driver.write(Clicked(at=now, process="page", op=op, kind=kind, booking=lane, author=author))
        operation = {"op_id": op, "kind": kind, "booking_id": about, "payload": payload}
        try:
            answer = httpx.post(
                f"{self._rig.url}/sync/v1/ops",
                json={"device_id": "page", "ops": [operation]},
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=10,
            )
        except httpx.HTTPError:
            return
        if answer.status_code == 200:
            self._rig.driver.write(Kept(at=time.time(), process="page", op=op))

    def _sign_in(self) -> None:
        answer = httpx.post(
            f"{self._rig.url}/auth/v1/token",
            params={"grant_type": "password"},
            json={"email": address("carla"), "password": PASSWORD},
            timeout=20,
        )
        self._token = answer.raise_for_status().json()["access_token"]

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
                self._say(self._bookings[-1])
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

    def _raw_standing(self) -> list[object]:
        return [self._rig.desks[name].ask("state") for name in DESKS]

    def _standing(self) -> tuple[object, ...] | None:
        head = self._head()
        states = self._raw_standing()
        for state in states:
            if state is None:
                raise Stuck(
                    f"{self._where()}: a desk died by itself\n{self._rig.tail('anna.log')}{self._rig.tail('bob.log')}"
                )
        calm = all(state[0] == "live" and state[2] == head and state[3] == 0 for state in states)  # type: ignore[index]
        return (head, *states) if calm else None

    def _head(self) -> int:
        answer = httpx.get(
            f"{self._rig.url}/sync/v1/me", headers={"Authorization": f"Bearer {self._token}"}, timeout=20
        )
        return int(answer.raise_for_status().json()["head"])

    def check(self) -> None:
        """The whole history so far. Raises Broken."""
        for name in DESKS:
            for booking in self._bookings:
                self._rig.desks[name].ask("look", booking)
        self._rig.driver.write(self._rig.database.dump(time.time()))
        for name in DESKS:
            self._rig.desks[name].ask("dump")
        events = self._rig.history()
        self.counts.operations = sum(isinstance(event, Clicked) for event in events)
        violations = check(events)
        self.counts.violations += len(violations)
        if violations:
            raise Broken(f"{self._where()}\n{report(violations)}")

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
    shutil.rmtree(folder)
    return story.counts
