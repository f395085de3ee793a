"""The server's HTTP calls, one method each: values in, values out, this folder's errors."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from contract.audit import AuditReply, AuditRequest
from contract.feed import (
    BookingSnapshot,
    Changes,
    MessagePage,
    ReceiptsRequest,
    SnapshotEnd,
    SnapshotHead,
    SnapshotPart,
)
from contract.verdicts import OpsReply, OpsRequest
from contract.workflow import Workflow
from desktop.network.answers import read_answer, refusal_of
from desktop.network.errors import Unreachable
from desktop.network.line import Line

_encode = msgspec.json.Encoder().encode


class SignedInUser(msgspec.Struct, frozen=True):
    """GoTrue's user, as far as it is used here."""

    id: str
    email: str | None = None
    role: str = ""
    app_metadata: dict[str, Any] = msgspec.field(default_factory=dict)
    user_metadata: dict[str, Any] = msgspec.field(default_factory=dict)


class SignInAnswer(msgspec.Struct, frozen=True):
    """GoTrue's session. `expires_in` in seconds from now: no clock of this computer is needed."""

    access_token: str
    refresh_token: str
    expires_in: float
    user: SignedInUser


class ServerHead(msgspec.Struct, frozen=True):
    """What GET /sync/v1/me and POST /sync/v1/receipts say of the feed; the first also says who asks."""

    head: int
    epoch: str | None = None
    server_ts: int | None = None
    user: dict[str, Any] | None = None
    """As in JoinReply."""


class WorkflowsAnswer(msgspec.Struct, frozen=True):
    workflows: dict[str, Workflow]


class ServerHttp:
    """Connections are kept for the next call. All raise Unreachable (Busy), Refused (NotSignedIn), ContractBroken."""

    def __init__(self, server_url: str, timeout: float = 20.0, line: Line | None = None) -> None:
        self.server_url = server_url
        self.line = line or Line()
        self._timeout = httpx.Timeout(timeout, connect=10.0)
        self._client = self._new_client()

    async def close(self) -> None:
        await self._client.aclose()

    async def forget_connections(self) -> None:
        """After a sleep or a change of network: what was open is dead, and would only be noticed by waiting."""
        old, self._client = self._client, self._new_client()
        await old.aclose()

    def _new_client(self) -> httpx.AsyncClient:
        transport = self.line.transport()
        return httpx.AsyncClient(
            base_url=self.server_url, timeout=self._timeout, transport=transport, verify=_certificates()
        )

    # --- signing in --------------------------------------------------------------------------------------------------

    async def sign_in(self, email: str, password: str) -> SignInAnswer:
        return await self._sign_in("password", {"email": email, "password": password})

    async def refresh(self, refresh_token: str) -> SignInAnswer:
        return await self._sign_in("refresh_token", {"refresh_token": refresh_token})

    async def _sign_in(self, grant_type: str, body: dict[str, str]) -> SignInAnswer:
        answer = await self._call("POST", f"/auth/v1/token?grant_type={grant_type}", None, _encode(body))
        return read_answer(answer.content, SignInAnswer)

    async def sign_out(self, token: str) -> None:
        """Ends this session alone; the person's other devices stay signed in."""
        await self._call("POST", "/auth/v1/logout?scope=local", token, b"{}")

    # --- operations and the feed -------------------------------------------------------------------------------------

    async def ops(self, token: str, request: OpsRequest) -> OpsReply:
        answer = await self._call("POST", "/sync/v1/ops", token, _encode(request))
        return read_answer(answer.content, OpsReply)

    async def rehearse(self, token: str, request: OpsRequest) -> OpsReply:
        """What the server would say of these; it does nothing."""
        answer = await self._call("POST", "/sync/v1/rehearse", token, _encode(request))
        return read_answer(answer.content, OpsReply)

    async def changes(self, token: str, epoch: str, after: int, limit: int = 500) -> Changes:
        query = f"?epoch={quote(epoch)}&after={after}&limit={limit}"
        answer = await self._call("GET", f"/sync/v1/changes{query}", token)
        return read_answer(answer.content, Changes)

    async def booking(self, token: str, booking_id: str) -> BookingSnapshot:
        answer = await self._call("GET", f"/sync/v1/bookings/{quote(booking_id, safe='')}", token)
        return read_answer(answer.content, BookingSnapshot)

    async def older_messages(self, token: str, booking_id: str, before: int, limit: int = 50) -> MessagePage:
        path = f"/sync/v1/bookings/{quote(booking_id, safe='')}/messages?before={before}&limit={limit}"
        answer = await self._call("GET", path, token)
        return read_answer(answer.content, MessagePage)

    async def receipts(self, token: str, request: ReceiptsRequest) -> ServerHead:
        answer = await self._call("POST", "/sync/v1/receipts", token, _encode(request))
        return read_answer(answer.content, ServerHead)

    async def audit(self, token: str, request: AuditRequest) -> AuditReply:
        answer = await self._call("POST", "/sync/v1/audit", token, _encode(request))
        return read_answer(answer.content, AuditReply)

    async def me(self, token: str) -> ServerHead:
        answer = await self._call("GET", "/sync/v1/me", token)
        return read_answer(answer.content, ServerHead)

    async def workflows(self, etag: str | None) -> tuple[dict[str, Workflow], str | None] | None:
        """The workflows and their tag; None when they are still those of `etag`."""
        answer = await self._call("GET", "/sync/v1/workflows", None, headers={"If-None-Match": etag} if etag else {})
        if answer.status_code == 304:
            return None
        return read_answer(answer.content, WorkflowsAnswer).workflows, answer.headers.get("etag")

    @asynccontextmanager
    async def snapshot(self, token: str) -> AsyncIterator[AsyncIterator[SnapshotHead | SnapshotPart | SnapshotEnd]]:
        """Lines as they come in: the head, then parts, then the end. A cut transfer ends without one, or raises."""
        headers = _headers(token)
        try:
            async with self._client.stream("GET", "/sync/v1/snapshot", headers=headers) as answer:
                if answer.status_code != 200:
                    raise refusal_of(answer.status_code, await answer.aread(), answer.headers.get("retry-after"))
                yield _lines(answer)
        except httpx.HTTPError as error:
            raise Unreachable(_why(error)) from error

    async def _call(
        self,
        method: str,
        path: str,
        token: str | None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        sent = {**_headers(token), **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        try:
            answer = await self._client.request(method, path, content=body, headers=sent)
        except httpx.HTTPError as error:
            raise Unreachable(_why(error)) from error
        if not answer.is_success and answer.status_code != httpx.codes.NOT_MODIFIED:
            raise refusal_of(answer.status_code, answer.content, answer.headers.get("retry-after"))
        return answer


@cache
def _certificates() -> ssl.SSLContext:
    """Of whom to trust: read once. They take 20 ms, on the loop, and each change of network asks for a new client."""
    return httpx.create_ssl_context()


def _headers(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _why(error: httpx.HTTPError) -> str:
    """Without the address: it is in no one's interest in a log, and may name a customer's booking."""
    return f"{type(error).__name__}: {error}"


async def _lines(answer: httpx.Response) -> AsyncIterator[SnapshotHead | SnapshotPart | SnapshotEnd]:
    first = True
    async for line in answer.aiter_lines():
        if not line:
            continue
        if first:
            yield read_answer(line.encode(), SnapshotHead)
            first = False
        elif line.startswith('{"end"'):
            yield read_answer(line.encode(), SnapshotEnd)
            return
        else:
            yield read_answer(line.encode(), SnapshotPart)
