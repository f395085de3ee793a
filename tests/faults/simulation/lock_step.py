"""The server's committer in lock-step with the simulation: the same commits, in turns of the loop, not a thread."""

from collections.abc import Callable
from typing import Any

from server.store.committer import Announcement, Committer, Done, Job
from tests.faults.simulation.loop import SimLoop

Told = Callable[[str, Announcement | None], bool]
"""Told ("before", None) and ("after", what was committed); says whether the server crashes there."""


class LockStepCommitter(Committer):
    """Waits a moment after the first job, so that others join its commit, as the thread's fsync has them do."""

    def step_with(self, told: Told, pause: Callable[[], float]) -> None:
        self._told = told
        self._pause = pause
        self._is_due = False

    def start(
        self, loop: Any, announce: Callable[[Announcement], None], failed: Callable[[], None] | None = None
    ) -> None:
        assert isinstance(loop, SimLoop)
        self._loop, self._announce = loop, announce

    def submit(self, job: Job, done: Done) -> None:
        super().submit(job, done)
        if not self._is_due and self._loop is not None:
            self._is_due = True
            self._loop.call_later(self._pause(), self._turn)

    def stop(self) -> None:
        self._stopping = True
        self._refuse(self._all_waiting())

    def _turn(self) -> None:
        self._is_due = False
        jobs = self._all_waiting(self._settings.max_batch)
        if not jobs or self._stopping or self._told("before", None):
            return
        announcement = self._commit(jobs)
        if not self._told("after", announcement):
            self._tell(announcement)
