"""Runs the C load client: a scenario in, one measured window out."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal

import msgspec

from tests.bench import machine, programs
from tests.support.dialogues import dialogues


class LoadFailed(RuntimeError):
    """The load could not connect, or lost or refused messages; the message has its words."""


@dataclass(frozen=True)
class Client:
    """One socket. `rooms` are what it publishes to; `steps` are (text the answer must contain, frame)."""

    device: str
    rooms: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Dialect:
    """How one server is spoken to. Templates may name %ref% %uuid% %room% %device% %text% %len% %seq%."""

    port: int
    say: str
    applied: str
    path: str = "/"
    framing: Literal["websocket", "nats"] = "websocket"
    beat: str = ""
    cursor: str = ""


@dataclass(frozen=True)
class Pace:
    """How messages are offered: a window in flight, a rate (messages/s, open loop), or one lone message at a time.

    `fan` is the number of deliveries each message must make; times are ms. With `any_publisher` the window is of all
    publishers together, who take turns at random. With `cursors` each socket that got something says so once a second,
    where the dialect has a word for it."""

    window: int = 0
    any_publisher: bool = False
    rate: float = 0
    lone: bool = False
    fan: int = 0
    warm_ms: int = 500
    measure_ms: int = 2000
    drain_ms: int = 5000
    cursors: bool = False


class Spans(msgspec.Struct, frozen=True):
    """Latencies in ms."""

    count: int
    p50: float
    p95: float
    p99: float
    max: float


class Window(msgspec.Struct, frozen=True):
    """What one window measured; `all_…` also counts warming up and draining. CPU in seconds.

    `settled` is how long the server took, after the last join, to come to rest (three quiet tenths of a second)."""

    settled: float
    seconds: float
    sent: int
    acks: int
    refused: int
    deliveries: int
    frames: int
    bytes: int
    server_cpu: float
    load_cpu: float
    all_sent: int
    all_acks: int
    all_refused: int
    all_deliveries: int
    closed: int
    ack_ms: Spans | None = None
    delivery_ms: Spans | None = None

    @property
    def acks_per_s(self) -> float:
        return self.acks / self.seconds

    @property
    def deliveries_per_s(self) -> float:
        return self.deliveries / self.seconds

    @property
    def cpu_us_per_delivery(self) -> float:
        return self.server_cpu * 1e6 / max(1, self.deliveries)

    @property
    def cpu_us_per_message(self) -> float:
        return self.server_cpu * 1e6 / max(1, self.acks)


@dataclass(frozen=True)
class Load:
    """A scenario: who, how, how fast. The first `publishers` clients publish."""

    dialect: Dialect
    clients: list[Client]
    publishers: int
    pace: Pace
    watch_pid: int
    texts: list[str] = field(default_factory=lambda: real_texts())  # noqa: PLW0108  (defined below)

    def lines(self, hold: bool) -> Iterator[str]:
        dialect, pace = self.dialect, self.pace
        numbers = {
            "port": dialect.port,
            "publishers": self.publishers,
            "window": pace.window,
            "any_publisher": int(pace.any_publisher),
            "rate": pace.rate,
            "lone": pace.fan if pace.lone else 0,
            "fan": pace.fan,
            "warm_ms": pace.warm_ms,
            "measure_ms": pace.measure_ms,
            "drain_ms": pace.drain_ms,
            "watch_pid": self.watch_pid,
            "hold": int(hold),
        }
        words = {
            "framing": dialect.framing,
            "path": dialect.path,
            "applied": dialect.applied,
            "say": dialect.say,
            "beat": dialect.beat,
            "cursor": dialect.cursor if pace.cursors else "",
        }
        yield from (f"{key}\t{value}" for key, value in {**numbers, **words}.items())
        yield from (f"text\t{text}" for text in self.texts)
        for client in self.clients:
            steps = (part for step in client.steps for part in step)
            yield "\t".join(("client", client.device, ",".join(client.rooms), *steps))


def real_texts(count: int = 4096) -> list[str]:
    """Message texts, escaped for JSON, without the tilde that marks a delivery."""
    turns = (text for dialogue in dialogues(600) for _, text in dialogue.turns)
    return [json.dumps(text.replace("~", "-"), ensure_ascii=False)[1:-1] for text in islice(turns, count)]


def _started(load: Load, hold: bool) -> subprocess.Popen[str]:
    scenario = programs.OUTPUT / "run" / "scenario.txt"
    scenario.parent.mkdir(parents=True, exist_ok=True)
    scenario.write_text("\n".join(load.lines(hold)) + "\n", encoding="utf-8")
    command = machine.pinned(machine.LOAD_CORE, [str(programs.load_program()), str(scenario)])
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path("/")
    )


def _answer(process: subprocess.Popen[str], timeout_s: float) -> str:
    try:
        out, errors = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        _, errors = process.communicate()
        raise LoadFailed(f"the load did not end within {timeout_s:.0f} s: {errors.strip()[-500:]}") from None
    if process.returncode:
        raise LoadFailed(errors.strip()[-800:] or f"the load ended with {process.returncode}")
    if errors:
        print(errors.strip(), flush=True)
    return out


def measure(load: Load) -> Window:
    """One window. Raises LoadFailed where a message was refused, a socket closed, or a delivery is missing."""
    pace = load.pace
    allowed = 90 + len(load.clients) / 50 + (40_000 + pace.warm_ms + pace.measure_ms + pace.drain_ms) / 1000
    with _started(load, hold=False) as process:
        out = _answer(process, allowed)
    window = msgspec.json.decode(out.splitlines()[-1], type=Window)
    if window.all_refused or window.closed or window.all_acks != window.all_sent:
        raise LoadFailed(f"not every message was taken: {msgspec.json.encode(window).decode()}")
    if pace.fan and window.all_deliveries != window.all_sent * pace.fan:
        wanted = window.all_sent * pace.fan
        raise LoadFailed(f"{window.all_deliveries} deliveries instead of {wanted} ({window.all_sent} messages)")
    return window


@contextmanager
def held(load: Load) -> Iterator[None]:
    """All clients connected, joined and idle (heartbeats apart) while the block runs."""
    with _started(load, hold=True) as process:
        assert process.stdout is not None
        if process.stdout.readline().strip() != "ready":
            _answer(process, 10)
            raise LoadFailed("the load never got ready")
        try:
            yield
        finally:
            _answer(process, 30)
