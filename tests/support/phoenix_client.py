"""A small real client of the socket: Phoenix frames over a WebSocket, for tests that look at what the wire carries."""

import itertools
import json
import time
from collections import deque
from typing import Any, NamedTuple, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

PATH = "/realtime/v1/websocket"


class Received(NamedTuple):
    """A frame as it came; of version 1, join_ref is always None."""

    join_ref: str | None
    ref: str | None
    topic: str
    event: str
    payload: Any

    @property
    def ok(self) -> bool:
        return bool(self.payload["status"] == "ok")

    @property
    def response(self) -> Any:
        return self.payload["response"]


class Closed(AssertionError):
    """The server ended the connection while a frame was waited for."""

    def __init__(self, code: int | None, reason: str) -> None:
        super().__init__(f"closed with {code} {reason!r}")
        self.code = code
        self.reason = reason


class PhoenixClient:
    """Blocking. Frames that are not asked for yet wait in order; nothing is dropped."""

    def __init__(self, url: str, vsn: str = "2.0.0", path: str = PATH, key: str = "", **options: Any) -> None:
        """`url` is the server's base URL; `key` is Supabase's apikey; `options` are websockets' own."""
        address = "ws" + url.removeprefix("http") + f"{path}?vsn={vsn}" + (f"&apikey={key}" if key else "")
        options = {"compression": None, "max_size": None, "ping_interval": None} | options
        self._connection = connect(address, **options)
        self.socket: ClientConnection = self._connection.__enter__()
        self.vsn = vsn
        self._refs = itertools.count(1)
        self._join_refs: dict[str, str] = {}
        self.waiting: deque[Received] = deque()
        """What has come and was not taken."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.__exit__(None, None, None)

    def send(self, topic: str, event: str, payload: Any, join_ref: str | None = None) -> str:
        """Sends a frame and returns its ref."""
        ref = str(next(self._refs))
        if event == "phx_join":
            self._join_refs[topic] = ref
        joined = join_ref or self._join_refs.get(topic)
        if self.vsn == "2.0.0":
            text = json.dumps([joined, ref, topic, event, payload])
        else:
            text = json.dumps({"topic": topic, "event": event, "payload": payload, "ref": ref, "join_ref": joined})
        self.socket.send(text)
        return ref

    def ask(self, topic: str, event: str, payload: Any, timeout: float = 20.0) -> Received:
        """Sends a frame and waits for the reply to it; other frames stay waiting."""
        ref = self.send(topic, event, payload)
        return self.next("phx_reply", ref=ref, timeout=timeout)

    def join(self, topic: str, payload: Any) -> Received:
        return self.ask(topic, "phx_join", payload)

    def heartbeat(self) -> Any:
        return self.ask("phoenix", "heartbeat", {}).response

    def next(
        self, event: str | None = None, topic: str | None = None, ref: str | None = None, timeout: float = 20.0
    ) -> Received:
        """The oldest frame not taken yet that fits; raises TimeoutError, or Closed when none can come any more."""
        until = time.monotonic() + timeout
        for frame in self.waiting:
            if _fits(frame, event, topic, ref):
                self.waiting.remove(frame)
                return frame
        while True:
            frame = self.read(until - time.monotonic())
            if _fits(frame, event, topic, ref):
                return frame
            self.waiting.append(frame)

    def read(self, timeout: float) -> Received:
        """The next frame off the wire."""
        try:
            data = self.socket.recv(max(0.0, timeout))
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else None
            raise Closed(code, closed.rcvd.reason if closed.rcvd else "") from closed
        found = json.loads(data)
        if self.vsn == "2.0.0":
            return Received(*found)
        return Received(None, found["ref"], found["topic"], found["event"], found["payload"])

    def silent(self, seconds: float = 0.3, event: str | None = None) -> bool:
        """Whether no such frame comes within that time."""
        try:
            self.next(event, timeout=seconds)
        except TimeoutError:
            return True
        return False

    def closing(self, timeout: float = 20.0) -> Closed:
        """Waits for the server to end the connection, passing over whatever comes before."""
        until = time.monotonic() + timeout
        while True:
            try:
                self.read(until - time.monotonic())
            except Closed as closed:
                return closed


def _fits(frame: Received, event: str | None, topic: str | None, ref: str | None) -> bool:
    return (
        (event is None or frame.event == event)
        and (topic is None or frame.topic == topic)
        and (ref is None or frame.ref == ref)
    )
