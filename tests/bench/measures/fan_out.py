"""Fan-out: what one delivery of a lone message costs the server, and how many a burst makes a second."""

import statistics
from collections.abc import Sequence
from functools import partial

from tests.bench import shapes
from tests.bench.arena import Arena, contest, in_turn, load_share, put_under_load
from tests.bench.contestants import bare_sends
from tests.bench.figures import Figure, Target, figure
from tests.bench.load_client import Load, Pace, Window, measure

LONE = Target("≤ 1.5 × bare send()", "ratio at most", 1.5)
BURST = Target("≥ NATS", "ratio at least", 1)


def lone(arena: Arena, sockets: int) -> list[Figure]:
    """One message at a time to every socket, each one send: server CPU a delivery, beside the C floor's."""
    plan, shape = arena.plan, shapes.one_booking(sockets)
    pace = Pace(lone=True, fan=sockets, measure_ms=plan.window_ms)
    probe = put_under_load(arena.fieldline, shape, pace)
    frame = min(max(probe.bytes // max(1, probe.deliveries), 200), 60_000)
    alone = [put_under_load(arena.fieldline, shapes.one_booking(1), Pace(lone=True, fan=1, measure_ms=plan.window_ms))]
    with bare_sends.running(frame) as floor:
        bare = Load(floor.dialect, floor.clients(sockets), 1, pace, floor.pid, texts=[""])
        ours, floors = in_turn(
            plan.passes, [partial(put_under_load, arena.fieldline, shape, pace), partial(measure, bare)]
        )
    return [*_costs(sockets, frame, ours, floors, alone), *_peer(arena, shape, pace, ours)]


def _costs(
    sockets: int, frame: int, ours: Sequence[Window], floors: Sequence[Window], alone: Sequence[Window]
) -> list[Figure]:
    message_us = statistics.median(window.cpu_us_per_message for window in alone)
    theirs = [window.cpu_us_per_delivery for window in floors]
    whole = [window.cpu_us_per_delivery for window in ours]
    name = f"lone message to {sockets:,} sockets"
    note = f"everything counted: decoding, permission, commit with fsync, verdict, sends; frames of {frame} bytes"
    apart = f"less what the same message costs with one socket ({message_us:.0f} µs, commit and verdict included)"
    fan_only = [max(0.0, (w.cpu_us_per_message - message_us)) / max(1, sockets - 1) for w in ours]
    return [
        figure(f"{name}: CPU a delivery", "µs", whole, LONE, "bare send() from C", theirs, note),
        figure(f"{name}: fan-out alone", "µs", fan_only, LONE, "bare send() from C", theirs, apart),
    ]


def _peer(arena: Arena, shape: shapes.Shape, pace: Pace, ours: Sequence[Window]) -> list[Figure]:
    if arena.socket_io is None:
        return []
    peer = arena.socket_io
    theirs = [put_under_load(peer, shape, pace).cpu_us_per_delivery for _ in ours]
    name = f"lone message to {len(shape.sockets):,} sockets: CPU a delivery"
    return [figure(name, "µs", [w.cpu_us_per_delivery for w in ours], against=peer.name, theirs=theirs)]


def bursts(arena: Arena, sockets: int, publishers: int = 16) -> list[Figure]:
    """256 messages in flight for one booking: deliveries a second."""
    pace = Pace(window=16, fan=sockets, measure_ms=arena.plan.window_ms, drain_ms=15_000)
    rivals = arena.rivals(arena.nats, arena.socket_io)
    taken = contest(arena, rivals, shapes.burst_booking(sockets, publishers), pace)
    ours = [window.deliveries_per_s for window in taken[0]]
    made: list[Figure] = []
    for peer, windows in zip(rivals[1:], taken[1:], strict=True):
        target = BURST if peer is arena.nats else Target("")
        theirs = [window.deliveries_per_s for window in windows]
        note = "" if made else f"{load_share(taken[0])}; NATS delivers before its fsync, ours after"
        made.append(figure(f"bursts to {sockets:,} sockets", "deliveries/s", ours, target, peer.name, theirs, note))
    return made
