"""The desktop's figures: start with no network, what each click costs, and coming back after a day away."""

import statistics
from collections.abc import Sequence
from typing import Any

from tests.bench import programs
from tests.bench.desktop.cached_profile import copy_of, profile_with
from tests.bench.desktop.coming_back import day_away
from tests.bench.desktop.probing import probe
from tests.bench.figures import Figure, Target, figure
from tests.bench.plan import Plan

FAILED = Target("measured", "at most", 0)
_OFFSCREEN = "offscreen platform, raster painting; the file cache is warm, the process is new"


def figures(plan: Plan) -> list[Figure]:
    """All with `cached_bookings` in the cache, and no server to be reached."""
    whole, own = profile_with(plan.cached_bookings), programs.OUTPUT / "run" / "profile"
    starts = [probe("start", copy_of(whole, own)) for _ in range(plan.passes)]
    worked = probe("work", copy_of(whole, own))
    cached = f"{plan.cached_bookings:,} bookings cached"
    return [
        *_start(starts, cached),
        *_work(worked, cached),
        *_coming_back(day_away(plan.missed_changes, programs.OUTPUT / "run")),
    ]


def _start(starts: Sequence[dict[str, Any]], cached: str) -> list[Figure]:
    list_s = [one["list_s"] for one in starts]
    cpu = statistics.median(one["cpu_s"] for one in starts)
    note = f"{cached}; {_OFFSCREEN}; {cpu:.2f} s of it computing"
    memory = [one["pss_mib"] for one in starts]
    return [
        figure("start to usable list, no network", "s", list_s, Target("≤ 1.0 s", "at most", 1.0), note=note),
        figure("memory with the list shown", "MiB (PSS)", memory, Target("< 250 MB", "at most", 238)),
    ]


def _work(found: dict[str, Any], cached: str) -> list[Figure]:
    frame = Target("≤ 16 ms", "at most", 16)
    bubble_note = "from the Enter key, the commit of the outbox included; target: after the commit"
    filter_note = f"{cached}; from the last key, the painting of the list included"
    return [
        figure("view of everything, chosen", "ms", [found["all_ms"]]),
        _spread("open a booking", found["open_ms"], Target("≤ 50 ms", "at most", 50)),
        _spread("scroll the list, a frame", found["scroll_ms"], frame),
        _spread("jump anywhere in the list, a frame", found["jump_ms"], frame),
        _spread("Enter to bubble", found["bubble_ms"], frame, bubble_note),
        _spread("filter as you type", found["filter_ms"], Target("≤ 20 ms (search)", "at most", 20), filter_note),
        figure("memory after that work", "MiB (PSS)", [found["pss_mib"]], Target("< 250 MB", "at most", 238)),
    ]


def _spread(name: str, taken: Sequence[float], target: Target, note: str = "") -> Figure:
    """The median is judged; the slow end is told."""
    slow = sorted(taken)[min(len(taken) - 1, int(len(taken) * 0.95))]
    return figure(name, "ms, median", taken, target, note=f"{note + '; ' if note else ''}p95 {slow:.1f} ms")


def _coming_back(found: dict[str, Any]) -> list[Figure]:
    changes, worst = found["changes"], found["blocked_ms"]
    note = f"{changes:,} changes, ended {found['phase']}; real server, real pull; from the start of the process"
    live, blocked = Target("≤ 10 s for 100,000", "at most", 10), Target("≤ 50 ms", "at most", 50)
    longest = "the longest: " + ", ".join(f"{gap:.0f}" for gap in worst[:5]) + " ms"
    return [
        figure("missed changes: live again", "s", [found["live_s"]], live, note=note),
        figure("missed changes: window blocked at most", "ms", [worst[0]], blocked, note=longest),
    ]
