"""Real processes to be killed: a server, desks and the link between them, started from one that has all code loaded.

Starting Python and importing everything costs a second; a fork of a process that has done so costs a fiftieth of it.
The forked are processes like any other: their own memory, files and sockets, and `kill -9` ends them.
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from contract.actors import Role
from tests.faults.history.events import Event, read_history
from tests.faults.processes.databases import SQLITE, Database, database
from tests.faults.processes.desk_process import DeskOrders, run_desk
from tests.faults.processes.points import Journal
from tests.faults.processes.server_process import ServerOrders, run_server
from tests.support.flaky_link import FlakyLink, flaky_link
from tests.support.people_made import Standing, make_people
from tests.support.running_postgres import RunningPostgres
from tests.support.server_process import FORKS

DESKS = ("anna", "bob")
SERVER, DATABASE = "server", "postgres"
OPERATOR: Role = "operator"
CUSTOMERS = ("carla", "dora")
PEOPLE: dict[str, Standing] = {**dict.fromkeys(DESKS, (OPERATOR, ())), **dict.fromkeys(CUSTOMERS, ("customer", ()))}
PATIENCE = 60.0
"""Seconds. Long, because a loaded machine is no fault of the program's."""


class Stuck(AssertionError):
    """Something did not happen that should have."""


class Killable:
    """One process and the pipe to it."""

    def __init__(self, name: str, run: Callable[..., None], orders: Any) -> None:
        self.name = name
        self.pipe, far = FORKS.Pipe()
        self.process: BaseProcess = FORKS.Process(target=run, args=(far, orders), name=name, daemon=True)
        self.process.start()
        far.close()

    @property
    def is_alive(self) -> bool:
        return self.process.is_alive()

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def ask(self, *order: Any) -> Any:
        """The answer; None where the process has died over it. Raises Stuck."""
        try:
            self.pipe.send(order)
            return self.receive()
        except (EOFError, OSError):
            return None

    def receive(self) -> Any:
        if not self.pipe.poll(PATIENCE):
            raise Stuck(f"{self.name} does not answer")
        return self.pipe.recv()

    def kill(self) -> None:
        """kill -9, and all of it is over when this returns."""
        if self.process.pid is not None and self.is_alive:
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()
        self.process.close()
        self.pipe.close()


class Rig:
    """`folder` holds the data, profiles, journals and logs, which outlive all kills."""

    def __init__(self, folder: Path, database: Database, ids: dict[str, str]) -> None:
        self.folder = folder
        self.database = database
        self.ids = ids
        self.driver = Journal(folder / "driver.jsonl", "driver")
        self.url = ""
        self.server: Killable | None = None
        self.desks: dict[str, Killable] = {}
        self.link: FlakyLink | None = None

    def start_server(self, armed: str = "") -> None:
        """Returns once it accepts, or has died trying; at the same address as before."""
        port = int(self.url.rpartition(":")[2]) if self.url else 0
        journal, log = self.folder / "server.jsonl", self.folder / "server.log"
        orders = ServerOrders(self.folder / "data", port, journal, log, armed, self.database.settings)
        self.server = Killable("server", run_server, orders)
        try:
            self.url = self.server.receive()
        except EOFError as error:
            if not armed:
                raise Stuck(f"the server did not start\n{self.tail('server.log')}") from error

    def start_desk(self, name: str, armed: str = "") -> None:
        assert self.link is not None
        orders = DeskOrders(
            self.profile(name), self.link.url, name, self.folder / f"{name}.jsonl", self.folder / f"{name}.log", armed
        )
        self.desks[name] = Killable(name, run_desk, orders)

    def is_alive(self, name: str) -> bool:
        """A desk, the server, or the database's own process."""
        return self._cluster.pid is not None if name == DATABASE else self._killable(name).is_alive

    def kill(self, name: str) -> None:
        if name == DATABASE:
            self._cluster.kill()
        else:
            self._killable(name).kill()

    def start(self, name: str) -> None:
        if name == DATABASE:
            self._cluster.start()
        elif name == SERVER:
            self.start_server()
        else:
            self.start_desk(name)

    @property
    def database_pid(self) -> int:
        assert self._cluster.pid is not None
        return self._cluster.pid

    @property
    def _cluster(self) -> RunningPostgres:
        assert self.database.cluster is not None
        return self.database.cluster

    def _killable(self, name: str) -> Killable:
        found = self.server if name == SERVER else self.desks[name]
        assert found is not None
        return found

    def profile(self, name: str) -> Path:
        return self.folder / f"profile-{name}"

    def pids(self) -> dict[str, int]:
        """Of the programs, by their name in the history."""
        assert self.server is not None
        return {"server": self.server.pid, **{f"desk-{name}": desk.pid for name, desk in self.desks.items()}}

    def tail(self, log: str) -> str:
        return (self.folder / log).read_text(errors="replace")[-3000:]

    def history(self) -> list[Event]:
        return read_history(sorted(self.folder.glob("*.jsonl")))

    def kill_all(self) -> None:
        for one in (*self.desks.values(), *([self.server] if self.server else [])):
            one.kill()


@contextlib.contextmanager
def rig(folder: Path, engine: str = SQLITE) -> Iterator[Rig]:
    """A server, a link to it that can be broken, and two operators' desks that come to work over it."""
    folder.mkdir(parents=True, exist_ok=True)
    with database(engine, folder) as where:
        found = Rig(folder, where, make_people(folder, PEOPLE))
        try:
            found.start_server()
            with flaky_link(found.url) as link:
                found.link = link
                for name in DESKS:
                    found.start_desk(name)
                yield found
        finally:
            found.kill_all()


def wait_for(holds: Callable[[], Any], seconds: float = PATIENCE, tell: Callable[[], str] = str) -> Any:
    """What `holds` answers once that is true; raises Stuck."""
    until = time.monotonic() + seconds
    while not (found := holds()):
        if time.monotonic() > until:
            raise Stuck(f"still not so after {seconds:.0f} s: {tell()}")
        time.sleep(0.03)
    return found
