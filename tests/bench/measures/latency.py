"""Publisher to subscriber: how late a message is on the other screen's socket, fsync included."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.bench import shapes
from tests.bench.arena import Arena, contest, put_under_load
from tests.bench.figures import Figure, Target, figure
from tests.bench.load_client import Pace, Spans, Window


def _spans(windows: Sequence[Window], pick: Callable[[Spans], float]) -> list[float]:
    return [pick(window.delivery_ms) for window in windows if window.delivery_ms is not None]


def one_subscriber(arena: Arena) -> list[Figure]:
    """100 messages a second from one customer to one technician."""
    pace = Pace(rate=100, fan=2, measure_ms=arena.plan.latency_ms // 2)
    rivals = arena.rivals(arena.socket_io)
    taken = contest(arena, rivals, shapes.two_people(), pace)
    made = []
    for label, pick in (("p50", _p50), ("p99", _p99)):
        theirs = _spans(taken[1], pick) if len(taken) > 1 else []
        target = Target("≤ Socket.IO FULL's", "ratio at most", 1)
        against = rivals[1].name if len(rivals) > 1 else ""
        made.append(figure(f"latency at 100/s, {label}", "ms", _spans(taken[0], pick), target, against, theirs))
    return made


def thousand_sockets(arena: Arena) -> list[Figure]:
    """200 messages a second among 1,000 sockets that tell their cursors: a working day, and everybody hearing all."""
    pace = Pace(rate=200, cursors=True, measure_ms=arena.plan.latency_ms, drain_ms=15_000)
    day, crowd = shapes.working_day(), shapes.one_booking(1000)
    under = Target("p95 < 100 ms", "at most", 100)
    over = Target("p99 < 500 ms under overload", "at most", 500)
    a_day = _day(arena, "200/s, 1,000 sockets, a working day", day, replace(pace, fan=42), under)
    return [*a_day, *_day(arena, "200/s, all 1,000 sockets hear all", crowd, replace(pace, fan=1000), over)]


def _day(arena: Arena, name: str, shape: shapes.Shape, pace: Pace, target: Target) -> list[Figure]:
    rivals = arena.rivals(arena.socket_io)
    taken = [put_under_load(rival, shape, pace) for rival in rivals]
    busy = taken[0].server_cpu / taken[0].seconds
    note = f"{pace.fan} deliveries a message; server {busy:.2f} of its core; sockets tell their cursors each second"
    made = []
    for label, pick in (("p50", _p50), ("p95", _p95), ("p99", _p99)):
        judged = target if target.text.startswith(label) else Target("")
        theirs = _spans(taken[1:], pick)
        against = rivals[1].name if theirs else ""
        made.append(figure(f"{name}: {label}", "ms", _spans(taken[:1], pick), judged, against, theirs, note))
        note = ""
    return made


def _p50(spans: Spans) -> float:
    return spans.p50


def _p95(spans: Spans) -> float:
    return spans.p95


def _p99(spans: Spans) -> float:
    return spans.p99
