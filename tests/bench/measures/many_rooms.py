"""Many rooms: thousands of bookings with four subscribers each, random posts, deliveries a second."""

from tests.bench import shapes
from tests.bench.arena import Arena, contest, load_share
from tests.bench.figures import Figure, Target, figure
from tests.bench.load_client import Pace

TARGET = Target("≥ 3 × Socket.IO", "ratio at least", 3)


def figures(arena: Arena) -> list[Figure]:
    """256 posts in flight over all bookings; every rival has the same people on the same sockets."""
    shape = shapes.many_rooms(arena.plan.rooms)
    pace = Pace(window=256, any_publisher=True, fan=4, measure_ms=arena.plan.window_ms)
    rivals = arena.rivals(arena.socket_io, arena.nats)
    taken = contest(arena, rivals, shape, pace)
    ours = [window.deliveries_per_s for window in taken[0]]
    note = (
        f"{len(shape.rooms):,} bookings × 4 subscribers over {len(shape.sockets):,} sockets (customer and "
        f"technician, two devices of each, ten bookings a person), the same for every rival; {load_share(taken[0])}"
    )
    name = f"many rooms, {len(shape.rooms):,} × 4"
    made: list[Figure] = []
    for peer, windows in zip(rivals[1:], taken[1:], strict=True):
        target = TARGET if peer is arena.socket_io else Target("")
        theirs = [window.deliveries_per_s for window in windows]
        made.append(figure(name, "deliveries/s", ours, target, peer.name, theirs, "" if made else note))
    return made
