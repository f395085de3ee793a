"""A client of topic `sync` that follows the protocol to the letter, at whichever server it finds, for ever."""

import asyncio
import contextlib
import itertools
import random
from collections.abc import Sequence
from typing import Any, Protocol

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from contract.feed import Beat, Changes, FeedItem, JoinReply, SnapshotHead, SnapshotPart
from contract.operations import Operation
from contract.verdicts import OpsReply
from desktop.sync.together import run_together
from tests.faults.history.events import Rows, plain_row
from tests.faults.many_servers.client_files import Files
from tests.support.phoenix_client import PATH
from tests.support.running_server import UNUSED_TLS

SYNC = "sync"
APPLY_EVERY, BEAT_EVERY, PATIENCE = 0.1, 1.0, 4.0
"""Seconds: between commits; between heartbeats; until an answer is missed."""
AT_ONCE = 40
OFFERED_TWICE = 0.02
"""How often an operation is offered to a second server while the first one still thinks about it."""
_PASSING = (OSError, WebSocketException, TimeoutError, httpx.HTTPError)


class Address(Protocol):
    """Where a server is reached, however often it moves."""

    @property
    def url(self) -> str: ...


class ConnectionEnded(ConnectionError):
    """The session is over; another one follows."""


class Client:
    """`files` outlive every session. `twice` counts operations that were offered to two servers at once."""

    def __init__(self, files: Files, token: str, servers: Sequence[Address], dice: random.Random) -> None:
        self.files = files
        self.sessions = 0
        self.twice = 0
        self._token = token
        self._servers = servers
        self._dice = dice
        self._socket: ClientConnection | None = None

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            self.sessions += 1
            session = _Session(self, self._dice.choice(self._servers).url, self._token, self._dice)
            try:
                await session.run()
            except* _PASSING:
                if not session.opened:
                    self.files.asked(ok=False)
                await asyncio.sleep(self._dice.uniform(0.05, 0.8))

    def crash(self) -> None:
        """All that is not on disk is gone: the session ends at once, another server comes next."""
        if self._socket is not None:
            self._socket.transport.abort()

    def attach(self, socket: ClientConnection | None) -> None:
        self._socket = socket

    def another(self, url: str) -> str:
        """A server other than that one."""
        return self._dice.choice([server.url for server in self._servers if server.url != url])


