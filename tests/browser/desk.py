"""The other side of the page: an operator's sync client that reads along, answers and presses buttons."""

import time
from typing import Any

import httpx

from contract.ids import new_id
from tests.support.phoenix_client import PhoenixClient
from tests.support.running_server import UNUSED_TLS, RunningServer


class Desk:
    """Blocking. `messages` holds what the feed has brought of each booking, in its order."""

    def __init__(self, server: RunningServer, session: dict[str, Any]) -> None:
        self.server = server
        self.token = session["access_token"]
        headers = {"Authorization": f"Bearer {self.token}"}
        self.http = httpx.Client(base_url=server.url, headers=headers, verify=UNUSED_TLS, timeout=20)
        self.device = new_id()
        self.messages: dict[str, list[dict[str, Any]]] = {}
        self.seq = 0

    def __enter__(self) -> "Desk":
        self.socket = PhoenixClient(self.server.url, close_timeout=0.5)
        me = self.http.get("/sync/v1/me").json()
        self._join(me["epoch"], me["head"])
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        self.http.close()

    def booking(self, workflow: str = "protection", **values: Any) -> tuple[str, str]:
        """A new booking of a new customer without an account; its id and the path of its link."""
        values = {"customer_name": "Omar", **values}
        booking_id = self.server.create_booking(self.http, workflow, **values)
        answer = self.http.post(f"/api/bookings/{booking_id}/link")
        answer.raise_for_status()
        return booking_id, "/c/" + answer.json()["url"].rpartition("/c/")[2]

    def say(self, booking_id: str, text: str) -> None:
        self._perform("message.send", booking_id, {"text": text})

    def press(self, booking_id: str, transition: str, **values: str) -> None:
        self._perform("booking.transition", booking_id, {"transition": transition, "values": values})

    def hears(self, booking_id: str, text: str, seconds: float = 20.0) -> float:
        """Reads the feed until this message has come; returns how many seconds that took."""
        begun = time.monotonic()
        while text not in self.texts(booking_id):
            self._take(self.socket.next("changes", timeout=begun + seconds - time.monotonic()).payload)
        return time.monotonic() - begun

    def texts(self, booking_id: str) -> list[str]:
        """What this desk has heard of the customer, in the order of the feed."""
        return [row["message"] for row in self.messages.get(booking_id, []) if row["sender_type"] == "client"]

    def listen(self, seconds: float) -> None:
        """Takes in whatever comes within that time."""
        until = time.monotonic() + seconds
        while (rest := until - time.monotonic()) > 0:
            try:
                self._take(self.socket.next("changes", timeout=rest).payload)
            except TimeoutError:
                return

    def confirm(self) -> None:
        """What has come is on this desk's disk: it counts as delivered."""
        self.socket.send("sync", "cursor", {"seq": self.seq})

    def read(self, booking_id: str) -> None:
        position = self.messages[booking_id][-1]["position"]
        self.socket.send("sync", "read", {"booking_id": booking_id, "position": position})

    def type(self, booking_id: str, typing: bool) -> None:
        topic = f"typing:{booking_id}"
        self.socket.join(topic, {})
        track = {"type": "presence", "event": "track", "payload": {"typing": typing}}
        self.socket.ask(topic, "presence", track)

    def stored(self, booking_id: str) -> list[tuple[str, str]]:
        """Kind and text of the whole conversation, as the server has it."""
        rows = self.http.get(f"/sync/v1/bookings/{booking_id}").json()["tables"]["messages"]
        return [(row["kind"], row["message"]) for row in sorted(rows, key=lambda row: row["position"])]

    def _perform(self, kind: str, booking_id: str, payload: dict[str, Any]) -> None:
        operation = {"op_id": new_id(), "kind": kind, "booking_id": booking_id, "payload": payload}
        answer = self.http.post("/sync/v1/ops", json={"device_id": self.device, "ops": [operation]})
        [verdict] = answer.json()["verdicts"]
        assert verdict["verdict"] == "applied", verdict

    def _join(self, epoch: str, cursor: int) -> None:
        join = {"device_id": self.device, "access_token": self.token, "epoch": epoch, "cursor": cursor}
        reply = self.socket.join("sync", join)
        assert reply.ok, reply

    def _take(self, changes: dict[str, Any]) -> None:
        for item in changes["items"]:
            if item["table"] == "messages" and item["op"] == "insert":
                self.messages.setdefault(item["booking_id"], []).append(item["row"])
        self.seq = changes["to"]
