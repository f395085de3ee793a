"""An app on the unmodified Python client of Supabase, driven line by line: {id, call, with} in, {id, value} or
{id, error} out. Runs in an environment of its own (scripts/setup.sh --tests)."""

import asyncio
import importlib
import inspect
import json
import re
import sys
from collections.abc import Coroutine
from typing import Any

from realtime import AsyncRealtimeChannel
from realtime.exceptions import RealtimeHTTPError
from realtime.types import ChannelEvents, RealtimeAcknowledgementStatus
from supabase import AsyncClient, FunctionsError, PostgrestAPIError, StorageException, acreate_client
from supabase_auth.errors import AuthApiError, AuthError, AuthWeakPasswordError

WORDS = {"or": "or_", "in": "in_", "is": "is_", "from": "from_"}
"""What Python does not take for a name."""


class NoSuchCallError(Exception):
    """The client cannot do this."""


class Listening:
    """A channel and all that it has heard, in the words of the other clients."""

    def __init__(self, channel: AsyncRealtimeChannel, config: dict[str, Any] | None) -> None:
        self.channel = channel
        self.acknowledged = bool(((config or {}).get("broadcast") or {}).get("ack"))
        self.heard: dict[str, list[Any]] = {
            "statuses": [],
            "changes": [],
            "broadcasts": [],
            "presence": [],
            "systems": [],
        }

    def bind(self, at: int, binding: dict[str, Any]) -> None:
        def note(payload: Any) -> None:
            data = dict(payload["data"])
            self.heard["changes"].append(
                {
                    "binding": at,
                    "eventType": str(getattr(data["type"], "value", data["type"])),
                    "table": data["table"],
                    "new": data.get("record") or {},
                    "old": data.get("old_record") or {},
                    **{name: value for name, value in data.items() if name == "replayed"},
                }
            )

        rest = {name: value for name, value in binding.items() if name != "event"}
        self.channel.on_postgres_changes(binding["event"], note, **rest)

    def note_the_rest(self) -> None:
        self.channel.on_broadcast(
            "*", lambda said: self.heard["broadcasts"].append({"event": said["event"], "payload": said["payload"]})
        )
        self.channel.on_presence_sync(
            lambda: self.heard["presence"].append(json.loads(json.dumps(self.channel.presence_state())))
        )

        self.channel.on_system(lambda said: self.heard["systems"].append(_plain(said)))

    async def subscribe(self) -> None:
        def note(status: Any, error: Exception | None) -> None:
            self.heard["statuses"].append(f"{status.value}: {error}" if error else status.value)

        await self.channel.subscribe(note)


