"""The whole server in this process but for its port: sockets are what was written to them, and no turn of the loop is
taken that a test does not take."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from contract.actors import Actor, Role
from contract.ids import new_id
from contract.operations import CreateBooking, Operation, OperationKind, Payload, SendMessage, write_payload
from contract.verdicts import Verdict
from server.access.accounts import Person, create_account, start_session
from server.actions.perform import perform
from server.app import Application
from server.config import ServerConfig
from server.store.feed import Batch
from tests.server.realtime.recorded_link import recorded_socket, texts
from tests.support.open_store import until


class AppInProcess:
    """`server` is the application; `before_commit` and `after_commit` are called in the very turn in which it publishes
    one."""

    def __init__(self, folder: Path, config: ServerConfig | None = None) -> None:
        self.server = Application(config or ServerConfig(), folder)
        self.before_commit: Callable[[], object] = lambda: None
        self.after_commit: Callable[[], object] = lambda: None

    def publish(self, batch: Batch) -> None:
        self.before_commit()
        self.server._publish(batch)
        self.after_commit()

    async def person(self, role: Role, name: str) -> Actor:
        user_id = await self.server.store.write(lambda tx: create_account(tx, None, None, name, role))
        return Actor(user_id, role, name)

    async def token(self, actor: Actor) -> str:
        person = Person(actor, None, "2026-11-22T00:00:00.000Z")
        session = await self.server.store.write(lambda tx: start_session(tx, person, "password"))
        return self.server.sign_in.answer(session).access_token

    async def do(self, actor: Actor, kind: OperationKind, payload: Payload, booking: str | None = None) -> Verdict:
        operation = Operation(new_id(), kind, booking, write_payload(payload))
        found = await self.server.store.write(lambda tx: perform(tx, self.server.workflows, actor, None, operation))
        assert found.verdict == "applied", found
        return found

    async def booking(self, actor: Actor) -> str:
        return (await self.do(actor, "booking.create", CreateBooking("protection"))).op_id

    async def say(self, actor: Actor, booking: str, text: str) -> None:
        await self.do(actor, "message.send", SendMessage(text), booking)


class InnerClient:
    """A socket of the application's, without a network."""

    def __init__(self, app: AppInProcess) -> None:
        self._app = app
        self.socket, self.link = recorded_socket()
        app.server.sockets.add(self.socket)

    def send(self, topic: str, event: str, payload: Any) -> None:
        frame = json.dumps(["1", "1", topic, event, payload]).encode()
        self._app.server.socket_door.router.receive(self.socket, frame)

    def beat(self) -> dict[str, Any]:
        """What a heartbeat is answered with."""
        self.send("phoenix", "heartbeat", {})
        found: dict[str, Any] = self.told("phx_reply")[-1]["response"]
        return found

    def lost(self) -> None:
        """The connection is gone."""
        self.socket.lost()
        self._app.server.sockets.remove(self.socket)
        self._app.server.socket_door.router.forget(self.socket)

    def told(self, event: str, topic: str | None = None) -> list[Any]:
        """The payloads of all such frames so far."""
        frames = [json.loads(text) for text in texts(self.link)]
        return [frame[4] for frame in frames if frame[3] == event and topic in (None, frame[2])]

    async def join(self, topic: str, payload: dict[str, Any]) -> Any:
        """The reply's payload."""
        before = len(self.told("phx_reply", topic))
        self.send(topic, "phx_join", payload)
        await until(lambda: len(self.told("phx_reply", topic)) > before)
        return self.told("phx_reply", topic)[-1]

    async def follow(self, token: str) -> dict[str, Any]:
        """Joins the feed at its head; the JoinReply."""
        asked = {"device_id": new_id(), "access_token": token}
        reply = (await self.join("sync", asked))["response"]
        found: dict[str, Any] = (await self.join("sync", asked | {"epoch": reply["epoch"], "cursor": reply["head"]}))[
            "response"
        ]
        return found


@contextlib.asynccontextmanager
async def app_in_process(folder: Path, config: ServerConfig | None = None) -> AsyncIterator[AppInProcess]:
    """Its store is set going and closed again."""
    app = AppInProcess(folder, config)
    async with app.server.background:
        app.server.store.start(asyncio.get_running_loop(), app.publish)
        try:
            yield app
        finally:
            app.server.store.close()
            app.server._passwords.close()
