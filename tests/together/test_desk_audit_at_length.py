"""The audit of a cache too large for one look, and of one too wrong to be put right booking by booking."""

import asyncio
import dataclasses
import random
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import desktop.sync.audit
from contract.audit import AuditReply, AuditRequest, Digest
from desktop.network.http import ServerHttp
from desktop.store.cache_digest import CacheDigest
from desktop.store.profile import Profile
from desktop.store.snapshot_staging import SnapshotStaging
from desktop.store.sqlcipher import connect
from desktop.sync.audit import ENDINGS, WHOLE_UP_TO, Audit
from tests.support.headless_desk import Hands, at_work, quicker
from tests.support.meddling_proxy import MeddlingProxy
from tests.support.small_world import World, world
from tests.support.sync_client import message

SELDOM = 10_000.0
"""Seconds: no look but the one after a snapshot falls into a test."""
Overheard = list[AuditRequest]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Overheard:
    """What desks ask, overheard on its way."""
    found: Overheard = []
    audit = ServerHttp.audit

    async def overhear(http: ServerHttp, token: str, request: AuditRequest) -> AuditReply:
        found.append(request)
        return await audit(http, token, request)

    monkeypatch.setattr(ServerHttp, "audit", overhear)
    return found


def three_talks(found: World) -> list[str]:
    bookings = [found.booking, *(found.server.create_booking(found.customer) for _ in range(2))]
    found.do(found.customer, *(message(booking, "said") for booking in bookings))
    return bookings


def spoil(hands: Hands) -> None:
    """Another hand on the cache's file, on every line in it."""
    profile = hands.desk.parts.profile
    connection = connect(profile.directory / "cache.db", profile.key, durable=False)
    connection.execute("UPDATE messages SET message = 'never said' WHERE message = 'said'")
    connection.close()


def reads(hands: Hands, bookings: list[str], text: str) -> Callable[[], bool]:
    return lambda: all(hands.texts(booking) == [text] for booking in bookings)


@pytest.mark.parametrize(("held", "each_time"), [(WHOLE_UP_TO + 1, 255), (100_000, 10), (5_000_000, 1)])
def test_that_a_large_cache_is_looked_at_piece_by_piece_until_all_had_their_turn(held: int, each_time: int) -> None:
    looked_at: list[str] = []
    audit = audit_of(held, looked_at)

    async def story() -> None:
        await audit._look_around(everything=False)
        assert len(looked_at) == each_time
        while len(looked_at) < len(ENDINGS):
            await audit._look_around(everything=False)
        assert sorted(looked_at) == list(ENDINGS)
        await audit._look_around(everything=True)
        assert sorted(looked_at[len(ENDINGS) :]) == list(ENDINGS)

    asyncio.run(story())


def audit_of(held: int, looked_at: list[str]) -> Audit:
    """That of a desk that holds so many bookings, all of them as they should be."""
    parts: Any = SimpleNamespace(
        http=None, session=None, changes=None, link=None, times=quicker(),
        profile=SimpleNamespace(reader=SimpleNamespace(last_row_number=lambda: held)),
    )  # fmt: skip
    audit = Audit(parts, feed := Any, feed)  # type: ignore[arg-type]  # neither is asked here

    async def look_at(ending: str) -> bool:
        looked_at.append(ending)
        return True

    audit._look_at = look_at  # type: ignore[method-assign]
    return audit


def test_that_a_desk_closed_every_day_before_its_turn_is_over_comes_to_every_piece_all_the_same() -> None:
    looked_at: list[str] = []
    random.seed(1)

    async def story() -> None:
        for _ in range(100):
            audit = audit_of(100_000, looked_at)
            for _ in range(6):
                await audit._look_around(everything=False)

    asyncio.run(story())
    assert sorted(set(looked_at)) == list(ENDINGS)


def test_that_every_piece_is_looked_at_after_a_snapshot_and_in_its_turn_later(
    tmp_path: Path, asked: Overheard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desktop.sync.audit, "WHOLE_UP_TO", 1)

    async def story(found: World) -> None:
        bookings = three_talks(found)
        async with at_work(tmp_path / "p", found.server.url, times=quicker(audit=SELDOM)) as hands:
            await hands.until(lambda: sorted(each.ending for each in asked) == list(ENDINGS), 60)
        asked.clear()
        async with at_work(tmp_path / "p", found.server.url, times=quicker(audit=0.1)) as hands:
            await hands.live()
            spoil(hands)
            assert reads(hands, bookings, "never said")()
            await hands.until(reads(hands, bookings, "said"), 60)
            assert all(each.ending for each in asked)

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_more_than_can_be_fetched_one_by_one_is_put_right_by_a_snapshot_even_if_the_first_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desktop.sync.audit, "FETCH_UP_TO", 2)

    async def story(found: World) -> None:
        bookings = three_talks(found)
        times = quicker(audit=0.4)
        async with MeddlingProxy(found.server.url) as proxy, at_work(tmp_path / "p", proxy.url, times=times) as hands:
            await hands.live()
            proxy.cut_snapshot_after = 0
            spoil(hands)
            await hands.until(lambda: proxy.cut_snapshots)
            proxy.cut_snapshot_after = None
            await hands.until(reads(hands, bookings, "said"))
            assert proxy.snapshots > 1 + proxy.cut_snapshots

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_a_snapshot_that_did_not_help_is_not_taken_again_and_again(
    tmp_path: Path, asked: Overheard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A desk that sums wrongly whatever it holds, in pieces of which most hold nothing."""
    monkeypatch.setattr(desktop.sync.audit, "WHOLE_UP_TO", 1)
    monkeypatch.setattr(desktop.sync.audit, "FETCH_UP_TO", 0)
    digest_cache = Profile.digest_cache

    async def wrongly(profile: Profile, ending: str) -> CacheDigest | None:
        held = await digest_cache(profile, ending)
        if held is None or not held.bookings:
            return held
        sums = {table: Digest(digest.rows, "0" * 16) for table, digest in held.digests.items()}
        return dataclasses.replace(held, digests=sums, bookings=dict.fromkeys(held.bookings, "0" * 16))

    monkeypatch.setattr(Profile, "digest_cache", wrongly)
    taken: list[str] = []
    finish = SnapshotStaging.finish

    def count(staging: SnapshotStaging, epoch: str, seq: int, as_of: str) -> None:
        finish(staging, epoch, seq, as_of)
        taken.append("to heal" if taken else "the first of all")

    monkeypatch.setattr(SnapshotStaging, "finish", count)

    async def story(found: World) -> None:
        three_talks(found)
        times = quicker(audit=0.1, audit_rest=0.01)
        async with at_work(tmp_path / "p", found.server.url, times=times) as hands:
            await hands.until(lambda: taken == ["the first of all", "to heal"])
            asked.clear()
            await hands.until(lambda: len(asked) > len(ENDINGS) + 9, 60)
        assert taken == ["the first of all", "to heal"]

    with world(tmp_path) as found:
        asyncio.run(story(found))
