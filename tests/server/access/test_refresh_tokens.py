"""Staying signed in: each refresh token is used up for the next, and what it means when one comes again."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from contract.errors import Refusal
from server.store.tables import refresh_tokens, sessions
from tests.support.running_postgres import on_both_engines as pytest_generate_tests  # noqa: F401
from tests.support.sign_in_door import PASSWORD, Door, at_the_door, refused

pytestmark = pytest.mark.usefixtures("engine")


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


def test_that_a_refresh_token_used_again_once_its_successor_was_used_ends_the_whole_session(tmp_path: Path) -> None:
    async def story(door: Door) -> None:
        await door.account()
        stolen = await door.sign_in.with_password("ann@x.example", PASSWORD)
        second = await door.sign_in.with_refresh_token(stolen.refresh_token)
        third = await door.sign_in.with_refresh_token(second.refresh_token)
        elsewhere = await door.sign_in.with_password("ann@x.example", PASSWORD)
        await door.later(31)
        assert await refused(door.sign_in.with_refresh_token(stolen.refresh_token)) == "invalid_grant"
        assert await refused(door.sign_in.with_refresh_token(third.refresh_token)) == "invalid_grant"
        with pytest.raises(Refusal, match="unauthorized"):
            door.verifier.verify(third.access_token)
        door.verifier.verify(elsewhere.access_token)
        await door.sign_in.with_refresh_token(elsewhere.refresh_token)

    at_the_door(tmp_path, story)


def test_that_a_session_goes_on_however_late_and_often_a_lost_answer_is_asked_for_again(tmp_path: Path) -> None:
    async def story(door: Door) -> None:
        await door.account()
        held = await door.sign_in.with_password("ann@x.example", PASSWORD)
        for lost in (1, 3, 2):
            for _ in range(lost):
                await door.sign_in.with_refresh_token(held.refresh_token)
                await door.later(8 * 86_400)
            held = await door.sign_in.with_refresh_token(held.refresh_token)
        door.verifier.verify(held.access_token)

    at_the_door(tmp_path, story)


def test_that_a_lost_answer_that_turns_up_beside_the_one_given_for_it_ends_the_session(tmp_path: Path) -> None:
    async def story(door: Door) -> None:
        await door.account()
        first = await door.sign_in.with_password("ann@x.example", PASSWORD)
        lost = await door.sign_in.with_refresh_token(first.refresh_token)
        await door.later(31)
        second = await door.sign_in.with_refresh_token(first.refresh_token)
        await door.later(31)
        assert await refused(door.sign_in.with_refresh_token(lost.refresh_token)) == "invalid_grant"
        assert await refused(door.sign_in.with_refresh_token(second.refresh_token)) == "invalid_grant"

    at_the_door(tmp_path, story)


def test_that_another_tabs_tokens_do_not_decide_about_a_lost_answer(tmp_path: Path) -> None:
    async def story(door: Door) -> None:
        await door.account()
        first = await door.sign_in.with_password("ann@x.example", PASSWORD)
        here, there = [await door.sign_in.with_refresh_token(first.refresh_token) for _ in range(2)]
        await door.sign_in.with_refresh_token(here.refresh_token)
        there = await door.sign_in.with_refresh_token(there.refresh_token)
        there = await door.sign_in.with_refresh_token(there.refresh_token)
        await door.later(31)
        here = await door.sign_in.with_refresh_token(here.refresh_token)
        for each in (here, there):
            await door.sign_in.with_refresh_token(each.refresh_token)

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
