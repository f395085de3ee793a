"""The sync door over HTTP: `/sync/v1/…` for clients without a socket, for long gaps and for snapshots."""

import gzip
import hashlib
import time
from collections.abc import Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from contract.audit import AuditRequest
from contract.errors import Refusal
from contract.feed import BookingSnapshot, MessagePage, ReceiptsRequest
from contract.verdicts import OpsRequest
from contract.workflow import Workflow
from server.access.visibility import Visibility
from server.actions.mark_delivered import mark_delivered
from server.actions.mark_read import mark_read
from server.doors.http_edge import identify, json_response, limit_public, read_body, whole_number
from server.doors.sync.audit import Audits
from server.doors.sync.booking_pages import booking_snapshot, message_page
from server.doors.sync.feed_pages import changes_page
from server.doors.sync.operations import Operations
from server.doors.sync.rehearsal import rehearse
from server.doors.sync.snapshot import Snapshots
from server.doors.sync.topic import have_feed_read, user_of
from server.store.store import Store
from server.store.transactions import ReadTx, WriteTx

_FAR = 10**18
_WORTH_PACKING = 8 * 1024
"""Bytes."""


class SyncDoor:
    """The handlers; each is one request."""

    def __init__(
        self,
        store: Store,
        visibility: Visibility,
        workflows: Mapping[str, Workflow],
        operations: Operations,
        snapshots: Snapshots,
        audits: Audits,
    ) -> None:
        self._store = store
        self._visibility = visibility
        self._operations = operations
        self._snapshots = snapshots
        self._audits = audits
        self._workflows = msgspec.json.encode({"workflows": workflows})
        self._etag = f'"{hashlib.sha256(self._workflows).hexdigest()[:32]}"'

    def routes(self) -> list[Route]:
        return [
            Route("/sync/v1/ops", self.ops, methods=["POST"]),
            Route("/sync/v1/rehearse", self.rehearse, methods=["POST"]),
            Route("/sync/v1/changes", self.changes, methods=["GET"]),
            Route("/sync/v1/snapshot", self.snapshot, methods=["GET"]),
            Route("/sync/v1/bookings/{booking}", self.booking, methods=["GET"]),
            Route("/sync/v1/bookings/{booking}/messages", self.messages, methods=["GET"]),
            Route("/sync/v1/receipts", self.receipts, methods=["POST"]),
            Route("/sync/v1/audit", self.audit, methods=["POST"]),
            Route("/sync/v1/workflows", self.workflows, methods=["GET"]),
            Route("/sync/v1/me", self.me, methods=["GET"]),
        ]

    async def ops(self, request: Request) -> Response:
        actor = identify(request).actor
        return json_response(await self._operations.perform(actor, await read_body(request, OpsRequest)))

    async def rehearse(self, request: Request) -> Response:
        actor, body = identify(request).actor, await read_body(request, OpsRequest)
        return json_response(await rehearse(self._store, self._operations.workflows, actor, body))

    async def changes(self, request: Request) -> Response:
        actor = identify(request).actor
        epoch = request.query_params.get("epoch")
        if epoch is not None and epoch != self._store.epoch:
            raise Refusal("epoch_changed", {"epoch": self._store.epoch})
        after = whole_number(request, "after", 0, -1, _FAR)
        limit = whole_number(request, "limit", 500, 1, 1_000)
        packed = takes_gzip(request)

        def job(tx: ReadTx) -> bytes:
            page = changes_page(tx, self._visibility, actor, after, limit)
            return gzip.compress(page, 1) if packed and len(page) > _WORTH_PACKING else page

        body = await self._store.read(job)
        return _json_bytes(body, packed=body.startswith(b"\x1f\x8b"))

    async def snapshot(self, request: Request) -> Response:
        actor = identify(request).actor
        packed = takes_gzip(request)
        headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"} | _encoding(packed=packed)
        chunks = self._snapshots.take(actor, packed=packed)
        return StreamingResponse(chunks, media_type="application/jsonl", headers=headers)

    async def booking(self, request: Request) -> Response:
        actor, reference = identify(request).actor, request.path_params["booking"]

        def job(tx: ReadTx) -> BookingSnapshot:
            return booking_snapshot(tx, self._visibility, actor, reference)

        return json_response(await self._store.read(job))

    async def messages(self, request: Request) -> Response:
        actor, reference = identify(request).actor, request.path_params["booking"]
        before = whole_number(request, "before", _FAR, 0, _FAR)
        limit = whole_number(request, "limit", 50, 1, 200)

        def job(tx: ReadTx) -> MessagePage:
            return message_page(tx, self._visibility, actor, reference, before, limit)

        return json_response(await self._store.read(job))

    async def receipts(self, request: Request) -> Response:
        actor = identify(request).actor
        body = await read_body(request, ReceiptsRequest)

        def job(tx: WriteTx) -> None:
            if body.cursor is not None:
                mark_delivered(tx, actor, body.device_id, min(body.cursor, tx.head))
            for mark in body.read:
                mark_read(tx, actor, mark.booking_id, mark.position)

        if body.cursor is not None and body.cursor > self._store.head:
            # Another server told more than was read here so far, and its client says once that it has it.
            await self._store.write(have_feed_read)
        await self._store.write(job)
        return json_response({"head": self._store.head})

    async def audit(self, request: Request) -> Response:
        actor = identify(request).actor
        return json_response(await self._audits.compare(actor, await read_body(request, AuditRequest)))

    async def workflows(self, request: Request) -> Response:
        limit_public(request)
        headers = {"ETag": self._etag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == self._etag:
            return Response(status_code=304, headers=headers)
        return Response(self._workflows, media_type="application/json", headers=headers)

    async def me(self, request: Request) -> Response:
        actor = identify(request).actor
        return json_response(
            {
                "user": user_of(actor),
                "epoch": self._store.epoch,
                "head": self._store.head,
                "server_ts": time.time_ns() // 1_000_000,
            }
        )


def takes_gzip(request: Request) -> bool:
    """Whether the asker can unpack gzip (RFC 9110, 12.5.3)."""
    for offered in request.headers.get("accept-encoding", "").split(","):
        name, _, weight = offered.strip().partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _json_bytes(body: bytes, *, packed: bool) -> Response:
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"} | _encoding(packed=packed)
    return Response(body, media_type="application/json", headers=headers)


def _encoding(*, packed: bool) -> dict[str, str]:
    return {"Content-Encoding": "gzip"} if packed else {}
