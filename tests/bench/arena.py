"""Ours and the peers, running side by side on the server's core, idle unless it is their turn."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from tests.bench.contestants.fieldline import Fieldline
from tests.bench.load_client import Client, Dialect, Load, Pace, Window, measure
from tests.bench.plan import Plan
from tests.bench.shapes import Shape


class Contestant(Protocol):
    """A running server that can be put under load."""

    name: str
    pid: int
    dialect: Dialect

    def clients(self, shape: Shape) -> list[Client]: ...


@dataclass(frozen=True)
class Arena:
    """`nats` and `socket_io` are None where they could not be installed."""

    plan: Plan
    folder: Path
    fieldline: Fieldline
    socket_io: Contestant | None
    nats: Contestant | None

    def rivals(self, *wanted: Contestant | None) -> list[Contestant]:
        """Ours first, then those of the wanted peers that run."""
        return [self.fieldline, *(peer for peer in wanted if peer is not None)]


def put_under_load(contestant: Contestant, shape: Shape, pace: Pace) -> Window:
    """One window of one contestant."""
    return measure(Load(contestant.dialect, contestant.clients(shape), shape.publishers, pace, contestant.pid))


def in_turn(passes: int, runs: Sequence[Callable[[], Window]]) -> list[list[Window]]:
    """`passes` windows of each run, interleaved; one list of windows for each run."""
    taken: list[list[Window]] = [[] for _ in runs]
    for _ in range(passes):
        for windows, run in zip(taken, runs, strict=True):
            windows.append(run())
    return taken


def contest(arena: Arena, rivals: Sequence[Contestant], shape: Shape, pace: Pace) -> list[list[Window]]:
    """The same load for each rival, in turn."""
    return in_turn(arena.plan.passes, [partial(put_under_load, rival, shape, pace) for rival in rivals])


def load_share(windows: Sequence[Window]) -> str:
    """How busy the load itself was: near 1.0 it, not the server, sets the figure."""
    return f"load {statistics.median(window.load_cpu / window.seconds for window in windows):.2f} of its core"
