"""Signing in, staying in, going out: on a real store, with real password hashes."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from contract.errors import Refusal
from contract.ids import new_id
from contract.moments import to_text
from server.access import accounts
from server.access.passwords import PasswordThreads, check_password, hash_password
from server.access.sign_in import SignedIn, SignIn
from server.access.signing_key import SigningKey
from server.access.standing import Standing
from server.access.tokens import TokenIssuer, TokenVerifier
from server.store.store import Store
from server.store.tables import accounts as accounts_table
from server.store.tables import booking_links, profiles, refresh_tokens, sessions
from server.store.transactions import WriteTx
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


def test_that_the_right_password_opens_and_the_token_is_good(tmp_path: Path) -> None:
    async def story(door: Door) -> None:
        user_id = await door.account()
        signed_in = await door.sign_in.with_password("  Ann@X.Example ", PASSWORD)
        identity = door.verifier.verify(signed_in.access_token)
        assert identity.actor.user_id == user_id == signed_in.person.actor.user_id
        assert signed_in.expires_in == 3600
        assert (await door.sign_in.person(identity)).email == "ann@x.example"

    at_the_door(tmp_path, story)


def test_that_an_unknown_address_a_wrong_password_and_a_disabled_account_look_and_last_alike(tmp_path: Path) -> None:
    async def story(door: Door) -> None:
        await door.account()
        await door.account("gone@x.example")
        gone = accounts_table.c.email == "gone@x.example"
        await door.store.write(lambda tx: tx.execute(sa.update(accounts_table).where(gone).values(disabled_at=tx.now)))
        took: dict[str, list[float]] = {}
        attempts = {
            "wrong": ("ann@x.example", "x"),
            "unknown": ("bea@x.example", "x"),
            "gone": ("gone@x.example", PASSWORD),
        }
        for _ in range(5):
            for name, (email, password) in attempts.items():
                began = time.process_time()
                assert await refused(door.sign_in.with_password(email, password)) == "invalid_credentials"
                took.setdefault(name, []).append(time.process_time() - began)
        fastest = [statistics.median(times) for times in took.values()]
        assert min(fastest) > 0.4 * max(fastest)

    at_the_door(tmp_path, story)


def test_that_a_refresh_token_is_used_up_and_the_next_one_continues_the_session(tmp_path: Path) -> None:
    async def story(door: Door) -> None:
        await door.account()
        first = await door.sign_in.with_password("ann@x.example", PASSWORD)
        second = await door.sign_in.with_refresh_token(first.refresh_token)
        third = await door.sign_in.with_refresh_token(second.refresh_token)
        assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
        identities = [door.verifier.verify(each.access_token) for each in (first, third)]
        assert identities[0].session_id == identities[1].session_id

    at_the_door(tmp_path, story)


def test_that_two_tabs_may_refresh_at_once(tmp_path: Path) -> None:
    async def story(door: Door) -> None:
        await door.account()
        first = await door.sign_in.with_password("ann@x.example", PASSWORD)
        again = await asyncio.gather(*(door.sign_in.with_refresh_token(first.refresh_token) for _ in range(2)))
        await door.later(29)
        again.append(await door.sign_in.with_refresh_token(first.refresh_token))
        for each in again:
            await door.sign_in.with_refresh_token(each.refresh_token)

    at_the_door(tmp_path, story)


def test_that_a_refresh_token_used_again_later_ends_the_whole_session(tmp_path: Path) -> None:
    async def story(door: Door) -> None:
        await door.account()
        stolen = await door.sign_in.with_password("ann@x.example", PASSWORD)
        second = await door.sign_in.with_refresh_token(stolen.refresh_token)
        elsewhere = await door.sign_in.with_password("ann@x.example", PASSWORD)
        await door.later(31)
        assert await refused(door.sign_in.with_refresh_token(stolen.refresh_token)) == "invalid_grant"
        assert await refused(door.sign_in.with_refresh_token(second.refresh_token)) == "invalid_grant"
        with pytest.raises(Refusal, match="unauthorized"):
            door.verifier.verify(second.access_token)
        door.verifier.verify(elsewhere.access_token)
        await door.sign_in.with_refresh_token(elsewhere.refresh_token)

    at_the_door(tmp_path, story)


def test_that_signing_out_ends_the_session_for_good(tmp_path: Path) -> None:
    async def story(door: Door) -> None:
        await door.account()
        signed_in = await door.sign_in.with_password("ann@x.example", PASSWORD)
        await door.sign_in.sign_out(door.verifier.verify(signed_in.access_token))
        with pytest.raises(Refusal, match="unauthorized"):
            door.verifier.verify(signed_in.access_token)
        assert await refused(door.sign_in.with_refresh_token(signed_in.refresh_token)) == "invalid_grant"
        after_restart = Standing()
        await door.store.read(lambda tx: after_restart.load(tx, time.time_ns() // 1_000_000))
        assert after_restart.is_ended(door.verifier._known[signed_in.access_token].session_id)

    at_the_door(tmp_path, story)


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 100_000, "مرحبا"])
def test_that_tokens_never_given_are_refused(tmp_path: Path, token: str) -> None:
    async def story(door: Door) -> None:
        assert await refused(door.sign_in.with_refresh_token(token)) == "invalid_grant"
        assert await refused(door.sign_in.with_booking_link(token)) == "invalid_grant"

    at_the_door(tmp_path, story)


def test_that_a_link_signs_in_as_the_bookings_customer_and_may_be_used_again(tmp_path: Path) -> None:
    async def story(door: Door) -> None:
        booking_id = new_id()

        def make(tx: WriteTx) -> str:
            values = {"id": booking_id, "code": "CHT1234", "workflow": "chat", "status": "pending", "lang": "ar"}
            tx.insert_booking({**values, "customer_name": "عمر"})
            return accounts.make_link(tx, booking_id)

        token = await door.store.write(make)
        another = await door.store.write(lambda tx: accounts.make_link(tx, booking_id))
        people = [(await door.sign_in.with_booking_link(each)).person for each in (token, token, another)]
        assert len({person.actor.user_id for person in people}) == 1
        assert (people[0].actor.role, people[0].actor.name, people[0].actor.lang) == ("customer", "عمر", "ar")
        facts = await door.store.read(lambda tx: tx.facts(booking_id))
        assert facts is not None
        assert facts.customer_id == people[0].actor.user_id
        assert len(token) >= 43
        stored = await door.store.read(lambda tx: tx.rows(sa.select(booking_links)))
        assert token.encode() not in b"".join(row["token_hash"] for row in stored)
        revoke = sa.update(booking_links).values(revoked_at="2026-11-21T08:46:37.123Z")
        await door.store.write(lambda tx: tx.execute(revoke))
        assert await refused(door.sign_in.with_booking_link(token)) == "invalid_grant"

    at_the_door(tmp_path, story)


def test_that_no_secret_is_stored_as_it_is(tmp_path: Path) -> None:
    given: list[str] = [PASSWORD]

    async def story(door: Door) -> None:
        await door.account()
        given.append((await door.sign_in.with_password("ann@x.example", PASSWORD)).refresh_token)

    at_the_door(tmp_path, story)
    files = b"".join(path.read_bytes() for path in tmp_path.glob("fieldline.db*"))
    assert [secret for secret in given if secret.encode() in files] == []
    assert b"$argon2id$" in files


def test_that_a_disabled_person_gets_no_new_tokens(tmp_path: Path) -> None:
    async def story(door: Door) -> None:
        await door.account()
        signed_in = await door.sign_in.with_password("ann@x.example", PASSWORD)
        await door.store.write(lambda tx: tx.execute(sa.update(profiles).values(disabled_at=tx.now)))
        assert await refused(door.sign_in.with_refresh_token(signed_in.refresh_token)) == "invalid_grant"
        assert await refused(door.sign_in.with_password("ann@x.example", PASSWORD)) == "invalid_credentials"

    at_the_door(tmp_path, story)


def test_that_used_up_tokens_do_not_pile_up(tmp_path: Path) -> None:
    async def story(door: Door) -> None:
        await door.account()
        signed_in = await door.sign_in.with_password("ann@x.example", PASSWORD)
        for _ in range(5):
            signed_in = await door.sign_in.with_refresh_token(signed_in.refresh_token)
            await door.later(8 * 86_400)
        counted = await door.store.read(
            lambda tx: (
                tx.value(sa.select(sa.func.count()).select_from(refresh_tokens)),
                len(tx.rows(sa.select(sessions))),
            )
        )
        assert counted == (2, 1)

    at_the_door(tmp_path, story)


def test_that_passwords_are_checked_as_they_were_set() -> None:
    assert check_password(HASHED, PASSWORD)
    assert not check_password(HASHED, PASSWORD + " ")
    assert not check_password(None, PASSWORD)
    assert not check_password("no hash at all", PASSWORD)
    for impossible in ("", "x" * 1001):
        with pytest.raises(ValueError, match="1 to 1000"):
            hash_password(impossible)
