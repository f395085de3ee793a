"""A real server in a process of its own, on a free port and folder, that tests may kill and start again."""

import contextlib
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from contract.ids import new_id
from server.store.settings import StoreSettings
from tests.support.engines import make_tables
from tests.support.server_process import ROOT, Launch, ServerProcess, forked

PASSWORD = "correct horse battery"
START_SECONDS = 60.0
_READY = "Listening on "
UNUSED_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Servers here speak plain HTTP; for want of it each client would read the world's certificates, in 20 ms."""


class RunningServer:
    """`url` is its base URL; `data_dir` and `log` (what it wrote to stderr) outlive restarts."""

    def __init__(self, folder: Path, arguments: Sequence[str], env: Mapping[str, str], launch: Launch = forked) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.data_dir = folder / "data"
        self.log = folder / "server.log"
        self.url = ""
        self.port = 0
        self.process: ServerProcess | None = None
        self._arguments = list(arguments)
        self._launch = launch
        self.env = dict(env)

    def start(self) -> None:
        """Returns once it accepts. The first port is kept for later starts."""
        if "FIELDLINE_DATABASE" not in self.env:
            make_tables(StoreSettings(self.data_dir))
        arguments = ["run", "--data", str(self.data_dir), "--port", str(self.port), *self._arguments]
        self.process = self._launch(arguments, self._environment(), self.log)
        said = self.process.first_line(START_SECONDS)
        if not said.startswith(_READY):
            self.kill()
            raise AssertionError(f"the server did not start: {said}\n{self.log.read_text()[-4000:]}")
        self.url = said.removeprefix(_READY).strip()
        self.port = int(self.url.rpartition(":")[2])

    def stop(self, timeout: float = 15.0) -> int:
        """SIGTERM; returns the exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        return self._ended(timeout)

    def kill(self) -> None:
        """SIGKILL: nothing gets to finish."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self._ended(10)

    def restart(self) -> None:
        """Starts again on the same port and data, after `stop` or `kill`."""
        if self.process is not None:
            self.stop()
        self.start()

    def add_user(
        self, email: str, role: str = "operator", name: str | None = None, departments: Sequence[str] = ()
    ) -> str:
        """Makes an account with PASSWORD, whether the server runs or not; returns the address."""
        more = [argument for department in departments for argument in ("--department", department)]
        arguments = [
            "user",
            "add",
            email,
            "--role",
            role,
            "--name",
            name or email.split("@", maxsplit=1)[0].title(),
            *more,
        ]
        self.command(*arguments, "--password-stdin", stdin=PASSWORD)
        return email

    def command(self, *arguments: str, stdin: str = "") -> str:
        """Runs `fieldline-server` with these arguments on the server's data; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "server", *arguments, "--data", str(self.data_dir)],
            cwd=ROOT,
            env=self._environment(),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"{' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def sign_in(self, email: str, password: str = PASSWORD) -> dict[str, Any]:
        """The session, as /auth/v1/token answers it."""
        answer = httpx.post(
            f"{self.url}/auth/v1/token",
            params={"grant_type": "password"},
            json={"email": email, "password": password},
            verify=UNUSED_TLS,
            timeout=20,
        )
        answer.raise_for_status()
        session: dict[str, Any] = answer.json()
        return session

    def get(self, path: str, **more: Any) -> httpx.Response:
        """By a connection of its own; `more` as httpx.get takes it."""
        return httpx.get(f"{self.url}{path}", verify=UNUSED_TLS, timeout=20, **more)

    def client(self, email: str | None = None) -> httpx.Client:
        """An HTTP client with the server's address, signed in as that person."""
        headers = {} if email is None else {"Authorization": f"Bearer {self.sign_in(email)['access_token']}"}
        return httpx.Client(base_url=self.url, headers=headers, verify=UNUSED_TLS, timeout=20)

    def create_booking(self, client: httpx.Client, workflow: str = "protection", **values: Any) -> str:
        """A new booking by whoever the client is; returns its id."""
        booking_id = new_id()
        payload = {"workflow": workflow} | values
        operation = {"op_id": booking_id, "kind": "booking.create", "payload": payload}
        answer = client.post("/sync/v1/ops", json={"device_id": "test", "ops": [operation]})
        answer.raise_for_status()
        [verdict] = answer.json()["verdicts"]
        assert verdict["verdict"] == "applied", verdict
        return booking_id

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FIELDLINE_")}
        return kept | self.env

    def _ended(self, timeout: float) -> int:
        assert self.process is not None
        code = self.process.wait(timeout)
        self.process = None
        return code


@contextlib.contextmanager
def running_server(
    folder: Path,
    *,
    demo: bool = False,
    env: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
    launch: Launch = forked,
) -> Iterator[RunningServer]:
    """A server until the end of the block. `folder` holds its data and its log."""
    server = RunningServer(folder, [*(["--demo"] if demo else []), *arguments], env or {}, launch)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def wait_until(holds: Any, seconds: float = 20.0) -> None:
    """Looks again and again until `holds()` is true; AssertionError after that time."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(f"still not so after {seconds} s")
        time.sleep(0.01)
