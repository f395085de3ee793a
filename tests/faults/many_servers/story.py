"""Three servers of one PostgreSQL database, twenty clients, one trouble after the other; then quiet, and a check."""

import asyncio
import contextlib
import random
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec

from tests.faults.history.check import check
from tests.faults.history.events import Asked, Began, Clicked, Healed, Measured, Snapped
from tests.faults.history.violation import report
from tests.faults.many_servers.client import Client
from tests.faults.many_servers.client_files import Files
from tests.faults.many_servers.notebook import Notebook
from tests.faults.many_servers.people import Person
from tests.faults.many_servers.troubles import SHARES, Troubles
from tests.faults.processes.dumps import dump_postgres
from tests.faults.processes.measured import of_process
from tests.support.engines import on_postgres
from tests.support.flaky_link import FlakyLink, flaky_link
from tests.support.people_made import Standing, address, make_people
from tests.support.running_postgres import RunningPostgres, by_hand, running_postgres
from tests.support.running_server import RunningServer
from tests.support.server_process import Launch, forked, fresh
from tests.support.writing_desk import load_workflows

SETTINGS = {"FIELDLINE_RATE_WRITE": "9000000/minute", "FIELDLINE_RATE_READ": "9000000/minute"}
CUSTOMERS = 4
AT_ONCE = 8
"""Troubles that may overlap."""
FAULTS, OPERATIONS = 500 / 30, 50
"""What the tier asks for at least: of faults a minute, of operations a second."""
FAILING_PER_SECOND = 5.0
"""These clients' own pace: a pause of 0.4 s on average after each attempt, and what was under way at a cut."""
MEASURE_EVERY, MEMORY_SLACK = 2.0, 30.0
"""Seconds; MB that a server under load may hold more than when it began: its newest lines, its statements."""
HEAL_SECONDS = 120.0
"""From the last trouble to rest, on a machine that does other things too."""


@dataclass
class Size:
    """What a run is to be. `operations` and `troubles`: a second."""

    minutes: float
    seed: int = 1
    servers: int = 3
    clients: int = 20
    operations: float = 60.0
    troubles: float = FAULTS / 60 * 1.25


@dataclass
class Outcome:
    minutes: float
    """Asked for."""
    seconds: float = 0.0
    """Worked, until the last trouble was over."""
    operations: int = 0
    lines: int = 0
    sessions: int = 0
    snapshots: int = 0
    twice: int = 0
    asked: int = 0
    in_vain: int = 0
    measured: int = 0
    """Events without which I14 and I15 say nothing: requests, answered and not; samples of the servers."""
    faults: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def unmet(self) -> list[str]:
        """Quotas that the run did not reach, by faults, kinds of them and operations."""
        found = [f"no {kind}" for kind in SHARES if not self.faults[kind]]
        if self.faults.total() < self.minutes * FAULTS:
            found.append(f"{self.faults.total()} faults for {self.minutes:g} minutes")
        if self.operations < self.seconds * OPERATIONS:
            found.append(f"{self.operations} operations in {self.seconds:.0f} s")
        told = {"requests": self.asked, "requests in vain": self.in_vain, "measurements": self.measured}
        return found + [f"told of no {what}" for what, count in told.items() if not count]


class NoRest(AssertionError):
    """Not everything came to its end after the last trouble."""


def run(folder: Path, size: Size) -> Outcome:
    with running_postgres(fsync=True) as cluster:
        url = cluster.fresh_database()
        names = [f"client{number}" for number in range(size.clients)]
        with on_postgres(lambda _: url):
            standings: dict[str, Standing] = dict.fromkeys(names, ("operator", ()))
            ids = make_people(folder / "server-0", standings | dict.fromkeys(names[:CUSTOMERS], ("customer", ())))
        with servers(folder, url, size.servers, fresh) as (running, links):
            return asyncio.run(_tell(cluster, url, running, links, size, ids))


@contextlib.contextmanager
def servers(
    folder: Path, url: str, count: int, launch: Launch = forked
) -> Iterator[tuple[list[RunningServer], list[FlakyLink]]]:
    """In a folder each, all with the first one's signing key."""
    found = [
        RunningServer(folder / f"server-{number}", [], {"FIELDLINE_DATABASE": url} | SETTINGS, launch)
        for number in range(count)
    ]
    with contextlib.ExitStack() as all_of_it:
        links = []
        for server in found:
            server.data_dir.mkdir(parents=True, exist_ok=True)
            if server is not found[0]:
                shutil.copy(found[0].data_dir / "signing_key.pem", server.data_dir)
            server.start()
            all_of_it.callback(server.kill)
            links.append(all_of_it.enter_context(flaky_link(server.url)))
        yield found, links


