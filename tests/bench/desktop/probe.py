"""Runs the real program offscreen and drives its window, to time what an operator waits for. Started by measures.py.

usage: python -m tests.bench.desktop.probe start|work|catch_up SPAWNED PROFILE
SPAWNED is time.monotonic() of whoever started this process. Prints one line of JSON.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import qasync
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop import app
from desktop.config import DesktopConfig
from desktop.windows.console_window import ConsoleWindow
from desktop.windows.last_chance import LastChance
from desktop.windows.program_log import ProgramLog

PATIENCE = 120.0


class Painted(QObject):
    """Tells when a widget has been painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            showing = [(shows, waiter) for shows, waiter in self._waiting if shows()]
            for each in showing:  # the loop's next turn comes after the paint
                self._waiting.remove(each)
                asyncio.get_running_loop().call_soon(_done, each[1])
        return False

    async def again(self, shows: Callable[[], bool] = lambda: True) -> None:
        """Returns after the next paint at whose time `shows` is true: asked there, for who looks from outside may miss
        the paint and wait for the clock's."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((shows, waiter))
        await asyncio.wait_for(waiter, PATIENCE)


def _done(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)


class Blockage:
    """The longest times, in ms, that the window's thread did not come round to anything else."""

    def __init__(self) -> None:
        self.gaps: list[float] = []

    async def watch(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            self.gaps.append((time.perf_counter() - before) * 1000 - 5)

    def worst(self) -> list[float]:
        return sorted(self.gaps, reverse=True)[:10]


class Operator:
    """Someone who works the console, with a stopwatch."""

    def __init__(self, window: ConsoleWindow, spawned: float, held_at_start: int) -> None:
        self.window = window
        self.spawned = spawned
        self.held_at_start = held_at_start
        self.rows = Painted(window.panes.bookings.view.viewport())
        self.lines = Painted(window.panes.conversation.view.viewport())

    async def see_the_list(self) -> float:
        """Seconds from the start of the process until the list is on the screen with bookings in it."""
        await self.rows.again(lambda: self.window.panes.model.total > 0)
        return time.monotonic() - self.spawned

    async def choose_all(self) -> float:
        """ms until the longest view is on the screen."""
        return await self._timed(lambda: self.window.list_side.choose_view("all"), self._listed("all"))

    async def filter_for(self, text: str) -> float:
        """ms from the last key until the found rows are on the screen."""
        before = self.window.panes.model.total
        box = self.window.panes.bookings.filter
        return await self._timed(lambda: box.setText(text), self._other_total(before))

    async def scroll(self, frames: int, jump: bool) -> list[float]:
        """ms of each frame: a third of a page further, or anywhere."""
        bar, taken = self.window.panes.bookings.view.verticalScrollBar(), []
        for _ in range(frames):
            to = random.randrange(bar.maximum()) if jump else bar.value() + bar.pageStep() // 3
            taken.append(await self._timed(partial(bar.setValue, to), self.rows.again))
        return taken

    async def open_bookings(self, ids: list[str]) -> list[float]:
        """ms from the click until the conversation is on the screen."""
        return [await self._timed(partial(self.window.open_booking, one), self.lines.again) for one in ids]

    async def write(self, count: int) -> list[float]:
        """ms from the Enter key until the bubble is on the screen, disk commit of the outbox included."""
        composer, taken = self.window.panes.conversation.composer.input, []
        for number in range(count):
            composer.setPlainText(f"We are on our way, five minutes. {number}")
            await asyncio.sleep(0.05)
            taken.append(await self._timed(lambda: QTest.keyClick(composer, Qt.Key.Key_Return), self.lines.again))
        return taken

    async def _timed(self, act: Callable[[], object], shown: Callable[[], Awaitable[object]]) -> float:
        await asyncio.sleep(0.03)
        waiting = asyncio.ensure_future(shown())
        await asyncio.sleep(0)
        begun = time.perf_counter()
        act()
        await waiting
        return (time.perf_counter() - begun) * 1000

    def _listed(self, view: str) -> Callable[[], Awaitable[object]]:
        side, model = self.window.list_side, self.window.panes.model
        before = model.total
        return lambda: self.rows.again(lambda: side.view_key == view and model.total != before)

    def _other_total(self, before: int) -> Callable[[], Awaitable[object]]:
        return lambda: self.rows.again(lambda: self.window.panes.model.total != before)


async def start(operator: Operator, program: Any) -> dict[str, Any]:
    seen = await operator.see_the_list()
    return {"list_s": seen, "cpu_s": time.process_time(), "total": operator.window.panes.model.total}


async def work(operator: Operator, program: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"list_s": await operator.see_the_list()}
    found["all_ms"] = await operator.choose_all()
    found["total"] = operator.window.panes.model.total
    found["scroll_ms"] = await operator.scroll(120, jump=False)
    found["jump_ms"] = await operator.scroll(60, jump=True)
    reader, me = program._desk.reader, program._desk.me
    order = list(reader.order("all", "", me))
    ids = [line.id for line in reader.booking_lines(random.sample(order, 60), me)]
    found["open_ms"] = await operator.open_bookings(ids)
    still_open = [line.id for line in reader.booking_lines(list(reader.order("needs_answer", "", me))[:1], me)]
    await operator.open_bookings(still_open)
    found["bubble_ms"] = await operator.write(40)
    texts = ("omar", "gate 77", "REQ1759000012", "nasser")
    found["filter_ms"] = []
    for text in texts:
        found["filter_ms"].append(await operator.filter_for(text))
        await operator.filter_for("")
    return found


async def catch_up(operator: Operator, program: Any) -> dict[str, Any]:
    """From the first sight of the list until live with everything applied, and how long the window was blocked."""
    blockage, desk = Blockage(), program._desk
    from_seq = operator.held_at_start
    shown = operator.window.list_side  # nobody waited for an answer before: the first view would be empty
    shown.choose_view("all")
    first = await operator.see_the_list()
    watching = asyncio.ensure_future(blockage.watch())
    begun = time.monotonic()
    while not (desk.link.phase == "live" and desk.link.cursor >= desk.link.head > from_seq):
        await asyncio.sleep(0.02)
        if time.monotonic() - begun > PATIENCE:
            break
    took = time.monotonic() - operator.spawned
    watching.cancel()
    return {
        "list_s": first,
        "live_s": took,
        "phase": desk.link.phase,
        "changes": desk.link.cursor - from_seq,
        "blocked_ms": blockage.worst(),
    }


MODES: dict[str, Callable[[Operator, Any], Awaitable[dict[str, Any]]]] = {
    "start": start,
    "work": work,
    "catch_up": catch_up,
}


async def run(program: app.Program, mode: str, spawned: float) -> dict[str, Any]:
    held_at_start = program._desk.link.cursor
    running = asyncio.ensure_future(program.run())
    while not program._windows:
        if running.done():
            running.result()
        await asyncio.sleep(0.001)
    window = program._windows[0]
    if not isinstance(window, ConsoleWindow):
        raise TypeError(f"no console but {type(window).__name__}: is anybody signed in?")
    found = await MODES[mode](Operator(window, spawned, held_at_start), program)
    found["pss_mib"] = _memory_mib()
    window.close()
    await running
    return found


def _memory_mib() -> float:
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))


def main() -> None:
    mode, spawned, profile = sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])
    config = DesktopConfig(profile_dir=profile)
    random.seed(1)
    qt = app._application()
    written = ProgramLog(profile)
    program = app.Program(config, LastChance())
    with asyncio.Runner(loop_factory=lambda: cast(asyncio.AbstractEventLoop, qasync.QEventLoop(qt))) as runner:
        print(json.dumps(runner.run(run(program, mode, spawned))))
    written.close()


if __name__ == "__main__":
    main()
