"""A strict client of topic `sync`: follows the protocol to the letter and fails where the server breaks it."""

import socket
import time
from typing import Any
from urllib.parse import urlsplit

import httpx

from contract.ids import new_id
from tests.support.phoenix_client import PhoenixClient, Received
from tests.support.running_server import UNUSED_TLS, RunningServer

SYNC = "sync"


class Operator:
    """Whoever has a token: makes operations and sends them by either door."""

    def __init__(self, server: RunningServer, email: str, password: str | None = None) -> None:
        session = server.sign_in(email, password) if password else server.sign_in(email)
        self.server = server
        self.session = session
        self.token: str = session["access_token"]
        self.user_id: str = session["user"]["id"]
        headers = {"Authorization": f"Bearer {self.token}"}
        self.http = httpx.Client(base_url=server.url, headers=headers, verify=UNUSED_TLS, timeout=20)

    def __enter__(self) -> "Operator":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def new_booking(self, workflow: str = "protection") -> str:
        return self.server.create_booking(self.http, workflow)

    def post_ops(self, *operations: dict[str, Any], **more: Any) -> httpx.Response:
        return self.http.post("/sync/v1/ops", json={"device_id": "http", "ops": list(operations)} | more)

    def do(self, operation: dict[str, Any]) -> dict[str, Any]:
        """Its verdict, over HTTP."""
        answer = self.post_ops(operation)
        assert answer.status_code == 200, answer.text
        [verdict] = answer.json()["verdicts"]
        return dict(verdict)


def slow_connection(server: RunningServer) -> socket.socket:
    """A connection whose end here takes little before it stops taking."""
    parts = urlsplit(server.url)
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    found.connect((parts.hostname, parts.port))
    return found


def message(booking_id: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "op_id": new_id(), "kind": "message.send", "booking_id": booking_id, "payload": {"text": text} | more
    }  # fmt: skip


def press(booking_id: str, transition: str, values: dict[str, str] | None = None) -> dict[str, Any]:
    payload = {"transition": transition, "values": values or {}}
    return {"op_id": new_id(), "kind": "booking.transition", "booking_id": booking_id, "payload": payload}


def assign(booking_id: str, **who: str | None) -> dict[str, Any]:
    return {"op_id": new_id(), "kind": "booking.assign", "booking_id": booking_id, "payload": who}


class SyncClient(PhoenixClient):
    """Holds `epoch`, `cursor` and the `items` it was given. A gap or another epoch is an AssertionError."""

    def __init__(self, server: RunningServer, token: str, vsn: str = "2.0.0", **options: Any) -> None:
        super().__init__(server.url, vsn, **options)
        self.token = token
        self.device_id = new_id()
        self.epoch: str | None = None
        self.cursor: int | None = None
        self.items: list[dict[str, Any]] = []

    def enter(self, epoch: str | None = None, cursor: int | None = None) -> dict[str, Any]:
        """Joins from there; for `delta` applies what leads to the head. Returns the JoinReply."""
        request: dict[str, Any] = {"device_id": self.device_id, "access_token": self.token}
        if epoch is not None:
            request |= {"epoch": epoch, "cursor": cursor}
        answer = self.join(SYNC, request)
        assert answer.ok, answer.response
        reply: dict[str, Any] = answer.response
        self.epoch, self.cursor = reply["epoch"], cursor
        while reply["mode"] == "delta" and self.cursor is not None and self.cursor < reply["head"]:
            self.apply(self.next("changes"))
        return reply

    def enter_now(self) -> dict[str, Any]:
        """Joins as one who holds everything there is."""
        reply = self.enter()
        return self.enter(reply["epoch"], reply["head"])

    def apply(self, frame: Received) -> list[dict[str, Any]]:
        """The client rule of docs/protocol.md; returns the new items."""
        changes = frame.payload
        assert changes["epoch"] == self.epoch
        assert self.cursor is not None
        assert changes["from"] <= self.cursor + 1, f"gap: {changes['from']} after {self.cursor}"
        seqs = [item["seq"] for item in changes["items"]]
        assert seqs == sorted(set(seqs))
        assert all(changes["from"] <= seq <= changes["to"] for seq in seqs)
        new = [item for item in changes["items"] if item["seq"] > self.cursor]
        self.items += new
        self.cursor = max(self.cursor, changes["to"])
        return new

    def take_some(self) -> list[dict[str, Any]]:
        """Applies the next frame, whatever it holds."""
        return self.apply(self.next("changes"))

    def take(self, count: int = 1, table: str | None = None, timeout: float = 20.0) -> list[dict[str, Any]]:
        """Applies frames until `count` further items (of that table) have come; returns those."""
        found: list[dict[str, Any]] = []
        until = time.monotonic() + timeout
        while len(found) < count:
            new = self.apply(self.next("changes", timeout=until - time.monotonic()))
            found += [item for item in new if table is None or item["table"] == table]
        assert len(found) == count, found
        return found

    def receipt_of(self, booking_id: str) -> dict[str, Any]:
        """The next receipt told of that booking; what comes before it is applied."""
        while True:
            for item in self.apply(self.next("changes")):
                if item["table"] == "receipts" and item["booking_id"] == booking_id:
                    return dict(item["row"])

    def pull(self, person: Operator, head: int) -> None:
        """Follows the feed over HTTP until `head`."""
        while self.cursor is not None and self.cursor < head:
            page = person.http.get(f"/sync/v1/changes?epoch={self.epoch}&after={self.cursor}").json()
            assert page["from"] == self.cursor + 1
            self.items += page["items"]
            self.cursor = page["to"]

    def silent(self, seconds: float = 0.3, event: str | None = "changes") -> bool:
        return super().silent(seconds, event)

    def ops(self, *operations: dict[str, Any], **more: Any) -> Received:
        return self.ask(SYNC, "ops", {"device_id": self.device_id, "ops": list(operations)} | more)

    def do(self, operation: dict[str, Any]) -> dict[str, Any]:
        """Its verdict, over the socket."""
        answer = self.ops(operation)
        assert answer.ok, answer.response
        [verdict] = answer.response["verdicts"]
        return dict(verdict)

    def beat(self) -> dict[str, Any]:
        """A heartbeat, obeyed: the cursor moves to the head where nothing visible lies between."""
        beat: dict[str, Any] = self.heartbeat()
        assert self.cursor is not None
        if self.cursor >= beat["sent"]:
            self.cursor = max(self.cursor, beat["head"])
        return beat