async def _tell(
    cluster: RunningPostgres,
    url: str,
    running: list[RunningServer],
    links: list[FlakyLink],
    size: Size,
    ids: dict[str, str],
) -> Outcome:
    dice = random.Random(size.seed)
    notebook = Notebook()
    what = f"{size.servers} servers on PostgreSQL, {size.clients} clients"
    began_as = Began(at=time.time(), process="driver", what=what, seed=size.seed, heal_seconds=HEAL_SECONDS)
    notebook.write(msgspec.structs.replace(began_as, failing_per_second=FAILING_PER_SECOND))
    clients = await asyncio.to_thread(_clients, running[0], links, ids, notebook, dice)
    began = time.monotonic()
    async with at_work(client.run() for client in clients):
        workflow = load_workflows()["protection"]
        people = [
            Person(
                client.files,
                workflow,
                size.operations / len(clients),
                random.Random(dice.random()),
                staff=at >= CUSTOMERS,
            )
            for at, client in enumerate(clients)
        ]
        troubles = Troubles(running, links, cluster, url, clients, notebook, dice)
        watching = (_measure(server, clients, notebook) for server in running)
        async with at_work(person.work() for person in people), at_work(watching):
            await _trouble(troubles, size, began)
        outcome = Outcome(size.minutes, time.monotonic() - began, faults=notebook.faults)
        notebook.write(Healed(at=time.time(), process="driver"))
        await _rest(url, clients)
    return await asyncio.to_thread(_judge, url, clients, notebook, outcome)


def _clients(
    server: RunningServer, links: list[FlakyLink], ids: dict[str, str], notebook: Notebook, dice: random.Random
) -> list[Client]:
    """The first ones are customers."""
    return [
        Client(
            Files(name, user_id, notebook, holds_rows=number >= CUSTOMERS),
            server.sign_in(address(name))["access_token"],
            links,
            random.Random(dice.random()),
        )
        for number, (name, user_id) in enumerate(ids.items())
    ]


@contextlib.asynccontextmanager
async def at_work(works) -> AsyncIterator[None]:
    """While it lasts; one that fails ends everything. So does a cancellation that nobody here asked for: a
    group takes that for nothing, and a client that is no more would only look slow."""
    over = False

    async def watched(work: Coroutine[Any, Any, None]) -> None:
        nonlocal over
        try:
            await work
        except asyncio.CancelledError as error:
            if over:
                raise
            over = True
            raise RuntimeError("cancelled by nobody") from error
        finally:
            over = True

    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(watched(work)) for work in works]
        try:
            yield
        finally:
            over = True
        for task in running:
            task.cancel()


async def _measure(server: RunningServer, clients: list[Client], notebook: Notebook) -> None:
    """Now and then what a server holds that can be reached; nothing while it is down or coming up."""
    async with httpx.AsyncClient(timeout=1) as http:
        while True:
            await asyncio.sleep(MEASURE_EVERY)
            process, sessions = server.process, sum(client.sessions for client in clients)
            with contextlib.suppress(OSError, httpx.HTTPError):
                if process is not None and (await http.get(f"{server.url}/healthz")).status_code == 200:
                    notebook.write(
                        *of_process(server.data_dir.parent.name, process.pid, sessions, len(clients), MEMORY_SLACK)
                    )


async def _trouble(troubles: Troubles, size: Size, began: float) -> None:
    """One trouble after the other, some overlapping; all are over when it returns."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        try:
            await troubles.strike()
        finally:
            slots.release()

    due = began
    async with asyncio.TaskGroup() as tasks:
        while due < began + size.minutes * 60:
            due += 1 / size.troubles
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await slots.acquire()
            tasks.create_task(one())


async def _rest(url: str, clients: list[Client]) -> None:
    """Everything is judged, and everyone is where the feed ends, for a second. Raises NoRest."""
    until, since, before = time.monotonic() + HEAL_SECONDS, time.monotonic(), -1
    while time.monotonic() - since < 1:
        await asyncio.sleep(0.1)
        [(head,)] = await asyncio.to_thread(by_hand, url, "SELECT max(seq) FROM changes")
        stands = [(client.files.waiting, client.files.cursor) for client in clients]
        if any(stand != (0, head) for stand in stands) or head != before:
            since, before = time.monotonic(), head
        if time.monotonic() > until:
            raise NoRest(f"head {head}; waiting operations and cursors: {stands}")


def _judge(url: str, clients: list[Client], notebook: Notebook, outcome: Outcome) -> Outcome:
    dump = dump_postgres(url, time.time())
    notebook.write(dump, *(client.files.dump() for client in clients))
    violations = check(notebook.events)
    outcome.operations = sum(isinstance(event, Clicked) for event in notebook.events)
    outcome.lines = dump.head
    outcome.snapshots = sum(isinstance(event, Snapped) for event in notebook.events)
    asked = Counter(event.ok for event in notebook.events if isinstance(event, Asked))
    outcome.asked, outcome.in_vain = asked[True], asked[False]
    outcome.measured = sum(isinstance(event, Measured) for event in notebook.events)
    outcome.sessions = sum(client.sessions for client in clients)
    outcome.twice = sum(client.twice for client in clients)
    outcome.broken = [str(violation) for violation in violations]
    if violations:
        print(report(violations))
    return outcome
