"""The seeds' message addresses: read, send, remove, and the desk's system lines (A-02..A-05, B-01, B-02)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contract.actors import STAFF, Actor
from contract.errors import Refusal
from contract.ids import canonical_id
from contract.operations import RemoveMessage, SendMessage, SystemMessage
from contract.permissions import Sight
from contract.verdicts import Verdict
from server.doors.booking_api.performing import BookingApi, act, make_operation, operation_id
from server.doors.booking_api.reading import Page, message_by_id, message_page
from server.doors.booking_api.shapes import NewMessage, RemovedMessage, required
from server.doors.http_edge import decode_body, identify, json_response, read_body, read_bytes, whole_number
from server.doors.seen_booking import seen_booking
from server.store.transactions import ReadTx, WriteTx

NEWEST = 200
"""Without `limit`: the whole history of nearly every booking."""


class MessageDoor:
    """The handlers; each is one request."""

    def __init__(self, api: BookingApi) -> None:
        self._api = api

    def routes(self) -> list[Route]:
        return [
            Route("/api/messages", self.read, methods=["GET"]),
            Route("/api/messages", self.send, methods=["POST"]),
            Route("/api/messages", self.remove, methods=["DELETE"]),
            Route("/api/operator/messages", self.read_as_staff, methods=["GET"]),
            Route("/api/operator/messages", self.send_as_staff, methods=["POST"]),
            Route("/api/messages/system", self.send_system, methods=["POST"]),
        ]

    async def read(self, request: Request) -> Response:
        return await self._read(request, identify(request).actor)

    async def read_as_staff(self, request: Request) -> Response:
        return await self._read(request, staff(request))

    async def send(self, request: Request) -> Response:
        return await self._send(request, identify(request).actor)

    async def send_as_staff(self, request: Request) -> Response:
        return await self._send(request, staff(request))

    async def send_system(self, request: Request) -> Response:
        actor = identify(request).actor
        body = await read_body(request, NewMessage)
        op_id = operation_id(request, actor, body.id, body.op_id)
        operation = make_operation(op_id, "message.system", body.booking, SystemMessage(body.words))
        _, found = await act(self._api, actor, operation, self._look_at(actor, op_id))
        return json_response(found, 201)

    async def remove(self, request: Request) -> Response:
        """Leaves a tombstone (X-14). Removing what is removed changes nothing and answers the same."""
        actor = identify(request).actor
        body = decode_body(await read_bytes(request) or b"{}", RemovedMessage)
        query = request.query_params
        sent = required({"id": query.get("id") or body.id, "messageId": query.get("messageId") or body.messageId,
                         "message_id": query.get("message_id") or body.message_id})  # fmt: skip
        message_id = canonical_id(sent)
        if message_id is None:
            raise Refusal("message_not_found")
        op_id = operation_id(request, actor, body.op_id)

        def booking_of(tx: ReadTx) -> str:
            return str(message_by_id(tx, self._api.visibility, actor, message_id)["booking_id"])

        booking = await self._api.store.read(booking_of)
        operation = make_operation(op_id, "message.remove", booking, RemoveMessage(message_id))
        _, found = await act(self._api, actor, operation, self._look_at(actor, message_id))
        return json_response(found)

    async def _read(self, request: Request, actor: Actor) -> Response:
        query = request.query_params
        reference = required({"bookingId": query.get("bookingId"), "booking_id": query.get("booking_id")})
        page = Page(whole_number(request, "limit", NEWEST, 1, NEWEST), query.get("before"), query.get("after"))

        def job(tx: ReadTx) -> dict[str, Any]:
            facts = seen_booking(tx, self._api.visibility, actor, reference, Sight.FULL)
            rows, more = message_page(tx, self._api.visibility, actor, facts, page)
            return {"messages": rows, "booking_id": facts.id, "bookingId": facts.id, "more": more}

        return json_response(await self._api.store.read(job))

    async def _send(self, request: Request, actor: Actor) -> Response:
        body = await read_body(request, NewMessage)
        op_id = operation_id(request, actor, body.id, body.op_id)
        invoiced = body.has_invoice if body.has_invoice is not None else body.invoice_data is not None
        invoice = (body.invoice_data or {}) if invoiced else None
        payload = SendMessage(body.words, "invoice" if invoiced else "text", body.reply_to, invoice)
        operation = make_operation(op_id, "message.send", body.booking, payload)
        _, found = await act(self._api, actor, operation, self._look_at(actor, op_id))
        return json_response(found, 201)

    def _look_at(self, actor: Actor, message_id: str) -> Any:
        def look(tx: WriteTx, verdict: Verdict) -> dict[str, Any]:
            standing = str((verdict.result or {}).get("id", message_id))
            return message_by_id(tx, self._api.visibility, actor, standing)

        return look


def staff(request: Request) -> Actor:
    """Who asks, being staff; Refusal `forbidden` for everyone else."""
    actor = identify(request).actor
    if actor.role not in STAFF:
        raise Refusal("forbidden")
    return actor
