"""The desk's command line in processes of its own, as scripts and support staff run it."""

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tests.support.people_made import address
from tests.support.running_server import PASSWORD
from tests.support.server_process import ROOT


@dataclass
class Done:
    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """What --json printed."""
        return [msgspec.json.decode(line) for line in self.out.splitlines()]

    @property
    def op_id(self) -> str:
        """What send and press print first."""
        return self.out.split()[0]


@dataclass
class ScriptedDesk:
    """One profile, worked on by commands. Nobody: without the means to sign in."""

    profile: Path
    server_url: str
    name: str | None = "operator"
    more: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, timeout: float = 60.0) -> Done:
        done = subprocess.run(
            self._command(arguments), env=self._env(), capture_output=True, text=True, timeout=timeout, check=False
        )
        return Done(done.returncode, done.stdout, done.stderr)

    @contextlib.contextmanager
    def running(self, *arguments: str) -> Iterator["RunningCommand"]:
        """A command that goes on by itself; killed at the end of the block if it still does."""
        with subprocess.Popen(
            self._command(arguments), env=self._env(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            command = RunningCommand(process)
            try:
                yield command
            finally:
                process.kill()
                command.reading.join()

    def tailing(self, code: str) -> contextlib.AbstractContextManager["RunningCommand"]:
        """`tail` of one booking, which begins with its newest message."""
        return self.running("tail", code, "--json", "--lines", "1")

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        options = ["--profile", str(self.profile), "--server", self.server_url]
        return [sys.executable, "-m", "desktop", *options, *arguments]

    def _env(self) -> dict[str, str]:
        who = {} if self.name is None else {"FIELDLINE_EMAIL": address(self.name), "FIELDLINE_PASSWORD": PASSWORD}
        return {**os.environ, "PYTHONPATH": str(ROOT), **who, **self.more}


class RunningCommand:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: queue.Queue[str] = queue.Queue()
        self.reading = threading.Thread(target=self._read, name="command-output", daemon=True)
        self.reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def next_object(self, timeout: float = 30.0) -> dict[str, Any]:
        """The next line of --json."""
        found: dict[str, Any] = msgspec.json.decode(self._lines.get(timeout=timeout))
        return found

    def said(self) -> list[dict[str, Any]]:
        """Everything more that was printed up to now."""
        found = []
        while not self._lines.empty():
            found.append(msgspec.json.decode(self._lines.get()))
        return found
