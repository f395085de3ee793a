"""Watches what a desk asks of the network: each request and each attempt at a socket, and whether it came to anything.

The real client's and the real socket's calls are wrapped, in this process only.
"""

import time
from typing import Any

import httpx

import desktop.sync.connection
from desktop.network.errors import Unreachable
from desktop.network.socket import SyncSocket, open_socket
from tests.faults.history.events import Asked
from tests.faults.processes.points import Journal


class WatchedNetwork:
    """`sockets`: how many were opened so far."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.sockets = 0

    def put_on(self) -> None:
        send, request = httpx.AsyncClient.send, SyncSocket.request

        async def send_watched(client: httpx.AsyncClient, *args: Any, **options: Any) -> httpx.Response:
            try:
                answer = await send(client, *args, **options)
            except httpx.HTTPError:
                self._asked(ok=False)
                raise
            self._asked(ok=answer.status_code < 500 and answer.status_code != 429)
            return answer

        async def request_watched(socket: SyncSocket, *args: Any, **options: Any) -> Any:
            try:
                answer = await request(socket, *args, **options)
            except Unreachable:
                self._asked(ok=False)
                raise
            self._asked(ok=True)
            return answer

        async def open_watched(*args: Any, **options: Any) -> SyncSocket:
            try:
                socket = await open_socket(*args, **options)
            except Unreachable:
                self._asked(ok=False)
                raise
            self._asked(ok=True)
            self.sockets += 1
            return socket

        for owner, name, wrapped in (
            (httpx.AsyncClient, "send", send_watched),
            (SyncSocket, "request", request_watched),
            (desktop.sync.connection, "open_socket", open_watched),
        ):
            setattr(owner, name, wrapped)

    def _asked(self, *, ok: bool) -> None:
        self._journal.write(Asked(at=time.time(), process=self._journal.process, ok=ok))
