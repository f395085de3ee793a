"""Supabase's own promise, on their wire: changes of rows under row rules to 500 subscribers, how many and how late."""

from dataclasses import replace
from functools import partial

from tests.bench import shapes
from tests.bench.arena import Arena, in_turn, load_share, put_under_load
from tests.bench.contestants.supabase_apps import SupabaseApps
from tests.bench.figures import Figure, Target, figure
from tests.bench.load_client import Pace

SUBSCRIBERS = 500
PUBLISHED = "Supabase publishes 30 (Micro) to 40 (Large) at p95 228 to 618 ms"
"""Their page of benchmarks, "Postgres Changes" with row-level security, 500 clients (reference supabase-wire.md, 2)."""
MANY = Target("≥ 50 × the published 30–40", "at least", 2_000)
SOON = Target("p95 < 100 ms", "at most", 100)
NOT_ALIKE = (
    "not like for like: theirs ran on AWS instances beside a cluster, here are one process on one core, its database "
    "with fsync included, and the load on another core of the same machine; every subscriber is a person with a token "
    "and may see every change"
)


def figures(arena: Arena) -> list[Figure]:
    """As many as it takes with 64 in flight; then 40 and 400 a second, open loop."""
    apps = SupabaseApps(arena.fieldline.pid, arena.fieldline.url, arena.fieldline.town)
    shape = shapes.one_booking(1 + SUBSCRIBERS)
    # A line's text is told to apps twice, as `message` and as `content`; the load counts it wherever it stands.
    pace = Pace(window=64, fan=1 + 2 * SUBSCRIBERS, measure_ms=arena.plan.window_ms, drain_ms=15_000)
    [most] = in_turn(arena.plan.passes, [partial(put_under_load, apps, shape, pace)])
    name = f"postgres_changes with row rules to {SUBSCRIBERS} subscribers"
    note = f"{load_share(most)}; {NOT_ALIKE}"
    made = [figure(name, "changes/s", [w.acks_per_s for w in most], MANY, PUBLISHED, note=note)]
    for rate in (40, 400):
        steady = replace(pace, window=0, rate=rate, measure_ms=arena.plan.latency_ms // 2)
        [taken] = in_turn(arena.plan.passes, [partial(put_under_load, apps, shape, steady)])
        late = [window.delivery_ms.p95 for window in taken if window.delivery_ms is not None]
        made.append(figure(f"{name}, {rate}/s: p95", "ms", late, SOON, PUBLISHED))
    return made
