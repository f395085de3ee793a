"""Something at the server's address that answers every request with the same bytes, and a session that asks it."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec

from desktop.config import DesktopConfig
from desktop.network.http import ServerHttp
from desktop.state.changes import Changes
from desktop.state.lines import Me
from desktop.store.profile import Profile
from desktop.sync.clock import Clock
from desktop.sync.saved_session import SavedSession, Tokens
from desktop.sync.session import Session

LIFE = 100.0
"""Seconds that the tokens of session_of() are good."""


def answer(status: int, body: bytes | dict[str, Any]) -> bytes:
    """A whole HTTP answer; a dict goes as JSON."""
    content = msgspec.json.encode(body) if isinstance(body, dict) else body
    head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Length: {len(content)}\r\nConnection: close"
    return head.encode() + b"\r\n\r\n" + content


def refusal(status: int, code: str) -> bytes:
    """In the form of our server's."""
    return answer(status, {"code": code, "message": "No."})


def session_of(person: str) -> dict[str, Any]:
    """GoTrue's."""
    about = {"id": person, "email": f"{person}@desk.example", "role": "authenticated"}
    meta = {"user_metadata": {"name": person}, "app_metadata": {"role": "operator", "departments": []}}
    return {"access_token": f"T-{person}", "refresh_token": f"R-{person}", "expires_in": LIFE, "user": about | meta}


class AnsweringServer:
    """`replies` by what the address asks for (`grant_type=password`); `asked`: the addresses, in order. `now` is the
    session's clock."""

    def __init__(self, profile: Profile, **replies: bytes) -> None:
        self.profile = profile
        self.replies = replies
        self.asked: list[str] = []
        self.now = 1_000.0

    def live(self, use: Callable[[Session], Awaitable[None]], age: float = LIFE + 1, *, alone: bool = False) -> None:
        """Anna's session, with tokens `age` seconds old; `alone`: her password is in the settings."""
        me = Me("anna", "anna", "operator", "anna@desk.example")
        SavedSession(self.profile.outbox.facts).write(me, Tokens("old", "refresh", self.now - age, LIFE))
        asyncio.run(self._live(use, (me.email, "secret") if alone else (None, None)))

    async def _live(
        self, use: Callable[[Session], Awaitable[None]], settings: tuple[str, str] | tuple[None, None]
    ) -> None:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        http = ServerHttp(url, timeout=20.0)
        clock = Clock(lambda: self.now, lambda: self.now)
        try:
            await use(Session(http, self.profile.outbox, Changes(), clock, DesktopConfig(Path(), url, *settings)))
        finally:
            await http.close()
            server.close()
            await server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
        self.asked.append(address)
        writer.write(next(reply for word, reply in self.replies.items() if word in address))
        await writer.drain()
        writer.close()