class App:
    """One method a call."""

    def __init__(self) -> None:
        self._channels: dict[str, Listening] = {}
        self._seeds: dict[str, Any] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._token = ""

    async def open(self, url: str, key: str, **_: Any) -> None:
        self._client: AsyncClient = await acreate_client(url, key)

    async def carry(self, token: str) -> None:
        self._client.postgrest.auth(token)
        await self._client.realtime.set_auth(token)

    async def signIn(self, email: str, password: str) -> Any:
        return _plain((await self._client.auth.sign_in_with_password({"email": email, "password": password})).session)

    async def signUp(self, **who: Any) -> Any:
        return _plain(await self._client.auth.sign_up(who))

    async def signInAnonymously(self, data: dict[str, Any]) -> Any:
        return _plain(await self._client.auth.sign_in_anonymously({"options": {"data": data}}))

    async def updateUser(self, **attributes: Any) -> Any:
        return _plain((await self._client.auth.update_user(attributes)).user)

    async def session(self) -> Any:
        return _plain(await self._client.auth.get_session())

    async def signOut(self, **options: Any) -> None:
        await self._client.auth.sign_out(options or None)

    async def refresh(self, refresh_token: str | None = None) -> Any:
        return _plain((await self._client.auth.refresh_session(refresh_token)).session)

    async def claims(self) -> Any:
        found = await self._client.auth.get_claims()
        return found["claims"] if found else None

    async def user(self) -> Any:
        found = await self._client.auth.get_user()
        return _plain(found.user) if found else None

    async def listen(
        self, name: str, bindings: list[dict[str, Any]] | None = None, config: dict[str, Any] | None = None
    ) -> None:
        listening = Listening(self._client.channel(name, {"config": config} if config else None), config)
        self._channels[name] = listening
        for at, binding in enumerate(bindings or []):
            listening.bind(at, binding)
        listening.note_the_rest()
        self._start(listening.subscribe())

    async def heard(self, name: str, what: str) -> Any:
        return self._channels[name].heard[what]

    async def send(self, name: str, event: str, payload: Any) -> Any:
        """The client's own send_broadcast says nothing of what became of it; who wants to know pushes the same."""
        listening = self._channels[name]
        if not listening.acknowledged:
            return await listening.channel.send_broadcast(event, payload)
        said = {"type": "broadcast", "event": event, "payload": payload}
        push = await listening.channel.push(ChannelEvents.broadcast, said)
        answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        push.receive(RealtimeAcknowledgementStatus.Ok, lambda _: answered.set_result("ok"))
        push.receive(RealtimeAcknowledgementStatus.Error, lambda _: answered.set_result("error"))
        return await answered

    async def httpSend(self, name: str, event: str, payload: Any) -> None:
        await self._client.channel(name).http_send(event, payload)

    async def track(self, name: str, payload: Any) -> None:
        await self._channels[name].channel.track(payload)

    async def untrack(self, name: str) -> None:
        await self._channels[name].channel.untrack()

    async def leave(self, name: str) -> None:
        await self._channels[name].channel.unsubscribe()

    async def rows(self, chain: list[list[Any]]) -> Any:
        on: Any = self._client
        for one in chain:
            on = _step(on, *one)
        try:
            found = await on.execute()
        except PostgrestAPIError as error:
            details = {"code": error.code, "message": error.message, "details": error.details}
            return {"data": None, "count": None, "error": details}
        if found is None:
            return {"data": None, "count": None, "error": None}
        return {"data": found.data, "count": found.count, "error": None}

    async def begin(self, seed: str, given: dict[str, Any]) -> None:
        """One of the seeds' own code paths (seeds/), begun, acted on, looked at."""
        made = importlib.import_module(f"seeds.{seed}").Seed(self._client, self._start, **given)
        self._seeds[seed] = made
        await made.begin()

    async def act(self, seed: str, what: str, given: dict[str, Any]) -> Any:
        found = getattr(self._seeds[seed], _snake(what))(**given)
        return await found if inspect.isawaitable(found) else found

    async def look(self, seed: str) -> Any:
        return self._seeds[seed].state()

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def reach(self, part: str, chain: list[list[Any]]) -> str | None:
        on: Any = getattr(self._client, part)
        try:
            for one in chain:
                on = _step(on, *one)
            await on
        except FunctionsError as error:
            return f"{error.status}: {error}"
        except (StorageException, AuthApiError) as error:
            return str(error)
        return None


def _step(on: Any, name: str, *given: Any) -> Any:
    """A call as JavaScript chains it: options come last, in an object."""
    method = getattr(on, WORDS.get(name) or _snake(name), None)
    if method is None:
        raise NoSuchCallError(name)
    if len(given) > 1 and isinstance(given[-1], dict) and name != "rpc":
        options = {_snake(key): value for key, value in given[-1].items()}
        if "ascending" in options:
            options["desc"] = not options.pop("ascending")
        return method(*given[:-1], **options)
    return method(*given)


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)


def _plain(model: Any) -> Any:
    return None if model is None else model.model_dump(mode="json")


async def answer(app: App, asked: dict[str, Any]) -> None:
    said: dict[str, Any] = {"id": asked["id"]}
    method = getattr(app, asked["call"], None)
    try:
        if method is None:
            raise NoSuchCallError(asked["call"])
        said["value"] = await method(**(asked.get("with") or {}))
    except NoSuchCallError as error:
        said["error"] = {"message": str(error), "code": "no_such_call", "status": None}
    except RealtimeHTTPError as error:
        said["error"] = {"message": str(error), "code": None, "status": error.status}
    except PostgrestAPIError as error:
        said["error"] = {"message": error.message, "code": error.code, "status": None}
    except AuthWeakPasswordError as error:
        code, reasons = error.code, error.reasons
        said["error"] = {"message": error.message, "code": code, "status": error.status, "reasons": reasons}
    except AuthApiError as error:
        said["error"] = {"message": error.message, "code": error.code, "status": error.status}
    except AuthError as error:
        said["error"] = {"message": error.message, "code": error.code, "status": None}
    print(json.dumps(said), flush=True)


async def main() -> None:
    app = App()
    while line := await asyncio.to_thread(sys.stdin.readline):
        await answer(app, json.loads(line))


if __name__ == "__main__":
    asyncio.run(main())
