"""The customer's chat page: its one document at `/chat` and `/c/{link_token}`, its files under `/web/`."""

import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contract.errors import Refusal
from server.doors.customer_page.page_files import PageFiles
from server.doors.endpoint import Endpoint, Parameter
from server.doors.http_edge import limit_public

ENDPOINTS = (
    Endpoint("GET", "/chat", "The customer's chat page, reached by sign-in.", "customer page", access="public",
             media_type="text/html"),
    Endpoint("GET", "/c/{link_token}", "The customer's chat page, reached by a booking's unguessable link.",
             "customer page", access="public", media_type="text/html",
             parameters=(Parameter("link_token", "From POST /api/bookings/{booking}/link.", "path", required=True),)),
    Endpoint("GET", "/web/{path}", "The page's scripts, styles and images.", "customer page", access="public",
             refusals=("not_found",), media_type="application/octet-stream",
             parameters=(Parameter("path", "As the page names them.", "path", required=True),)),
)  # fmt: skip

_HOST = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]{1,5})?|\[[0-9a-fA-F:]+\](:[0-9]{1,5})?")
PAGE_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}

FILE_HEADERS = PAGE_HEADERS | {"Service-Worker-Allowed": "/"}
"""The page's worker lies below /web/ and keeps the document at /chat."""


def content_security_policy(host: str | None) -> str:
    """Own scripts, styles, images and calls only. The socket is named too: not every browser counts it as 'self'."""
    socket = f" ws://{host} wss://{host}" if host and _HOST.fullmatch(host) else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"media-src 'self'; manifest-src 'self'; worker-src 'self'; connect-src 'self'{socket}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def routes(folder: Path) -> list[Route]:
    """`folder` is `resources/web`; it is read once, here."""
    files = PageFiles(folder)

    async def show_page(request: Request) -> Response:
        limit_public(request)
        headers = PAGE_HEADERS | {
            "Content-Security-Policy": content_security_policy(request.headers.get("host")),
            "Cache-Control": "no-store",
        }
        return Response(files.document, headers=headers, media_type="text/html")

    async def show_file(request: Request) -> Response:
        limit_public(request)
        found = files.find(request.path_params["path"])
        if found is None:
            raise Refusal("not_found")
        headers = FILE_HEADERS | {"ETag": found.etag, "Cache-Control": found.cache_control}
        if request.headers.get("if-none-match") == found.etag:
            return Response(status_code=304, headers=headers)
        return Response(found.content, headers=headers | {"Content-Type": found.media_type})

    return [
        Route("/chat", show_page),
        Route("/c/{link_token}", show_page),
        Route("/web/{path:path}", show_file),
    ]
