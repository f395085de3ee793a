"""Durable acknowledged messages a second: 16 publishers, 16 in flight each, fsync before every ack."""

import time
from pathlib import Path

import sqlcipher3

from contract import ids
from tests.bench import machine, shapes
from tests.bench.arena import Arena, contest, load_share
from tests.bench.figures import Figure, Target, figure
from tests.bench.load_client import Pace, Window, real_texts

PUBLISHERS, IN_FLIGHT = 16, 16


def figures(arena: Arena) -> list[Figure]:
    """Against Socket.IO FULL, NATS `always` and bare group commits."""
    pace = Pace(window=IN_FLIGHT, fan=1, measure_ms=arena.plan.window_ms)
    rivals = arena.rivals(arena.socket_io, arena.nats)
    taken = contest(arena, rivals, shapes.writers(PUBLISHERS), pace)
    ours = [window.acks_per_s for window in taken[0]]
    targets = {
        "socket_io": Target("≥ 5 × Socket.IO FULL", "ratio at least", 5),
        "nats": Target("ahead", "ratio at least", 1),
    }
    made: list[Figure] = []
    for peer, windows in zip(rivals[1:], taken[1:], strict=True):
        target = targets["socket_io" if peer is arena.socket_io else "nats"]
        note = _note(taken[0]) if not made else ""
        theirs = [window.acks_per_s for window in windows]
        made.append(figure("durable acks, 16 × 16", "messages/s", ours, target, peer.name, theirs, note))
    floor = [bare_group_commits(arena.folder / "floor.db") for _ in range(arena.plan.passes)]
    name = "bare group commits of 256, SQLite FULL"
    return [*made, figure("durable acks, 16 × 16", "messages/s", ours, against=name, theirs=floor)]


def _note(windows: list[Window]) -> str:
    ack = windows[-1].ack_ms
    waits = f"acks after {ack.p50:.1f} ms (p50), {ack.p99:.1f} ms (p99); " if ack else ""
    return f"{waits}{windows[-1].cpu_us_per_message:.0f} µs of server CPU a message; {load_share(windows)}"


def bare_group_commits(path: Path, batch: int = PUBLISHERS * IN_FLIGHT, seconds: float = 1.0) -> float:
    """Rows a second that SQLite alone takes: WAL, FULL, one insert a message, one commit for `batch` of them."""
    path.unlink(missing_ok=True)
    machine.run_here_on(machine.SERVER_CORE)
    database = sqlcipher3.connect(str(path), isolation_level=None)
    try:
        for line in _FLOOR_SCHEMA:
            database.execute(line)
        texts, taken, until = real_texts(batch), 0, time.perf_counter() + seconds
        while time.perf_counter() < until:
            database.execute("BEGIN IMMEDIATE")
            for text in texts:
                database.execute(
                    "INSERT INTO messages (id, booking_id, message) VALUES (?, ?, ?)", (ids.new_id(), "b", text)
                )
            database.execute("COMMIT")
            taken += batch
        return taken / (time.perf_counter() - until + seconds)
    finally:
        database.close()
        machine.run_here_on(machine.LOAD_CORE)


_FLOOR_SCHEMA = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "CREATE TABLE messages (position INTEGER PRIMARY KEY, id TEXT UNIQUE, booking_id TEXT, message TEXT)",
    "CREATE INDEX messages_by_booking ON messages (booking_id, position)",
)
