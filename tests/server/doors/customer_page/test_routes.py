"""Tests of how the customer's page is served: at its two addresses, cached for ever by content, and shut in."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from contract.errors import Refusal
from server.access.identity import Identity
from server.doors.customer_page.routes import content_security_policy, routes
from server.doors.edge_middleware import EdgeMiddleware
from server.doors.http_edge import Edge
from server.doors.rate_limits import RateLimits, Rates


class NoTokens:
    """The page asks nobody who they are."""

    def verify(self, token: str) -> Identity:
        raise Refusal("unauthorized")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text(
        '<link href="/web/style.css"><script type="module" src="/web/main.js"></script>'
    )
    (tmp_path / "main.js").write_text('import "./words.js";')
    (tmp_path / "words.js").write_text("export {};")
    (tmp_path / "style.css").write_text("body {}")
    (tmp_path / "notes.md").write_text("not for the world")
    (tmp_path.parent / "outside.js").write_text("secret")
    return tmp_path


def fetch(folder: Path, *paths: str, headers: dict[str, str] | None = None) -> list[httpx.Response]:
    edge = Edge(NoTokens(), RateLimits(Rates()))
    application = Starlette(
        routes=routes(folder), middleware=[Middleware(EdgeMiddleware, edge=edge, observe=lambda *seen: None)]
    )

    async def run() -> list[httpx.Response]:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://desk:8000") as client:
            return [await client.get(path, headers=headers) for path in paths]

    return asyncio.run(run())


def test_that_the_chat_and_every_link_show_the_same_document(folder: Path) -> None:
    chat, link = fetch(folder, "/chat", "/c/abcdef")
    assert chat.status_code == link.status_code == 200
    assert chat.text == link.text
    assert chat.headers["content-type"] == "text/html; charset=utf-8"
    assert link.headers["cache-control"] == "no-store"


def test_that_the_page_may_talk_to_its_own_server_only_and_leaks_no_address(folder: Path) -> None:
    [page] = fetch(folder, "/c/abcdef")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self' ws://desk:8000 wss://desk:8000;" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["desk; script-src *", "a b", "x'", "", None, "desk:123456"])
def test_that_a_made_up_host_gets_nothing_into_the_policy(host: str | None) -> None:
    assert "connect-src 'self';" in content_security_policy(host)


def test_that_the_documents_own_files_are_kept_for_ever_and_change_name_with_content(folder: Path) -> None:
    [page] = fetch(folder, "/chat")
    script = re.search(r'src="(/web/[0-9a-f]{16}/main.js)"', page.text)
    assert script is not None
    beside = script[1].replace("main.js", "words.js")
    for found in fetch(folder, script[1], beside):
        assert found.status_code == 200
        assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert found.headers["content-type"] == "text/javascript; charset=utf-8"
    (folder / "words.js").write_text("export const changed = 1;")
    [later] = fetch(folder, "/chat")
    assert script[1] not in later.text


def test_that_a_file_asked_for_by_its_plain_name_is_checked_each_time(folder: Path) -> None:
    [plain] = fetch(folder, "/web/style.css")
    assert (plain.status_code, plain.headers["cache-control"]) == (200, "no-cache")
    [again] = fetch(folder, "/web/style.css", headers={"If-None-Match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["notes.md", "index.html", "../outside.js", "%2e%2e/outside.js", "..%2foutside.js", "nothing.js", "", "%00"]
)
def test_that_nothing_but_the_pages_files_is_served(folder: Path, path: str) -> None:
    [found] = fetch(folder, f"/web/{path}")
    assert found.status_code == 404
    assert "secret" not in found.text
