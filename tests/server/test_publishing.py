"""A commit on its way to everybody: what goes wrong for some keeps the others from nothing, and is noticed by those."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlcipher3.dbapi2 as sqlite3

from contract.actors import Actor
from server.store.feed import Batch, Change
from tests.server.realtime.feed_lines import facts, said
from tests.support.app_in_process import AppInProcess, InnerClient, app_in_process
from tests.support.open_store import until

ROOM = "realtime:rows"
RESUMING = {
    "config": {
        "postgres_changes": [{"event": "INSERT", "schema": "public", "table": "messages"}],
        "fieldline": {"resume": True},
    }
}


def run(folder: Path, story: Callable[[AppInProcess], Coroutine[Any, Any, None]]) -> None:
    async def inside() -> None:
        async with app_in_process(folder) as app:
            await story(app)

    asyncio.run(inside())


def batch_of(app: AppInProcess, *changes: Change) -> Batch:
    first = app.server.store.head + 1
    numbered = [msgspec.structs.replace(change, seq=first + at) for at, change in enumerate(changes)]
    return Batch(app.server.store.epoch, first, numbered[-1].seq, numbered)


def unreadable() -> Change:
    return msgspec.structs.replace(said(1, facts()), row=b"{")


def made_a_customer(actor: Actor) -> Change:
    def row(role: str) -> bytes:
        profile = {"id": actor.user_id, "name": actor.name, "role": role, "lang": "en", "departments": []}
        return msgspec.json.encode(profile)

    return Change(1, "profiles", "update", actor.user_id, None, None, row("customer"), row(actor.role), "t", None, None)


def messages(client: InnerClient) -> list[tuple[str, bool]]:
    found = [told["data"] for told in client.told("postgres_changes", ROOM)]
    return [(one["record"]["message"], one.get("replayed", False)) for one in found]


def test_that_whoever_loses_rights_in_a_commit_is_sent_away_though_the_commit_cannot_be_told(tmp_path: Path) -> None:
    async def story(app: AppInProcess) -> None:
        olga = await app.person("operator", "Olga")
        token, client = await app.token(olga), InnerClient(app)
        await client.follow(token)
        with pytest.raises(msgspec.DecodeError):
            app.publish(batch_of(app, made_a_customer(olga), unreadable()))
        assert [told["reason"] for told in client.told("bye")] == ["reauth"]

    run(tmp_path, story)


@pytest.mark.expects_errors
def test_that_what_cannot_be_told_on_one_way_is_told_on_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What our own clients are not told they see as a gap; apps have no such thing."""

    async def story(app: AppInProcess) -> None:
        olga = await app.person("operator", "Olga")
        booking, client = await app.booking(olga), InnerClient(app)
        await client.join(ROOM, RESUMING | {"access_token": await app.token(olga)})
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)

        def fail(batch: Batch) -> None:
            raise KeyError(batch.to_seq)

        with monkeypatch.context() as now:
            now.setattr(app.server.fan_out, "publish", fail)
            await app.say(olga, booking, "one")
        await app.say(olga, booking, "two")
        await until(lambda: len(messages(client)) >= 2)
        assert messages(client) == [("one", False), ("two", False)]

    run(tmp_path, story)


def test_that_apps_begin_anew_where_a_commit_fails_on_its_way_to_them(tmp_path: Path) -> None:
    async def story(app: AppInProcess) -> None:
        olga = await app.person("operator", "Olga")
        client = InnerClient(app)
        await client.join(ROOM, RESUMING | {"access_token": await app.token(olga)})
        with pytest.raises(msgspec.DecodeError):
            app.server.realtime.publish(batch_of(app, unreadable()))
        assert client.told("phx_error", ROOM) == [{}]

    run(tmp_path, story)


def test_that_apps_begin_anew_where_lines_were_gone_before_they_were_read(tmp_path: Path) -> None:
    async def story(app: AppInProcess) -> None:
        olga = await app.person("operator", "Olga")
        client = InnerClient(app)
        await client.join(ROOM, RESUMING | {"access_token": await app.token(olga)})
        later = batch_of(app, said(1, facts()), said(1, facts()))
        app.publish(msgspec.structs.replace(later, from_seq=later.to_seq, changes=later.changes[1:]))
        await until(lambda: client.told("phx_error", ROOM))

    run(tmp_path, story)


def test_that_a_heartbeat_between_a_commit_and_its_telling_does_not_count_it_as_had(tmp_path: Path) -> None:
    async def story(app: AppInProcess) -> None:
        olga = await app.person("operator", "Olga")
        token, booking, client = await app.token(olga), await app.booking(olga), InnerClient(app)
        await client.join(ROOM, RESUMING | {"access_token": token})
        app.after_commit = client.beat
        await app.say(olga, booking, "on its way")
        await until(lambda: messages(client))
        client.beat()
        client.lost()
        again = InnerClient(app)
        await again.join(ROOM, RESUMING | {"access_token": token})
        await until(lambda: len(again.told("system", ROOM)) >= 2)
        assert messages(again) == [("on its way", True)]

    run(tmp_path, story)


@pytest.mark.expects_errors
def test_that_an_app_whose_missed_changes_cannot_be_read_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is that fails: a channel left as it is would be told nothing more, and look alive."""

    async def story(app: AppInProcess) -> None:
        olga = await app.person("operator", "Olga")
        token, booking = await app.token(olga), await app.booking(olga)
        first, second = InnerClient(app), InnerClient(app)
        await first.join(ROOM, RESUMING | {"access_token": token})
        first.lost()
        await app.say(olga, booking, "missed")

        async def damaged(job: Any) -> Any:
            raise sqlite3.DatabaseError("database disk image is malformed")

        with monkeypatch.context() as now:
            now.setattr(app.server.store, "read", damaged)
            await second.join(ROOM, RESUMING | {"access_token": token})
            await until(lambda: second.told("phx_error", ROOM), seconds=2)

    run(tmp_path, story)
