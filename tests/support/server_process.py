"""Two ways to start the server's program as a process: a Python of its own, or a fork of one with all code loaded.

To start Python and load everything costs a second of computing; a fork of a process that has done so, a fiftieth of
it. The forked run the same command line and are processes like any other: their own memory, files and sockets, signals
that end them, an exit code.
"""

import contextlib
import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parents[2]
FORKS = multiprocessing.get_context("forkserver")
"""Whoever forks uses this one: a process has one fork server, and what that loads is said once."""
FORKS.set_forkserver_preload(
    [
        "server.__main__",
        "tests.support.server_process",
        "tests.faults.processes.desk_process",
        "tests.faults.processes.server_process",
    ]
)


class ServerProcess(Protocol):
    """One that was started."""

    @property
    def pid(self) -> int: ...
    def send_signal(self, number: int) -> None: ...

    def wait(self, timeout: float) -> int:
        """Its exit code, below zero where a signal ended it; raises TimeoutError."""

    def first_line(self, timeout: float) -> str:
        """What it said on stdout, up to the end of its first line; "" where it ended without, or said none in time."""


class Launch(Protocol):
    def __call__(self, arguments: Sequence[str], env: Mapping[str, str], log: Path) -> ServerProcess:
        """`fieldline-server` with these arguments and this whole environment; stderr goes to the end of `log`."""


class _Fresh:
    def __init__(self, arguments: Sequence[str], env: Mapping[str, str], log: Path, program: str = "server") -> None:
        with log.open("a") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", program, *arguments],
                cwd=ROOT,
                env=env,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
            )
        self.pid = self._process.pid

    def send_signal(self, number: int) -> None:
        self._process.send_signal(number)

    def wait(self, timeout: float) -> int:
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError from error
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code

    def first_line(self, timeout: float) -> str:
        output = self._process.stdout
        assert output is not None
        lines: list[str] = []
        reading = threading.Thread(target=lambda: lines.append(output.readline()), daemon=True)
        reading.start()
        reading.join(timeout)
        return lines[0] if lines else ""


class _Forked:
    def __init__(self, arguments: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        self._said, far = FORKS.Pipe(duplex=False)
        self._process = FORKS.Process(target=_run, args=(list(arguments), dict(env), log, far), daemon=True)
        self._process.start()
        far.close()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def send_signal(self, number: int) -> None:
        if self._process.is_alive():
            with contextlib.suppress(ProcessLookupError):  # it has ended since, and was waited for
                os.kill(self.pid, number)

    def wait(self, timeout: float) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise TimeoutError
        self._said.close()
        return code

    def first_line(self, timeout: float) -> str:
        said = b""
        while not said.endswith(b"\n") and self._said.poll(timeout):
            more = os.read(self._said.fileno(), 4096)
            if not more:
                break
            said += more
        return said.decode()


def _run(arguments: list[str], env: dict[str, str], log: Path, out: Connection) -> None:
    with log.open("ab") as file:
        os.dup2(file.fileno(), 2)
    os.dup2(out.fileno(), 1)
    out.close()
    os.environ.clear()
    os.environ.update(env)
    os.chdir(ROOT)
    from server.__main__ import main  # noqa: PLC0415 - whoever starts a fresh one need not load it

    main(arguments)


fresh: Launch = _Fresh
spoilt: Launch = partial(_Fresh, program="tests.support.spoilt_writer")
forked: Launch = _Forked
