"""What an idle, joined socket costs the server in memory."""

import threading

from tests.bench import machine, shapes
from tests.bench.arena import Arena, Contestant
from tests.bench.figures import Figure, Target, figure
from tests.bench.load_client import Load, Pace, held

TARGET = Target("≤ 15 KiB each", "at most", 15)


def figures(arena: Arena) -> list[Figure]:
    """PSS of the server with the sockets less without, each one customer of a booking, joined and live."""
    count = arena.plan.idle_sockets
    shape = shapes.idle_people(count)
    ours = _each_kib(arena.fieldline, shape)
    theirs = [_each_kib(arena.socket_io, shape)] if arena.socket_io else []
    against = arena.socket_io.name if arena.socket_io else ""
    at_rest = machine.memory_kib(arena.fieldline.pid) / 1024
    note = f"{count:,} sockets held, one account each; kernel buffers not counted; server after it: {at_rest:.0f} MiB"
    return [figure(f"memory an idle joined socket, {count:,}", "KiB", [ours], TARGET, against, theirs, note)]


def _each_kib(contestant: Contestant, shape: shapes.Shape) -> float:
    before = machine.memory_kib(contestant.pid)
    load = Load(contestant.dialect, contestant.clients(shape), 0, Pace(), contestant.pid, texts=["-"])
    with held(load):
        threading.Event().wait(1.0)
        return (machine.memory_kib(contestant.pid) - before) / len(shape.sockets)
