"""A real store with real password hashes, and everything that sign-in is made of on top of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from contract.errors import Refusal
from contract.moments import to_text
from server.access import accounts
from server.access.passwords import PasswordThreads, hash_password
from server.access.sign_in import SignedIn, SignIn
from server.access.signing_key import SigningKey
from server.access.standing import Standing
from server.access.tokens import TokenIssuer, TokenVerifier
from server.store.store import Store
from server.store.tables import refresh_tokens
from tests.support.open_store import open_store

PASSWORD = "correct horse"
HASHED = hash_password(PASSWORD)


class Door:
    """Everything sign-in is made of."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.standing = store, Standing()
        key = SigningKey.at(folder)
        self.passwords = PasswordThreads()
        self.sign_in = SignIn(store, TokenIssuer(key), self.standing, self.passwords)
        self.verifier = TokenVerifier(key, self.standing)

    async def account(self, email: str = "ann@x.example", role: str = "customer") -> str:
        return await self.store.write(
            lambda tx: accounts.create_account(tx, email, HASHED, "Ann", role)  # type: ignore[arg-type]
        )

    async def later(self, seconds: float) -> None:
        """Makes every used refresh token look as if it had been used that long ago."""
        moment = to_text(time.time_ns() // 1_000_000 - int(seconds * 1000))
        used = refresh_tokens.c.used_at.is_not(None)
        await self.store.write(lambda tx: tx.execute(sa.update(refresh_tokens).where(used).values(used_at=moment)))


def at_the_door(folder: Path, story: Callable[[Door], Awaitable[None]]) -> None:
    async def run() -> None:
        async with open_store(folder) as (store, _):
            door = Door(store, folder)
            try:
                await story(door)
            finally:
                door.passwords.close()

    asyncio.run(run())


async def refused(attempt: Awaitable[SignedIn]) -> str:
    with pytest.raises(Refusal) as refusal:
        await attempt
    return refusal.value.code
