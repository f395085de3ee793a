"""Signing in, staying in, going out: on a real store, with real password hashes."""

import statistics
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from contract.errors import Refusal
from contract.ids import new_id
from server.access import accounts
from server.access.passwords import check_password, hash_password
from server.access.standing import Standing
from server.store.tables import accounts as accounts_table
from server.store.tables import booking_links, profiles
from server.store.transactions import WriteTx
from tests.support.sign_in_door import HASHED, PASSWORD, Door, at_the_door, refused


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


def test_that_passwords_are_checked_as_they_were_set() -> None:
    assert check_password(HASHED, PASSWORD)
    assert not check_password(HASHED, PASSWORD + " ")
    assert not check_password(None, PASSWORD)
    assert not check_password("no hash at all", PASSWORD)
    for impossible in ("", "x" * 1001):
        with pytest.raises(ValueError, match="1 to 1000"):
            hash_password(impossible)
