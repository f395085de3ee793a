"""/rest/v1/<table> and /rest/v1/rpc/<function>: each handler is one request."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contract.actors import Actor
from contract.errors import Refusal
from server.access.tokens import TokenVerifier
from server.doors.http_edge import bearer_token, decode_body, identify, json_response, limit_public, read_bytes
from server.doors.supabase.rows.errors import NO_FUNCTION, NO_TABLE, NOT_ONE, RowError, as_postgrest, error_response
from server.doors.supabase.rows.functions import FUNCTIONS
from server.doors.supabase.rows.preferences import Preferences, preferences
from server.doors.supabase.rows.reading import Found, Row, read_rows
from server.doors.supabase.rows.relations import SOURCES, Source
from server.doors.supabase.rows.row_query import RowQuery, read_query
from server.doors.supabase.rows.writing import RowWriter

_OBJECT = {"Content-Type": "application/vnd.pgrst.object+json; charset=utf-8"}


class RowDoor:
    """`writer` turns written rows into operations, so that they pass the same actions as everybody's."""

    def __init__(self, writer: RowWriter, verifier: TokenVerifier) -> None:
        self._writer = writer
        self._verifier = verifier

    def routes(self) -> list[Route]:
        return [
            Route("/rest/v1/{table}", as_postgrest(self.read), methods=["GET"]),
            Route("/rest/v1/{table}", as_postgrest(self.insert), methods=["POST"]),
            Route("/rest/v1/{table}", as_postgrest(self.update), methods=["PATCH"]),
            Route("/rest/v1/{table}", as_postgrest(self.delete), methods=["DELETE"]),
            Route("/rest/v1/rpc/{function}", as_postgrest(self.run), methods=["POST"]),
        ]

    async def read(self, request: Request) -> Response:
        """GET and HEAD. With the public key alone there are no rows to be seen."""
        actor = self._reader(request)
        source = _source(request)
        if isinstance(source, Response):
            return source
        asked = preferences(request)
        query = _ranged(read_query(request.query_params.multi_items()), asked)
        if actor is None:
            return _answer(Found([], 0 if asked.count else None), query, asked)
        found = await self._writer.store.read(
            lambda tx: read_rows(tx, self._writer.visibility, actor, source, query, count=asked.count)
        )
        return _answer(found, query, asked)

    async def insert(self, request: Request) -> Response:
        actor, source, asked = identify(request).actor, _source(request), preferences(request)
        if isinstance(source, Response):
            return source
        rows = _rows(await read_bytes(request))
        written = await self._writer.insert(actor, source, rows, upsert=asked.upsert, ignore=asked.ignore_duplicates)
        return await self._written(request, actor, source, written, asked, 201)

    async def update(self, request: Request) -> Response:
        actor, source, asked = identify(request).actor, _source(request), preferences(request)
        if isinstance(source, Response):
            return source
        [values] = _rows(await read_bytes(request), at_most=1)
        query = read_query(request.query_params.multi_items())
        written = await self._writer.update(actor, source, query, values)
        return await self._written(request, actor, source, written, asked, 200)

    async def delete(self, request: Request) -> Response:
        actor, source, asked = identify(request).actor, _source(request), preferences(request)
        if isinstance(source, Response):
            return source
        query = read_query(request.query_params.multi_items())
        written = await self._writer.delete(actor, source, query)
        return await self._written(request, actor, source, written, asked, 200)

    async def run(self, request: Request) -> Response:
        actor = identify(request).actor
        name = request.path_params["function"]
        function = FUNCTIONS.get(name)
        if function is None:
            known = ", ".join(sorted(FUNCTIONS))
            error = RowError(NO_FUNCTION, f"Could not find the function public.{name[:64]}", hint=f"There are: {known}")
            return error_response(404, error)
        body = await read_bytes(request)
        return json_response(await function(self._writer, actor, decode_body(body or b"{}", dict[str, Any])))

    def _reader(self, request: Request) -> Actor | None:
        """None for whoever shows the public key alone."""
        token = bearer_token(request)
        if token is not None and (token.startswith("sb_publishable_") or self._verifier.is_anon_key(token)):
            limit_public(request)
            return None
        return identify(request).actor

    async def _written(
        self, request: Request, actor: Actor, source: Source, ids: list[str], asked: Preferences, status: int
    ) -> Response:
        """Minimal unless asked for: 201 or 204 and nothing; else the rows as they stand now and may be seen."""
        if not asked.representation:
            return Response(status_code=204 if status == 200 else status)
        selected = read_query([("select", request.query_params.get("select", "*"))])
        found = await self._writer.store.read(lambda tx: self._writer.rows_by_id(tx, actor, source, selected, ids))
        if asked.singular:
            return _one(found, status)
        return json_response(found, status)


def _source(request: Request) -> Source | Response:
    name = request.path_params["table"]
    source = SOURCES.get(name)
    if source is None:
        error = RowError(NO_TABLE, f"Could not find the table 'public.{name[:64]}' in the schema cache")
        return error_response(404, error)
    return source


def _rows(body: bytes, at_most: int = 50) -> list[Row]:
    rows: Any = decode_body(body, dict[str, Any] | list[dict[str, Any]])  # type: ignore[arg-type]  # a union is no type
    found = rows if isinstance(rows, list) else [rows]
    if not 1 <= len(found) <= at_most:
        raise Refusal("too_many_ops", {"problem": f"expected 1 to {at_most} rows, got {len(found)}"})
    return found


def _ranged(query: RowQuery, asked: Preferences) -> RowQuery:
    """The header Range narrows what limit and offset say."""
    if asked.first is None:
        return query
    size = None if asked.last is None else max(0, asked.last - asked.first + 1)
    limits = [one for one in (query.limit, size) if one is not None]
    return msgspec.structs.replace(query, offset=query.offset + asked.first, limit=min(limits) if limits else None)


def _answer(found: Found, query: RowQuery, asked: Preferences) -> Response:
    if asked.singular:
        return _one(found.rows, 200)
    span = f"{query.offset}-{query.offset + len(found.rows) - 1}" if found.rows else "*"
    total = "*" if found.total is None else found.total
    partial = found.total is not None and len(found.rows) < found.total
    return json_response(found.rows, 206 if partial else 200, {"Content-Range": f"{span}/{total}"})


def _one(rows: list[Row], status: int) -> Response:
    if len(rows) == 1:
        return json_response(rows[0], status, dict(_OBJECT))
    error = RowError(
        NOT_ONE, "Cannot coerce the result to a single JSON object", f"The result contains {len(rows)} rows"
    )
    return error_response(406, error)
