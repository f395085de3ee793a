"""`/openapi.json`, and `/docs`, the page to read it."""

from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contract.errors import Refusal
from server.doors.http_edge import limit_public
from server.doors.openapi.document import openapi_document
from server.doors.openapi.served import SERVED

_PAGE = Path(__file__).parent / "page"
_FILES = {"page.js": "text/javascript", "page.css": "text/css"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def routes(version: str) -> list[Route]:
    """The document is written once, here; `version` is the program's."""
    document = msgspec.json.encode(openapi_document(SERVED, version))
    page = (_PAGE / "index.html").read_bytes()
    files = {name: (_PAGE / name).read_bytes() for name in _FILES}

    async def show_document(request: Request) -> Response:
        limit_public(request)
        return Response(document, media_type="application/json", headers={"Cache-Control": "no-cache"})

    async def show_page(request: Request) -> Response:
        limit_public(request)
        return Response(page, media_type="text/html", headers=_HEADERS)

    async def show_file(request: Request) -> Response:
        limit_public(request)
        name = request.path_params["name"]
        if name not in files:
            raise Refusal("not_found")
        return Response(files[name], media_type=_FILES[name], headers=_HEADERS)

    return [
        Route("/openapi.json", show_document),
        Route("/docs", show_page),
        Route("/docs/{name}", show_file),
    ]
