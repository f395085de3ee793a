"""The breakable link does what its methods say, or the tests that lean on it prove nothing."""

import gc
import socket
import threading
import time
import warnings
from collections.abc import Iterator

import pytest

from tests.support.flaky_link import FlakyLink, flaky_link


@pytest.fixture
def link() -> Iterator[FlakyLink]:
    """To a server that sends back what it gets."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ends: list[socket.socket] = []

        def echo(end: socket.socket) -> None:
            with end:
                while data := end.recv(4096):
                    end.sendall(data)

        def serve() -> None:
            while True:
                try:
                    end, _ = server.accept()
                except OSError:
                    return
                ends.append(end)
                threading.Thread(target=_quietly, args=(echo, end), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        with flaky_link(f"http://127.0.0.1:{server.getsockname()[1]}") as made:
            yield made
        server.shutdown(socket.SHUT_RDWR)


def _quietly(echo: object, end: socket.socket) -> None:
    try:
        echo(end)  # type: ignore[operator]
    except OSError:
        return


def connected(link: FlakyLink) -> socket.socket:
    return socket.create_connection(("127.0.0.1", link.port), timeout=5)


def says(end: socket.socket, data: bytes, timeout: float = 5.0) -> bytes:
    end.settimeout(timeout)
    end.sendall(data)
    return end.recv(4096)


def test_that_it_carries_what_is_said_both_ways(link: FlakyLink) -> None:
    with connected(link) as end:
        assert says(end, b"hello") == b"hello"
    assert link.carried == 1


def test_that_a_link_that_is_down_breaks_what_stands_and_refuses_what_comes(link: FlakyLink) -> None:
    with connected(link) as end:
        says(end, b"hello")
        with link.while_down():
            assert is_broken(end)
            with pytest.raises(ConnectionRefusedError):
                connected(link)
    with connected(link) as end:
        assert says(end, b"back") == b"back"


def test_that_a_cut_breaks_once(link: FlakyLink) -> None:
    with connected(link) as end:
        says(end, b"hello")
        link.cut()
        assert is_broken(end)
    with connected(link) as end:
        assert says(end, b"again") == b"again"


def test_that_in_a_black_hole_connections_stand_and_nothing_comes(link: FlakyLink) -> None:
    with connected(link) as end:
        says(end, b"hello")
        link.black_hole()
        with pytest.raises(TimeoutError):
            says(end, b"lost?", timeout=0.3)
        link.clear()
        end.settimeout(5)
        assert end.recv(4096) == b"lost?"


def test_that_a_slow_link_takes_its_time(link: FlakyLink) -> None:
    link.slow(0.1)
    with connected(link) as end:
        begun = time.monotonic()
        says(end, b"hello")
        assert time.monotonic() - begun >= 0.2


def test_that_connections_taken_as_the_plug_is_pulled_leave_nothing_behind(link: FlakyLink) -> None:
    gc.collect()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(3):
            ends = [socket.socket() for _ in range(5)]
            for end in ends:
                end.setblocking(False)
                end.connect_ex(("127.0.0.1", link.port))
            with link.while_down():
                for end in ends:
                    end.close()
        gc.collect()
    assert [str(each.message) for each in told] == []


def is_broken(end: socket.socket) -> bool:
    """Whether the other end hung up."""
    end.settimeout(5)
    try:
        return end.recv(4096) == b""
    except ConnectionResetError:
        return True
