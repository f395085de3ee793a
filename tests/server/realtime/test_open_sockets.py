"""The sweep over all sockets that stands in for a timer on each: silence, expired tokens, slow goodbyes."""

from contract.actors import Actor
from server.access.identity import Identity
from server.realtime.limits import SocketLimits
from server.realtime.open_sockets import OpenSockets
from server.realtime.socket import Socket
from tests.server.realtime.recorded_link import RecordedLink, recorded_socket

LIMITS = SocketLimits(max_sockets=2)
NOW = 1_800_000_000.0


def opened(ended: set[str | None] | None = None) -> tuple[OpenSockets, Socket, RecordedLink]:
    sockets = OpenSockets(LIMITS, lambda: NOW, (ended or set()).__contains__)
    socket, link = recorded_socket(limits=LIMITS)
    sockets.add(socket)
    return sockets, socket, link


def known_as(session_id: str, expires_at: float) -> Identity:
    return Identity(Actor("olga", "operator", "Olga"), session_id, expires_at)


def test_that_a_socket_not_heard_of_for_a_minute_is_closed() -> None:
    sockets, socket, _ = opened()
    socket.identity = known_as("s", NOW + 3_600)
    socket.heard_at = 1_000.0
    sockets.sweep(1_060.0)
    assert not socket.closed
    sockets.sweep(1_060.5)
    assert socket.closed


def test_that_a_socket_that_joins_nothing_may_not_stay_however_it_beats() -> None:
    sockets, stranger, _ = opened()
    member, _ = recorded_socket(limits=LIMITS)
    member.identity = known_as("s", NOW + 3_600)
    sockets.add(member)
    stranger.heard_at = member.heard_at = 70.0
    sockets.sweep(71.0)
    assert stranger.closed
    assert not member.closed


def test_that_a_socket_whose_token_ran_out_a_while_ago_is_sent_back_to_sign_in() -> None:
    sockets, socket, link = opened()
    socket.identity = known_as("s", NOW - LIMITS.token_grace + 1)
    sockets.sweep(0.0)
    assert not socket.closed
    socket.identity = known_as("s", NOW - LIMITS.token_grace - 1)
    sockets.sweep(0.0)
    assert link.written[-1].endswith(b"reauth")


def test_that_a_socket_of_a_session_signed_out_of_is_closed() -> None:
    sockets, socket, _ = opened({"gone"})
    socket.identity = known_as("gone", NOW + 3_600)
    sockets.sweep(0.0)
    assert socket.closed


def test_that_a_goodbye_that_takes_too_long_is_cut_short() -> None:
    sockets, socket, link = opened()
    socket.close(1000, "")
    sockets.sweep(10.0)
    sockets.sweep(10.0 + LIMITS.closing - 0.1)
    assert link.ended is None
    sockets.sweep(10.0 + LIMITS.closing)
    assert link.ended == "aborted"


def test_that_there_is_room_for_so_many_sockets_and_no_more() -> None:
    sockets, first, _ = opened()
    assert not sockets.full
    sockets.add(recorded_socket()[0])
    assert sockets.full
    sockets.remove(first)
    assert not sockets.full


def test_that_slow_readers_are_counted_once_whether_gone_or_going() -> None:
    sockets, socket, _ = opened()
    socket.too_slow = True
    assert sockets.slow_readers_cut == 1
    sockets.remove(socket)
    assert sockets.slow_readers_cut == 1
