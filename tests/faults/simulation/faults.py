"""Each fault of a schedule as something that befalls the world; every one counts only when it has had an effect."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from server.access import accounts
from tests.faults.simulation.event import Event

if TYPE_CHECKING:
    from tests.faults.simulation.world import Seat, World


def strike(world: "World", event: Event) -> None:
    _FAULTS[event.kind](world, world.seats[event.seat], event)


def _for_a_while(name: str, value: float | bool, *, cuts: bool = False) -> Callable[["World", "Seat", Event], None]:
    """Weather of one client's network."""

    def strike_weather(world: "World", seat: "Seat", event: Event) -> None:
        setattr(seat.weather, name, value)
        world.hits[event.kind] += 1
        if cuts:
            for pipe in seat.pipes:
                pipe.cut()
        world.later(event.seconds, _clear, seat, name, type(value)(0) if name != "slowest" else 0.05)

    return strike_weather


def _clear(seat: "Seat", name: str, value: float | bool) -> None:
    setattr(seat.weather, name, value)


def _cut(world: "World", seat: "Seat", event: Event) -> None:
    """One end may go on believing in the socket."""
    for pipe in seat.pipes:
        pipe.cut(heard_by_server=event.dice[0] % 2 == 0, heard_by_client=event.dice[1] % 3 > 0)
        world.hits["cut"] += 1


def _crash(world: "World", seat: "Seat", event: Event) -> None:
    if seat.life is not None:
        seat.life.crash_in = 1 + event.dice[0] % 6
        seat.life.crash_where = ("before", "after")[event.dice[1] % 2]


def _server_crash(world: "World", seat: "Seat", event: Event) -> None:
    world.server.crash_next = ("before", "after")[event.dice[0] % 2]


def _sleep(world: "World", seat: "Seat", event: Event) -> None:
    """The lid is closed. To the network the desk is silent; the server hears nothing of it."""
    if seat.life is not None and seat.life.process.asleep_until <= world.loop.now:
        seat.life.process.sleep(event.seconds)
        world.hits["sleep"] += 1


def _wrong_clock(world: "World", seat: "Seat", event: Event) -> None:
    """Up to two hours ahead or behind, from now on or from the next start."""
    seat.wall_error = (event.dice[0] - 5_000) / 5_000 * 7_200.0
    if seat.life is not None:
        seat.life.process.wall_error = seat.wall_error
        world.hits["wrong clock"] += 1


def _backup(world: "World", seat: "Seat", event: Event) -> None:
    world.back_up()


def _restore(world: "World", seat: "Seat", event: Event) -> None:
    world.restore(event.seconds)


def _end_session(world: "World", seat: "Seat", event: Event) -> None:
    """Somebody signs this desk's session out from elsewhere."""
    life, server = seat.life, world.server
    if life is None or not server.process.alive or life.desk.session._tokens is None:
        return
    token = life.desk.session._tokens.access

    def end() -> None:
        session_id = server.app.verifier._claims(token).session_id
        if session_id is not None:
            server.app.store.submit(lambda tx: accounts.revoke(tx, session_id), lambda result: None)
            server.app._standing.end_session(session_id)

    server.process.run(end)
    world.hits["end session"] += 1


def _other_hands(world: "World", seat: "Seat", event: Event) -> None:
    """Whoever shares this desk takes it over."""
    life = seat.life
    if life is not None and life.process.asleep_until <= world.loop.now:
        life.process.run(lambda: life.change_hands(leave_first=event.dice[0] % 3 == 0))


def _frame_lost(world: "World", seat: "Seat", event: Event) -> None:
    """The next changes that are pushed to this desk never reach it, and its socket knows nothing of it."""
    seat.weather.swallow = True


def _both_offline(world: "World", seat: "Seat", event: Event) -> None:
    """Both operators' desks lose their network at once, and go on working on the same bookings."""
    for each in world.seats[:2]:
        _for_a_while("down", True, cuts=True)(world, each, event)


_FAULTS: dict[str, Callable[["World", "Seat", Event], None]] = {
    "down": _for_a_while("down", True, cuts=True),
    "silent": _for_a_while("silent", True),
    "lossy": _for_a_while("lose", 0.4),
    "repeating": _for_a_while("repeat", 0.5),
    "meddling": _for_a_while("meddle", 0.25),
    "cutting": _for_a_while("cut", 0.15),
    "no sockets": _for_a_while("no_sockets", True, cuts=True),
    "slow": _for_a_while("slowest", 3.0),
    "cut": _cut,
    "crash": _crash,
    "server crash": _server_crash,
    "sleep": _sleep,
    "wrong clock": _wrong_clock,
    "backup": _backup,
    "restore": _restore,
    "end session": _end_session,
    "both offline": _both_offline,
    "frame lost": _frame_lost,
    "other hands": _other_hands,
}
