"""An app on a client that nobody here wrote, driven call by call."""

import time
from collections.abc import Callable
from typing import Any, Self

import httpx

from tests.compat.clients_tried import PHOENIX
from tests.compat.program import PATIENCE, Program, start
from tests.support.running_server import UNUSED_TLS


class Failed(Exception):
    """The client's own error: what an app would have shown."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["code"]
        self.status = error["status"]
        self.reasons = error.get("reasons")


class NoSuchCall(Exception):
    """The client cannot do this at all: that is what its cell in the table says, and no failure."""


class App:
    """One client, pointed at a server with a key as `createClient(url, key)` is; in a program that is there, or one of
    its own."""

    def __init__(self, client: str, url: str, key: str, program: Program | None = None, **options: Any) -> None:
        self.client = client
        self.url = url
        self._calls = 0
        self._session: dict[str, str] = {}
        self._program = program or start(client)
        self._opened: dict[str, Any] = {"url": url, "key": key}
        if client == PHOENIX:
            self._opened |= {"path": "/socket"} | options
        else:
            self._opened |= {
                "version": client.rsplit(maxsplit=1)[-1],
                "options": {"auth": {"persistSession": False}} | options,
            }
        self.open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._program.close()

    def open(self) -> None:
        """A client anew, knowing nothing of the one before."""
        self.call("open", **self._opened)

    def at(self, url: str, key: str) -> Self:
        """The same program with a client anew, pointed at another server or link."""
        return type(self)(self.client, url, key, program=self._program)

    def call(self, what: str, /, **given: Any) -> Any:
        """What the app got. Raises Failed with the error that the client gave it, NoSuchCall if it has no such call."""
        self._calls += 1
        answer = self._program.ask({"id": self._calls, "call": what, "with": given})
        assert answer["id"] == self._calls
        error = answer.get("error")
        if error is None:
            return answer["value"]
        raise NoSuchCall(what, error["message"]) if error["code"] == "no_such_call" else Failed(error)

    def sign_in(self, email: str, password: str) -> None:
        """With the client's own call; an app on a client without one asks the server itself, as here."""
        if self.client == PHOENIX:
            self._take_session("password", email=email, password=password)
        else:
            self.call("signIn", email=email, password=password)

    def renew(self) -> None:
        """A fresh token for the same session, as clients take one before the old runs out."""
        if self.client == PHOENIX:
            self._take_session("refresh_token", refresh_token=self._session["refresh_token"])
        else:
            before = self.call("session")["access_token"]
            assert self.call("refresh")["access_token"] != before

    def rows(self, *chain: list[Any]) -> dict[str, Any]:
        """What a query gives an app: {data, count, error}."""
        found: dict[str, Any] = self.call("rows", chain=chain)
        return found

    def listen(self, name: str, *bindings: dict[str, Any], **config: Any) -> None:
        """Subscribes and waits until the app is told that it is."""
        self.subscribe(name, *bindings, **config)
        self.wait_until_subscribed(name)

    def wait_until_subscribed(self, name: str) -> None:
        self.wait(lambda: self.heard(name, "statuses")[-1:] == ["SUBSCRIBED"], f"{name} subscribed")

    def joins(self, name: str) -> int:
        """How often the app was told that it is subscribed."""
        return self.heard(name, "statuses").count("SUBSCRIBED")

    def wait_until_joined_again(self, name: str, joins: int) -> None:
        """`joins`: those before."""
        self.wait(lambda: self.joins(name) > joins, f"{name} subscribed again")

    def wait_for_texts(self, name: str, texts: list[str]) -> None:
        """These and no others, in this order."""
        self.wait(lambda: self.texts(name) == texts, f"{texts} heard, once each")

    def subscribe(self, name: str, *bindings: dict[str, Any], **config: Any) -> None:
        self.call("listen", name=name, bindings=[{"schema": "public"} | one for one in bindings], config=config)

    def leave(self, name: str) -> None:
        """Unsubscribes and waits until the app is told so."""
        self.call("leave", name=name)
        self.wait(lambda: self.heard(name, "statuses")[-1] == "CLOSED", f"{name} left")

    def heard(self, name: str, what: str) -> list[Any]:
        found: list[Any] = self.call("heard", name=name, what=what)
        return found

    def texts(self, name: str) -> list[str]:
        """The messages that the channel's callbacks got."""
        return [change["new"]["message"] for change in self.heard(name, "changes")]

    def begin(self, seed: str, **given: Any) -> None:
        """One of the seeds' code paths (clients/seeds, clients/python/seeds)."""
        self.call("begin", seed=seed, given=given)

    def act(self, seed: str, what: str, **given: Any) -> Any:
        return self.call("act", seed=seed, what=what, given=given)

    def shows(self, seed: str, **wanted: Any) -> dict[str, Any]:
        """Waits until the seed's screen shows these values; gives all that it shows."""

        found: dict[str, Any] = {}

        def look() -> bool:
            found.update(self.call("look", seed=seed))
            return wanted.items() <= found.items()

        try:
            self.wait(look, "")
        except AssertionError:
            raise AssertionError(f"{self.client}: {seed} does not show {wanted}, but {found}") from None
        return found

    def wait(self, holds: Callable[[], Any], what: str) -> Any:
        until = time.monotonic() + PATIENCE
        while True:
            found = holds()
            if found:
                return found
            if time.monotonic() > until:
                raise AssertionError(f"{self.client}: still not so: {what}")
            time.sleep(0.05)

    def _take_session(self, grant: str, **given: str) -> None:
        asked = httpx.post(
            f"{self.url}/auth/v1/token", params={"grant_type": grant}, json=given, verify=UNUSED_TLS, timeout=20
        )
        self._session = asked.raise_for_status().json()
        self.call("carry", token=self._session["access_token"])
