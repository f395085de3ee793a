"""An event loop without a real clock: time jumps to the next timer, and a seed decides which process runs next.

A simulated process is a context variable: every callback belongs to the one that scheduled it. Within a process
callbacks run in the order asyncio promises; between processes the seed chooses, as a real scheduler would.
"""

import asyncio
import contextvars
import heapq
import random
import weakref
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from tests.faults.simulation.computer import COMPUTER, EPOCH

_PROCESS: contextvars.ContextVar["Process"] = contextvars.ContextVar("process")


class Process:
    """One simulated program's life; after a crash or a restart it is another one."""

    def __init__(self, loop: "SimLoop", name: str, wall_error: float = 0.0, slept: float = 0.0) -> None:
        self.loop = loop
        self.name = name
        self.wall_error = wall_error
        """Seconds by which its wall clock is wrong."""
        self.slept = slept
        self.alive = True
        """False once it has crashed: what still runs of it is only being tidied away, cut off from the world."""
        self.asleep_until = 0.0
        self.ready: deque[asyncio.Handle] = deque()
        self.context = contextvars.copy_context()
        self.context.run(_PROCESS.set, self)

    def wall(self) -> float:
        return EPOCH + self.loop.now + self.wall_error

    def steady(self) -> float:
        return self.loop.now - self.slept

    def boot(self) -> float:
        return self.loop.now

    def start(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        return self.loop.create_task(work, context=self.context)

    def soon(self, seconds: float, call: Callable[..., object], *args: Any) -> None:
        self.loop.call_at(self.loop.now + seconds, call, *args, context=self.context)

    def run(self, call: Callable[..., Any], *args: Any) -> Any:
        """Now, as this process."""
        before, COMPUTER.running = COMPUTER.running, self
        try:
            return self.context.copy().run(call, *args)
        finally:
            COMPUTER.running = before

    def sleep(self, seconds: float) -> None:
        """The computer it runs on sleeps: no timer of it goes on, its steady clock stands still."""
        self.asleep_until = self.loop.now + seconds
        self.slept += seconds
        self.loop.postpone(self, seconds)


MOST_STEPS = 40_000
"""A run takes some thousands. Whoever needs more is turning in circles."""


class SimLoop(asyncio.BaseEventLoop):
    """Raises Stuck when nobody has anything left to wait for, and when somebody never waits."""

    _ready: deque[Any]
    """Handles whose time has come, and below those whose time will come: BaseEventLoop's own."""
    _scheduled: list[Any]

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.now = 0.0
        self.steps = 0
        self.failures: list[str] = []
        self._chance = random.Random(f"loop {seed}")
        self._world = Process(self, "world")
        self._with_work: list[Process] = []
        self._busy_until: dict[object, float] = {}
        self._owners: weakref.WeakKeyDictionary[asyncio.Task[Any], Process] = weakref.WeakKeyDictionary()
        self.set_exception_handler(self._note)

    def create_task(self, coro: Any, *, name: Any = None, context: Any = None) -> Any:
        task = super().create_task(coro, name=name, context=context)
        self._owners[task] = (context or contextvars.copy_context()).get(_PROCESS, self._world)
        return task

    def time(self) -> float:
        return self.now

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """As the world that the processes live in."""
        return self.run_until_complete(self._world.start(work))

    def postpone(self, process: Process, seconds: float) -> None:
        for handle in self._scheduled:
            if self._owner(handle) is process:
                handle._when += seconds
        heapq.heapify(self._scheduled)
        self.call_at(process.asleep_until, lambda: None, context=self._world.context)

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]  # not generic
        """A thread's work: begun a little later, one job of an executor after the other, told a little later still.
        Between begin and end its effects are there and nobody knows."""
        if executor is not None and executor._shutdown:
            raise RuntimeError("cannot schedule new futures after shutdown")
        future = self.create_future()
        begin = max(self.now, self._busy_until.get(executor, 0.0)) + self._chance.uniform(0.0, 0.004)
        end = self._busy_until[executor] = begin + self._chance.uniform(0.0, 0.004)
        self.call_at(begin, self._work, future, func, args, end)
        return future

    async def finish(self, executor: object) -> None:
        """Until its last job is done: what an executor's shutdown waits for, before anything is closed under it."""
        while (until := self._busy_until.get(executor, 0.0)) > self.now:
            await asyncio.sleep(until - self.now)

    def _work(self, future: "asyncio.Future[Any]", func: Callable[..., Any], args: tuple[Any, ...], end: float) -> None:
        if future.cancelled():
            return
        try:
            tell, outcome = future.set_result, func(*args)
        except BaseException as error:  # noqa: BLE001  (as a thread's: it belongs to whoever awaits it)
            tell, outcome = future.set_exception, error
        self.call_at(end, lambda: future.done() or tell(outcome))

    # --- inside: what BaseEventLoop leaves to its heirs --------------------------------------------------------------

    def _run_once(self) -> None:
        self._sort_in()
        while not (awake := [each for each in self._with_work if each.asleep_until <= self.now]):
            self._advance()
            self._sort_in()
        process = awake[0] if len(awake) == 1 else self._chance.choice(awake)
        COMPUTER.running = process
        # A process alone in the world cannot be interrupted by another.
        for _ in range(len(process.ready) if len(awake) == 1 else 1 + self._chance.getrandbits(2)):
            if not process.ready:
                break
            handle = process.ready.popleft()
            if not handle._cancelled:
                self.steps += 1
                handle._run()
        if self.steps > MOST_STEPS:
            COMPUTER.running = None
            raise Stuck(f"busy without end at {self.now:.3f} s, last in {process.name}: {self._near_end()}")
        COMPUTER.running = None
        if not process.ready:
            self._with_work.remove(process)

    def _sort_in(self) -> None:
        while self._ready:
            handle = self._ready.popleft()
            owner = self._owner(handle)
            if not owner.ready and owner not in self._with_work:
                self._with_work.append(owner)
            owner.ready.append(handle)

    def _advance(self) -> None:
        while self._scheduled and self._scheduled[0]._cancelled:
            heapq.heappop(self._scheduled)._scheduled = False
        if not self._scheduled:
            raise Stuck("nobody waits for anything any more")
        self.now = max(self.now, self._scheduled[0]._when)
        while self._scheduled and self._scheduled[0]._when <= self.now:
            handle = heapq.heappop(self._scheduled)
            handle._scheduled = False
            self._ready.append(handle)

    def _owner(self, handle: Any) -> Process:
        return handle._context.get(_PROCESS, self._world)

    def owner_of(self, task: "asyncio.Task[Any]") -> Process:
        return self._owners.get(task, self._world)

    def _note(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self.failures.append(f"{context.get('message')}: {type(error).__name__}: {error}")

    def _near_end(self) -> list[str]:
        """Who keeps it busy."""
        return [repr(handle)[:200] for each in self._with_work for handle in list(each.ready)[:3]]

    def _process_events(self, event_list: object) -> None:
        """There are none: no selector."""

    def _write_to_self(self) -> None:
        """Nobody is blocked in a selector."""


class Stuck(Exception):
    """No timer, no callback: a real loop would wait for ever."""
