"""What befalls the servers, their database, the links to them and the clients: each a function that ends healed."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Sequence

import psycopg

from tests.faults.many_servers.client import Client
from tests.faults.many_servers.notebook import Notebook
from tests.support.flaky_link import FlakyLink
from tests.support.running_postgres import RunningPostgres, by_hand
from tests.support.running_server import RunningServer

EVERYBODY = "datname=current_database() AND pid<>pg_backend_pid()"
HINTS = "datname=current_database() AND query LIKE 'LISTEN%'"

SHARES = {
    "server killed": 2,
    "server told to stop": 1,
    "server frozen": 3,
    "PostgreSQL killed": 1,
    "database connections ended": 3,
    "hints' connections ended": 3,
    "bookings locked at a prompt": 4,
    "bookings changed at a prompt against the order": 4,
    "link cut": 6,
    "link down": 3,
    "link half-open": 3,
    "client restarted": 12,
}
"""How often each comes among 45."""


class Troubles:
    """One at a time of each kind's victim; `strike` picks the next and returns once it is over."""

    def __init__(
        self,
        servers: Sequence[RunningServer],
        links: Sequence[FlakyLink],
        cluster: RunningPostgres,
        url: str,
        clients: Sequence[Client],
        notebook: Notebook,
        dice: random.Random,
    ) -> None:
        self._servers = servers
        self._links = links
        self._cluster = cluster
        self._url = url
        self._clients = clients
        self._notebook = notebook
        self._dice = dice
        self._bag: list[str] = []
        self._busy = {name: asyncio.Lock() for name in ("database", *(f"server {n}" for n in range(len(servers))))}
        self._kinds: dict[str, Callable[[], Awaitable[None]]] = {
            "server killed": self._kill_server,
            "server told to stop": self._stop_server,
            "server frozen": self._freeze_server,
            "PostgreSQL killed": self._kill_database,
            "database connections ended": lambda: self._end_connections(EVERYBODY),
            "hints' connections ended": lambda: self._end_connections(HINTS),
            "bookings locked at a prompt": self._lock_bookings,
            "bookings changed at a prompt against the order": self._cross_locks,
            "link cut": self._cut_link,
            "link down": self._take_link_down,
            "link half-open": self._swallow,
            "client restarted": self._crash_client,
        }

    async def strike(self) -> None:
        """Every kind comes as often as its share, in an order of the dice's."""
        if not self._bag:
            self._bag = [kind for kind, share in SHARES.items() for _ in range(share)]
            self._dice.shuffle(self._bag)
        await self._kinds[self._bag.pop()]()

    async def _kill_server(self) -> None:
        await self._restart("server killed", RunningServer.kill)

    async def _stop_server(self) -> None:
        await self._restart("server told to stop", RunningServer.stop)

    async def _restart(self, fault: str, end: Callable[[RunningServer], object]) -> None:
        number = self._dice.randrange(len(self._servers))
        async with self._busy[f"server {number}"]:
            self._notebook.fault(f"server {number}", fault)
            await asyncio.to_thread(end, self._servers[number])
            async with self._busy["database"]:  # one that finds no database does not start
                await asyncio.to_thread(self._servers[number].start)

    async def _freeze_server(self) -> None:
        number = self._dice.randrange(len(self._servers))
        async with self._busy[f"server {number}"]:
            process = self._servers[number].process
            assert process is not None
            self._notebook.fault(f"server {number}", "server frozen")
            process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(self._dice.uniform(0.3, 3))
            process.send_signal(signal.SIGCONT)

    async def _kill_database(self) -> None:
        async with self._busy["database"]:
            self._notebook.fault("database", "PostgreSQL killed")
            await asyncio.to_thread(self._cluster.kill)
            await asyncio.sleep(self._dice.uniform(0, 2))
            await asyncio.to_thread(self._cluster.start)

    async def _end_connections(self, whose: str) -> None:
        async with self._busy["database"]:
            fault = "hints' connections ended" if whose == HINTS else "database connections ended"
            self._notebook.fault("database", fault)
            end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {whose}"
            await asyncio.to_thread(by_hand, self._url, end)

    async def _lock_bookings(self) -> None:
        """A transaction left open for longer than a server waits for a row."""
        async with self._busy["database"]:
            self._notebook.fault("database", "bookings locked at a prompt")
            await asyncio.to_thread(
                self._hold, "UPDATE bookings SET version=version WHERE id=%s", (0.2, 1.5), keep=False
            )

    async def _cross_locks(self) -> None:
        async with self._busy["database"]:
            self._notebook.fault("database", "bookings changed at a prompt against the order")
            change = "UPDATE bookings SET title=title||'.', version=version+1 WHERE id=%s"
            await asyncio.to_thread(self._hold, change, (0.05, 0.3), keep=True)

    def _hold(self, statement: str, seconds: tuple[float, float], *, keep: bool) -> None:
        """Two of the newest bookings, the newest first."""
        with psycopg.connect(self._url) as session:
            newest = session.execute("SELECT id FROM bookings ORDER BY id DESC LIMIT 6").fetchall()
            try:
                for booking in newest[:: max(1, len(newest) // 2)]:
                    session.execute(statement.encode(), booking)
                    session.execute("SELECT pg_sleep(%s)", (self._dice.uniform(*seconds),))
            except psycopg.errors.DeadlockDetected:
                keep = False  # one of the two is given up; here it is the prompt
            if not keep:
                session.rollback()

    def _link(self) -> FlakyLink:
        return self._dice.choice(self._links)

    async def _cut_link(self) -> None:
        self._notebook.fault("link", "link cut")
        await asyncio.to_thread(self._link().cut)

    async def _take_link_down(self) -> None:
        link = self._link()
        self._notebook.fault("link", "link down")
        await asyncio.to_thread(link.down)
        await asyncio.sleep(self._dice.uniform(0.2, 3))
        await asyncio.to_thread(link.up)

    async def _swallow(self) -> None:
        link = self._link()
        self._notebook.fault("link", "link half-open")
        link.black_hole()
        await asyncio.sleep(self._dice.uniform(0.5, 5))
        link.clear()

    async def _crash_client(self) -> None:
        client = self._dice.choice(self._clients)
        self._notebook.fault(client.files.name, "client restarted")
        client.crash()
