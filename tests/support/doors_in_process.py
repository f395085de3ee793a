"""Some HTTP doors over a real store in this process, for tests that need to hold the clock or look inside."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.routing import Route

from contract.actors import Role
from server.access.accounts import create_account
from server.access.own_account import OwnAccount
from server.access.passwords import PasswordThreads
from server.access.sign_in import SignIn
from server.access.sign_up import SignUp, SignUpRules
from server.access.signing_key import SigningKey
from server.access.standing import Standing
from server.access.tokens import TokenIssuer, TokenVerifier
from server.doors.edge_middleware import edge_handlers, edge_middleware
from server.doors.http_edge import Edge
from server.doors.rate_limits import RateLimits, Rates
from server.doors.supabase.accounts import AccountDoor
from server.doors.supabase.auth import AuthDoor
from server.doors.supabase.routes import routes
from server.store.store import Store
from tests.support.engines import settings_for
from tests.support.light_hash import light_hash

PASSWORD = "demo-demo"


class Clock:
    """Seconds since 1970 that stand still until told."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class DoorsInProcess:
    """A store with its sign-in, and whatever routes are put before them."""

    def __init__(self, data_dir: Path, rates: Rates | None = None, rules: SignUpRules | None = None) -> None:
        self.store = Store.open(settings_for(data_dir))
        self.clock = Clock()
        self.passwords = PasswordThreads()
        key, standing = SigningKey.at(data_dir), Standing()
        self.issuer = TokenIssuer(key, self.clock)
        self.verifier = TokenVerifier(key, standing, self.clock)
        self.sign_in = SignIn(self.store, self.issuer, standing, self.passwords)
        sign_up = SignUp(self.store, self.sign_in, self.passwords, rules or SignUpRules())
        self.auth = AuthDoor(self.store, self.sign_in, self.issuer, sign_up.rules, version="1.2.3")
        self.accounts = AccountDoor(sign_up, OwnAccount(self.store, standing, self.passwords))
        self.edge = Edge(self.verifier, RateLimits(rates or Rates()))

    def close(self) -> None:
        self.passwords.close()
        self.store.close()

    async def add_user(self, email: str | None, role: Role = "operator", name: str = "Olga") -> str:
        hashed = None if email is None else light_hash(PASSWORD)
        return await self.store.write(lambda tx: create_account(tx, email, hashed, name, role))

    def application(self, before: list[Route] | None = None) -> Starlette:
        return Starlette(
            routes=[*(before or []), *routes(self.auth, self.accounts)],
            middleware=edge_middleware(self.edge, ["*"], lambda *seen: None),
            exception_handlers=edge_handlers(),
        )


def with_doors(
    data_dir: Path,
    story: Callable[[DoorsInProcess, httpx.AsyncClient], Coroutine[Any, Any, None]],
    rates: Rates | None = None,
    rules: SignUpRules | None = None,
) -> None:
    """Runs `story` with the doors and a client to them, then closes everything."""

    async def run() -> None:
        doors = DoorsInProcess(data_dir, rates, rules)
        doors.store.start(asyncio.get_running_loop(), lambda batch: None)
        try:
            transport = httpx.ASGITransport(doors.application())
            async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
                await story(doors, client)
        finally:
            doors.close()

    asyncio.run(run())