class _Session:
    """One connection to one server."""

    def __init__(self, client: Client, url: str, token: str, dice: random.Random) -> None:
        self._client = client
        self._files = client.files
        self._url = url
        self._token = token
        self._dice = dice
        self._refs = itertools.count(1)
        self._asked: dict[str, asyncio.Future[Any]] = {}
        self._busy: set[str] = set()
        self._pushed: list[Changes] = []
        self._sent = 0
        self.opened = False

    async def run(self) -> None:
        address = "ws" + self._url.removeprefix("http") + f"{PATH}?vsn=2.0.0"
        async with (
            connect(address, compression=None, max_size=None, ping_interval=None, open_timeout=PATIENCE) as socket,
            httpx.AsyncClient(
                headers={"Authorization": f"Bearer {self._token}"}, verify=UNUSED_TLS, timeout=PATIENCE
            ) as http,
        ):
            self._socket, self._http = socket, http
            self._client.attach(socket)
            self.opened = True
            self._files.asked(ok=True)
            try:
                # Not a task group: in Python 3.11 the failure of one's member can leave the client's task marked as
                # cancelled, and before 3.11.3 the next time limit that runs out there takes it for its end.
                await run_together(self._listen(), self._work())
            finally:
                self._client.attach(None)
                socket.transport.abort()

    async def _work(self) -> None:
        await self._join()
        await run_together(self._apply(), self._beat(), self._offer())

    # --- frames ------------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        async for data in self._socket:
            _, ref, _, event, payload = msgspec.json.decode(data, type=tuple[Any, Any, str, str, msgspec.Raw])
            if event == "changes":
                self._pushed.append(msgspec.json.decode(payload, type=Changes))
            elif event == "phx_reply" and ref in self._asked:
                answer = self._asked.pop(ref)
                if not answer.done():  # nobody waits for it any longer
                    answer.set_result(msgspec.json.decode(payload))
            elif event in {"bye", "phx_error", "phx_close"}:
                break
        raise ConnectionEnded

    async def _ask(self, topic: str, event: str, payload: Any) -> Any:
        """The reply's response; raises TimeoutError, ConnectionEnded where it is an error."""
        try:
            response = await self._answered(topic, event, payload)
        except _PASSING:
            self._files.asked(ok=False)
            raise
        self._files.asked(ok=True)
        return response

    async def _answered(self, topic: str, event: str, payload: Any) -> Any:
        ref = str(next(self._refs))
        answer = self._asked[ref] = asyncio.get_running_loop().create_future()
        await self._send(ref, topic, event, payload)
        async with asyncio.timeout(PATIENCE):
            reply = await answer
        if reply["status"] != "ok":
            raise ConnectionEnded(reply["response"])
        return reply["response"]

    async def _send(self, ref: str | None, topic: str, event: str, payload: Any) -> None:
        await self._socket.send(msgspec.json.encode(("1", ref, topic, event, payload)).decode())

    # --- the feed ----------------------------------------------------------------------------------------------------

    async def _join(self) -> None:
        while True:
            held = {} if self._files.epoch is None else {"epoch": self._files.epoch, "cursor": self._files.cursor}
            request = {"device_id": self._files.name, "access_token": self._token, **held}
            reply = msgspec.convert(await self._ask(SYNC, "phx_join", request), JoinReply)
            if reply.mode != "snapshot":
                break
            await self._snapshot()
        if reply.mode == "pull":
            await self._pull()

    async def _snapshot(self) -> None:
        answer = await self._get("/sync/v1/snapshot", timeout=30)
        head, *parts, end = (line for line in answer.content.split(b"\n") if line)
        begun = msgspec.json.decode(head, type=SnapshotHead)
        assert msgspec.json.decode(end)["end"] is True
        rows: Rows = {}
        for part in parts:
            read = msgspec.json.decode(part, type=SnapshotPart)
            rows |= {f"{read.table}/{row['id']}": plain_row(read.table, row) for row in read.rows}
        self._files.replace(begun.epoch, begun.seq, rows)

    async def _pull(self) -> None:
        """Page after page until the head."""
        while True:
            after = {"epoch": self._files.epoch, "after": self._files.cursor, "limit": 500}
            answer = await self._get("/sync/v1/changes", params=after)
            page = msgspec.json.decode(answer.content, type=Changes)
            self._files.apply(page.items, page.to_seq)
            if page.head is None or page.to_seq >= page.head:
                return

    async def _apply(self) -> None:
        """What was pushed meanwhile as one transaction; then its position is told, which makes `delivered`."""
        told = 0
        while True:
            await asyncio.sleep(APPLY_EVERY)
            frames, self._pushed = self._pushed, []
            items: list[FeedItem] = []
            to_seq = self._files.cursor
            for frame in frames:
                if frame.epoch != self._files.epoch:
                    raise ConnectionEnded
                if frame.from_seq > to_seq + 1:
                    self._files.apply(items, to_seq)
                    await self._pull()
                    items, to_seq = [], self._files.cursor
                items += [item for item in frame.items if item.seq > to_seq]
                to_seq = max(to_seq, frame.to_seq)
            self._files.apply(items, to_seq)
            if self._files.cursor > told and not self._pushed:
                told = self._files.cursor
                await self._send(str(next(self._refs)), SYNC, "cursor", {"seq": told})

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_EVERY)
            beat = msgspec.convert(await self._ask("phoenix", "heartbeat", {}), Beat)
            if self._pushed:
                continue
            if self._files.cursor >= beat.sent:
                self._files.apply((), beat.head)
            else:
                await self._pull()

    # --- operations --------------------------------------------------------------------------------------------------

    async def _offer(self) -> None:
        """One operation of each booking at a time; the next one when the first is judged."""
        async with asyncio.TaskGroup() as requests:
            while True:
                await asyncio.sleep(0.02)
                free = [lane for lane in self._files.lanes if lane not in self._busy][:AT_ONCE]
                if free:
                    self._busy.update(free)
                    requests.create_task(self._request({lane: self._files.lanes[lane][0] for lane in free}))

    async def _request(self, offered: dict[str, Operation]) -> None:
        body = {"device_id": self._files.name, "ops": list(offered.values())}
        asked = [self._ask(SYNC, "ops", body)]
        if self._dice.random() < OFFERED_TWICE:
            self._client.twice += len(offered)
            asked.append(self._elsewhere(body))
        first, *_ = await asyncio.gather(*asked)
        lanes = {operation.op_id: lane for lane, operation in offered.items()}
        for verdict in msgspec.convert(first, OpsReply).verdicts:
            self._files.judged(lanes[verdict.op_id], verdict)
        self._busy.difference_update(offered)

    async def _elsewhere(self, body: dict[str, Any]) -> None:
        """The same at another server, over HTTP; its verdicts are not listened to."""
        with contextlib.suppress(httpx.HTTPError):
            url = f"{self._client.another(self._url)}/sync/v1/ops"
            await self._http.post(url, content=msgspec.json.encode(body), headers={"Content-Type": "application/json"})

    async def _get(self, path: str, **options: Any) -> httpx.Response:
        """Raises httpx.HTTPError, ConnectionEnded."""
        answer = None
        try:
            answer = await self._http.get(f"{self._url}{path}", **options)
        finally:
            self._files.asked(ok=answer is not None and answer.status_code == 200)
        if answer.status_code != 200:
            raise ConnectionEnded(answer.text)
        return answer
