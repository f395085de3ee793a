"""Runs seeds one after the other in this process, over one template; finds the fewest events that still fail."""

import gc
from pathlib import Path

import msgspec
import structlog

from server.store.direct import write_directly
from server.store.settings import StoreSettings
from tests.faults.simulation.computer import COMPUTER
from tests.faults.simulation.disk import copy_as_is, forget
from tests.faults.simulation.finding import Finding
from tests.faults.simulation.loop import Process, SimLoop
from tests.faults.simulation.schedule import Schedule, schedule_of
from tests.faults.simulation.template import DESKS, Template, Town, found_town, scratch_folder
from tests.faults.simulation.world import World, hush

_COLLECT_EVERY = 25
_ATTEMPTS = 60
"""Runs spent on making one failure smaller: half a minute at the most."""


class Runs:
    """A context: its template lives in memory until the end."""

    def __enter__(self) -> "Runs":
        self._log = structlog.get_config()
        hush()
        self._folder = scratch_folder()
        self._template = _signed_in_everywhere(self._folder)
        self._done = 0
        gc.collect()
        gc.freeze()
        gc.disable()
        return self

    def __exit__(self, *error: object) -> None:
        gc.enable()
        forget(self._folder)
        structlog.configure(**self._log)

    def run(self, seed: int) -> Finding:
        return self.run_schedule(schedule_of(seed))

    def run_schedule(self, schedule: Schedule) -> Finding:
        world = World(schedule, self._template)
        found = world.run()
        self.lines = world.record.lines
        self._done += 1
        if self._done % _COLLECT_EVERY == 0:
            gc.collect()
        return found

    def shrink(self, schedule: Schedule) -> Schedule:
        """The same failure with fewer events: takes away ever smaller stretches of them, as long as it still fails."""
        wanted = _kinds(self.run_schedule(schedule))
        attempts, size = 0, max(1, len(schedule.events) // 2)
        while size and attempts < _ATTEMPTS:
            at = 0
            while at < len(schedule.events) and attempts < _ATTEMPTS:
                events = schedule.events[:at] + schedule.events[at + size :]
                smaller = msgspec.structs.replace(schedule, events=events)
                attempts += 1
                if wanted & _kinds(self.run_schedule(smaller)):
                    schedule = smaller
                else:
                    at += size
            size //= 2
        return schedule


def _kinds(found: Finding) -> set[str]:
    return {violation.split()[0] for violation in found.violations}


def _signed_in_everywhere(folder: Path) -> Template:
    """The server's files with its people, then the profiles after each desk has signed in and caught up."""
    empty, full = folder / "empty", folder / "full"
    for name in DESKS:
        (empty / "profiles" / name).mkdir(parents=True)
    (empty / "server").mkdir()
    COMPUTER.begin(0)
    town: Town = Process(SimLoop(0), "setup").run(write_directly, StoreSettings(empty / "server"), found_town)
    calm = Schedule(0, 200_000, same_person=False, events=[])
    world = World(calm, Template(empty, town), list(DESKS))

    def keep(world: World) -> None:
        (full / "profiles").mkdir(parents=True)
        copy_as_is(world.server.folder, full / "server")
        for seat in world.seats:
            assert seat.life is not None
            copy_as_is(seat.life.folder, full / "profiles" / seat.name)

    world.at_rest = keep
    found = world.run()
    assert not found.violations, found.violations
    return Template(full, town)
