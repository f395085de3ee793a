"""The seeds' booking addresses: make one (its room opens, B-14), see them, set a status (B-03), hand out the link."""

from typing import Any

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contract.actors import DESK
from contract.errors import Refusal
from contract.operations import CreateBooking, Expect, SetStatus
from contract.permissions import Sight
from contract.verdicts import Verdict
from server.access.accounts import make_link
from server.doors.booking_api.performing import BookingApi, act, make_operation, operation_id
from server.doors.booking_api.reading import booking_by_id, booking_shown, system_message
from server.doors.booking_api.shapes import NewBooking, NewStatus
from server.doors.http_edge import identify, json_response, read_body, whole_number
from server.doors.seen_booking import seen_booking
from server.store.bookings import resolve_booking
from server.store.tables import bookings
from server.store.transactions import ReadTx, WriteTx


class BookingDoor:
    """The handlers; each is one request. `public_url` is what customers' links begin with; None: as asked."""

    def __init__(self, api: BookingApi, public_url: str | None) -> None:
        self._api = api
        self._public_url = public_url

    def routes(self) -> list[Route]:
        return [
            Route("/api/bookings/status", self.set_status, methods=["PATCH", "POST"]),
            Route("/api/bookings", self.create, methods=["POST"]),
            Route("/api/bookings", self.list_visible, methods=["GET"]),
            Route("/api/bookings/{booking}", self.show, methods=["GET"]),
            Route("/api/bookings/{booking}/link", self.link, methods=["POST"]),
        ]

    async def set_status(self, request: Request) -> Response:
        """The status may be written in any letter case: the seeds' badge shows it in capitals (B-18)."""
        actor = identify(request).actor
        body = await read_body(request, NewStatus)
        op_id = operation_id(request, actor, body.op_id)
        values = body.values | ({"reason": body.reason} if body.reason is not None else {})
        payload = SetStatus(body.status.strip().lower(), values)
        expect = Expect(status=body.expected_status.strip().lower()) if body.expected_status else None
        operation = make_operation(op_id, "booking.set_status", body.booking, payload, expect)

        def look(tx: WriteTx, verdict: Verdict) -> dict[str, Any]:
            facts = seen_booking(tx, self._api.visibility, actor, body.booking, Sight.REDACTED)
            return {
                "booking": booking_by_id(tx, self._api.visibility, actor, facts),
                "message": system_message(tx, self._api.visibility, actor, facts, op_id),
                "changed": verdict.verdict == "applied",
            }

        _, found = await act(self._api, actor, operation, look)
        return json_response(found)

    async def create(self, request: Request) -> Response:
        """An agent may make a booking that another department then works: it gets no more than id and code of it."""
        actor = identify(request).actor
        body = await read_body(request, NewBooking)
        op_id = operation_id(request, actor, body.id, body.op_id)
        operation = make_operation(op_id, "booking.create", None, _creation(body))

        def look(tx: WriteTx, verdict: Verdict) -> dict[str, Any]:
            made = verdict.result or {}
            facts = resolve_booking(tx, op_id)
            if facts is None or self._api.visibility.sight(actor, facts) == Sight.NONE:
                return {"id": op_id, "code": made.get("code"), "booking": None, "message": None}
            return {
                "id": op_id,
                "code": facts.code,
                "booking": booking_by_id(tx, self._api.visibility, actor, facts),
                "message": system_message(tx, self._api.visibility, actor, facts, op_id),
            }

        _, found = await act(self._api, actor, operation, look)
        return json_response(found, 201)

    async def list_visible(self, request: Request) -> Response:
        actor = identify(request).actor
        limit = whole_number(request, "limit", 50, 1, 200)
        offset = whole_number(request, "offset", 0, 0, 10_000_000)
        statement = sa.select(bookings).where(self._api.visibility.bookings_filter(actor))
        for name in ("status", "workflow"):
            wanted = request.query_params.get(name)
            statement = statement.where(bookings.c[name] == wanted.lower()) if wanted else statement
        statement = statement.order_by(bookings.c.updated_at.desc(), bookings.c.id).offset(offset).limit(limit + 1)

        def job(tx: ReadTx) -> dict[str, Any]:
            rows = tx.rows(statement)
            shown = [booking_shown(self._api.visibility, actor, row) for row in rows[:limit]]
            return {"bookings": shown, "more": len(rows) > limit}

        return json_response(await self._api.store.read(job))

    async def show(self, request: Request) -> Response:
        actor = identify(request).actor
        reference = request.path_params["booking"]

        def job(tx: ReadTx) -> dict[str, Any]:
            facts = seen_booking(tx, self._api.visibility, actor, reference, Sight.REDACTED)
            return {"booking": booking_by_id(tx, self._api.visibility, actor, facts)}

        return json_response(await self._api.store.read(job))

    async def link(self, request: Request) -> Response:
        """A new link each time; the old ones keep working."""
        actor = identify(request).actor
        if actor.role not in DESK:
            raise Refusal("forbidden")
        reference = request.path_params["booking"]

        def job(tx: WriteTx) -> str:
            return make_link(tx, seen_booking(tx, self._api.visibility, actor, reference, Sight.FULL).id)

        token = await self._api.store.write(job)
        base = self._public_url or str(request.base_url)
        return json_response({"url": f"{base.rstrip('/')}/c/{token}", "token": token}, 201)


def _creation(body: NewBooking) -> CreateBooking:
    return CreateBooking(
        workflow=body.workflow,
        customer_id=body.customer_id,
        customer_name=body.customer_name,
        customer_phone=body.customer_phone,
        provider_id=body.provider_id,
        department=body.department,
        priority=body.priority,
        title=body.title,
        place=body.place,
        scheduled_start=body.scheduled_start,
        scheduled_end=body.scheduled_end,
        lang=body.lang,
        fields=body.fields,
        code=body.code,
        message=body.message if body.message is not None else body.content,
    )
