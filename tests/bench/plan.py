"""How long and how often a run measures: bounded, so that `make bench` ends within minutes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Passes are taken in turn (ours, peer, ours, peer …); windows are ms."""

    passes: int
    window_ms: int
    latency_ms: int
    idle_sockets: int
    rooms: int
    cached_bookings: int
    missed_changes: int


FULL = Plan(
    passes=5,
    window_ms=2000,
    latency_ms=6000,
    idle_sockets=10_000,
    rooms=5000,
    cached_bookings=100_000,
    missed_changes=100_000,
)
QUICK = Plan(
    passes=1,
    window_ms=1000,
    latency_ms=2000,
    idle_sockets=2_000,
    rooms=1000,
    cached_bookings=100_000,
    missed_changes=20_000,
)
