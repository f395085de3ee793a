"""A socket's writes: straight through while it is read, counted when it is not, nowhere once it is closed."""

from server.realtime.limits import SocketLimits
from server.realtime.pace import Pace
from tests.server.realtime.recorded_link import recorded_socket

LIMITS = SocketLimits(max_backlog=1_000, max_aside=300)


def test_that_writes_go_straight_to_the_transport_while_it_keeps_up() -> None:
    socket, link = recorded_socket(limits=LIMITS)
    link.unsent = 5_000  # one long write may be more than the backlog allows: only what piles up counts
    socket.write(b"a frame")
    assert socket.write == link.write
    assert link.written == [b"a frame"]


def test_that_a_reader_that_fell_behind_is_cut_when_its_backlog_is_full() -> None:
    socket, link = recorded_socket(limits=LIMITS)
    socket.pause()
    socket.write(b"x" * 990)
    link.unsent = 990
    socket.write(b"fits in it")
    assert not socket.closed
    link.unsent = 1_000
    socket.write(b"does not fit")
    assert socket.closed
    assert socket.too_slow
    assert link.written[1:] == [b"fits in it", b"\x88\x06" + (1013).to_bytes(2, "big") + b"slow"]


def test_that_what_may_be_lost_goes_to_who_reads_and_to_who_is_behind_only_while_little_waits() -> None:
    socket, link = recorded_socket(limits=LIMITS)
    link.unsent = 5_000
    assert socket.offer(b"a broadcast")
    socket.pause()
    assert not socket.offer(b"another")
    link.unsent = 290
    assert socket.offer(b"fits aside")
    assert not socket.offer(b"fits no more")
    assert link.written == [b"a broadcast", b"fits aside"]
    assert not socket.closed
    socket.close(1001, "drain")
    link.unsent = 0
    assert not socket.offer(b"late")


def test_that_what_may_be_lost_takes_none_of_the_room_of_what_must_not() -> None:
    socket, link = recorded_socket(limits=LIMITS)
    socket.write(b"b" * 400)  # by one who was not behind yet: it may have been a broadcast
    socket.pause()
    link.unsent = 0
    assert socket.offer(b"b" * 300)
    socket.expect(1)
    link.unsent = 200  # the reader takes something now and then
    assert socket.offer(b"b" * 100)
    socket.write(b"f" * 10)
    assert socket.offer(b"b" * 20)
    link.end_turn()
    link.unsent = 700
    socket.answered(1)
    socket.write(b"f" * 990)
    assert not socket.closed
    link.unsent = 1_690
    socket.write(b"f")
    assert socket.closed


def test_that_a_reader_that_catches_up_is_written_to_straight_again() -> None:
    socket, link = recorded_socket(limits=LIMITS)
    socket.pause()
    socket.resume()
    link.unsent = 10**6
    socket.write(b"more")
    assert not socket.closed


def test_that_a_closed_socket_stays_closed_and_swallows_writes() -> None:
    socket, link = recorded_socket(limits=LIMITS)
    socket.close(1002, "no Phoenix frame")
    socket.pause()
    socket.resume()
    socket.write(b"late")
    socket.close(1001, "again")
    assert link.written == [b"\x88\x12" + (1002).to_bytes(2, "big") + b"no Phoenix frame"]


def test_that_draining_waits_for_the_last_operations_answer() -> None:
    socket, link = recorded_socket(limits=LIMITS)
    socket.expect(2)
    socket.drain(500)
    socket.answered(1)
    assert not socket.closed
    socket.answered(1)
    assert socket.closed
    assert link.written[-1].endswith(b"drain")


def test_that_what_one_turn_brings_to_a_writer_leaves_in_one_write() -> None:
    socket, link = recorded_socket(limits=LIMITS)
    socket.expect(2)
    socket.write(b"changes,")
    socket.write(b"verdict 1,")
    socket.answered(1)
    socket.write(b"verdict 2")
    socket.answered(1)
    assert link.written == []
    link.end_turn()
    assert link.written == [b"changes,verdict 1,verdict 2"]
    assert socket.write == link.write


def test_that_nothing_gathered_is_lost_or_overtaken_by_a_goodbye() -> None:
    socket, link = recorded_socket(limits=LIMITS)
    socket.expect(2)
    socket.write(b"verdict 1")
    socket.close(1001, "drain")
    link.end_turn()
    assert b"".join(link.written) == b"verdict 1\x88\x07" + (1001).to_bytes(2, "big") + b"drain"


def test_that_what_was_gathered_counts_against_the_backlog_of_a_slow_reader() -> None:
    socket, link = recorded_socket(limits=LIMITS)
    socket.expect(1)
    socket.pause()
    socket.write(b"x" * 999)
    link.end_turn()
    assert not socket.closed
    link.unsent = 999
    socket.write(b"two")
    link.end_turn()
    assert socket.too_slow
    assert socket.closed


def test_that_a_close_reason_is_cut_to_what_a_control_frame_holds() -> None:
    socket, link = recorded_socket(limits=LIMITS)
    socket.close(1008, "x" * 500)
    assert len(link.written[0]) <= 127


def test_that_a_pace_lets_a_burst_pass_and_then_its_rate() -> None:
    pace = Pace(rate=10, burst=3, now=100.0)
    assert [pace.take(100.0) for _ in range(4)] == [True, True, True, False]
    assert 0 < pace.wait() <= 0.1
    assert not pace.take(100.05)
    assert pace.take(100.16)
    assert [pace.take(200.0) for _ in range(4)] == [True, True, True, False]
