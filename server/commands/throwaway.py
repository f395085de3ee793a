"""A server to try things on: a copy of the data in a temporary folder, two people, and what each of them hears."""

import asyncio
import contextlib
import http.client
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from contract.actors import Role
from contract.ids import new_id
from server.access.accounts import create_account, find_person, start_session
from server.access.signing_key import SigningKey
from server.access.tokens import TokenIssuer
from server.store.backup import back_up
from server.store.direct import write_directly
from server.store.settings import StoreSettings
from server.store.transactions import WriteTx

START_SECONDS = 60.0


class Throwaway:
    """`tokens` by role. `start` may be called again after `kill`."""

    def __init__(self, folder: Path) -> None:
        self.settings = StoreSettings(folder)
        self.log = folder / "server.log"
        self.port = 0
        self._process: subprocess.Popen[str] | None = None
        issuer = TokenIssuer(SigningKey.at(folder))
        self.tokens = {role: write_directly(self.settings, _person(role, issuer)) for role in ("customer", "operator")}

    def start(self) -> None:
        """Raises RuntimeError when it does not come up."""
        arguments = ["run", "--embedded", "--data", str(self.settings.data_dir), "--port", "0", "--host", "127.0.0.1"]
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server", *arguments], stdout=subprocess.PIPE, stderr=log, text=True
            )
        line = "" if self._process.stdout is None else self._process.stdout.readline()
        if not line.startswith("Listening on "):
            self.kill()
            raise RuntimeError(f"the server did not start: {self.log.read_text()[-500:]}")
        self.port = int(line.strip().rpartition(":")[2])

    def kill(self) -> None:
        """As a power cut would: nothing gets to finish."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def ask(self, method: str, path: str, role: str, body: Any = None) -> tuple[int, Any]:
        """(status, JSON) of one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            headers = {"Authorization": f"Bearer {self.tokens[role]}", "Content-Type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def do(
        self, role: str, kind: str, booking_id: str | None, payload: dict[str, Any], op_id: str = ""
    ) -> dict[str, Any]:
        """One operation's verdict."""
        operation = {"op_id": op_id or new_id(), "kind": kind, "booking_id": booking_id, "payload": payload}
        status, answer = self.ask("POST", "/sync/v1/ops", role, {"device_id": "selftest", "ops": [operation]})
        found: dict[str, Any] = answer["verdicts"][0] if status == 200 else {"verdict": f"status {status}", **answer}
        return found


class Ear(WSListener):
    """A socket joined to `sync`: what came, with the moment it came."""

    def __init__(self) -> None:
        self.items: list[tuple[float, dict[str, Any]]] = []
        self.replies: dict[str, Any] = {}
        self._arrived = asyncio.Event()
        self._transport: WSTransport | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is not WSMsgType.TEXT:
            return
        _, ref, _, event, payload = msgspec.json.decode(frame.get_payload_as_bytes())
        if event == "changes":
            now = time.monotonic()
            self.items += [(now, item) for item in payload["items"]]
        elif event == "phx_reply":
            self.replies[ref] = payload["response"]
        self._arrived.set()

    @classmethod
    async def join(cls, server: Throwaway, role: str, epoch: str | None = None, cursor: int | None = None) -> "Ear":
        _, ear = await ws_connect(cls, f"ws://127.0.0.1:{server.port}/realtime/v1/websocket?vsn=2.0.0")
        assert isinstance(ear, Ear)  # noqa: S101  (what the factory makes)
        join = {"device_id": f"selftest-{role}", "access_token": server.tokens[role], "epoch": epoch, "cursor": cursor}
        ear.send("1", "sync", "phx_join", join)
        await ear.until(lambda: "1" in ear.replies)
        return ear

    def send(self, ref: str, topic: str, event: str, payload: dict[str, Any]) -> None:
        if self._transport is not None:
            self._transport.send(WSMsgType.TEXT, json.dumps(["1", ref, topic, event, payload]).encode())

    def hang_up(self) -> None:
        if self._transport is not None:
            self._transport.disconnect(graceful=False)

    async def until(self, holds: Callable[[], bool], seconds: float = 5.0) -> bool:
        """Whether it came to hold within that time."""
        end = time.monotonic() + seconds
        while not holds():
            self._arrived.clear()
            with contextlib.suppress(TimeoutError):  # the while looks at the clock
                await asyncio.wait_for(self._arrived.wait(), max(0.01, end - time.monotonic()))
            if time.monotonic() > end:
                return holds()
        return True

    def rows(self, table: str) -> list[dict[str, Any]]:
        return [item["row"] for _, item in self.items if item["table"] == table]


@contextlib.contextmanager
def throwaway_copy(original: StoreSettings) -> Iterator[Throwaway]:
    """A server on a copy of that data; on an empty database where there is none yet, or where it is
    on a PostgreSQL server. Nothing of it stays."""
    with tempfile.TemporaryDirectory(prefix="fieldline-selftest-") as name:
        copy = StoreSettings(Path(name))
        if original.url is None and original.database.exists():
            back_up(original, copy.database)
        server = Throwaway(Path(name))
        try:
            server.start()
            yield server
        finally:
            server.kill()


def _person(role: Any, issuer: TokenIssuer) -> Callable[[WriteTx], str]:
    def job(tx: WriteTx) -> str:
        wanted: Role = role
        user_id = create_account(tx, f"{new_id()}@selftest.invalid", None, f"Selftest {role}", wanted)
        person = find_person(tx, user_id)
        if person is None:
            raise LookupError(user_id)
        return issuer.issue(person.actor, None, start_session(tx, person, "password").session_id)[0]

    return job
