"""The snapshot: everything somebody may see, as of one moment, in lines that show when the end is missing."""

import asyncio
import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.actors import Actor
from server.access.visibility import Visibility
from server.doors.sync.snapshot import Snapshots
from server.doors.sync.spool import CHUNK, Cut, Spool
from server.store.store import Store
from tests.support.engines import settings_for
from tests.support.people_made import address, change_departments
from tests.support.running_server import RunningServer
from tests.support.sync_client import Operator, SyncClient, message, press


def taken(person: Operator, encoding: str = "gzip") -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """The head, and the rows by table; an AssertionError where the snapshot contradicts itself."""
    with person.http.stream("GET", "/sync/v1/snapshot", headers={"Accept-Encoding": encoding}) as answer:
        assert answer.status_code == 200
        lines = [json.loads(line) for line in answer.iter_lines() if line]
    head, *parts, end = lines
    tables: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        assert len(part["rows"]) <= 500
        tables.setdefault(part["table"], []).extend(part["rows"])
    assert end == {"end": True, "rows": sum(map(len, tables.values()))}
    return head, tables


@pytest.fixture(scope="module")
def worked_on(server: RunningServer) -> Iterator[dict[str, str]]:
    """Bookings by name, with what people said."""
    with (
        Operator(server, address("ann")) as ann,
        Operator(server, address("bea")) as bea,
        Operator(server, address("olga")) as olga,
    ):
        made = {"of_ann": ann.new_booking(), "of_bea": bea.new_booking(), "job": bea.new_booking("techcare")}
        ann.post_ops(*[message(made["of_ann"], f"line {number}") for number in range(40)])
        olga.do(message(made["of_ann"], "between us", kind="note"))
        olga.do(press(made["of_bea"], "accept"))
        closed = made["closed"] = ann.new_booking()
        ann.post_ops(*[message(closed, f"line {number}") for number in range(40)])
        olga.do(press(closed, "cancel", {"reason": "tried out"}))
        yield made


def test_that_it_holds_what_the_asker_may_see_and_nothing_else(
    server: RunningServer, worked_on: dict[str, str], ann: Operator
) -> None:
    head, tables = taken(ann)
    assert {row["id"] for row in tables["bookings"]} == {worked_on["of_ann"], worked_on["closed"]}
    assert {row["booking_id"] for row in tables["messages"]} <= {worked_on["of_ann"], worked_on["closed"]}
    assert all(row["kind"] != "note" for row in tables["messages"])
    assert [row["id"] for row in tables["profiles"]] == [ann.user_id]
    assert head["counts"]["bookings"] == 2
    with Operator(server, address("tom")) as tom:
        _, offered = taken(tom)
    [job] = offered["bookings"]
    assert job["id"] == worked_on["job"]
    assert job["customer_id"] is None
    assert job["customer_name"] == ""
    assert "messages" not in offered


def test_that_its_rows_are_those_the_feed_tells_of(server: RunningServer, worked_on: dict[str, str]) -> None:
    with Operator(server, address("olga")) as olga:
        _, tables = taken(olga)
        page = olga.http.get(f"/sync/v1/bookings/{worked_on['of_bea']}").json()["tables"]
        for table, rows in page.items():
            kept = {row["id"]: row for row in tables.get(table, [])}
            assert all(kept[row["id"]] == row for row in rows), table


def test_that_open_bookings_come_with_more_of_their_talk_than_closed_ones(
    worked_on: dict[str, str], olga: Operator
) -> None:
    head, tables = taken(olga)
    counts = {
        name: sum(row["booking_id"] == booking for row in tables["messages"]) for name, booking in worked_on.items()
    }
    assert counts["of_ann"] == 42
    assert counts["closed"] == 30
    newest = [row["kind"] for row in tables["messages"] if row["booking_id"] == worked_on["closed"]]
    assert newest[-1] == "system"
    assert {name: len(rows) for name, rows in tables.items()} == {k: v for k, v in head["counts"].items() if v}


def test_that_it_is_the_same_packed_or_not(worked_on: dict[str, str], olga: Operator) -> None:
    assert worked_on
    assert taken(olga, "gzip") == taken(olga, "identity")
    with olga.http.stream("GET", "/sync/v1/snapshot", headers={"Accept-Encoding": "gzip"}) as answer:
        assert gzip.decompress(b"".join(answer.iter_raw())).startswith(b'{"epoch":')


def test_that_the_feed_goes_on_from_where_the_snapshot_was_taken(
    server: RunningServer, worked_on: dict[str, str], ann: Operator, olga: Operator
) -> None:
    head, _ = taken(olga)
    ann.do(message(worked_on["of_ann"], "after the snapshot"))
    with SyncClient(server, olga.token) as desk:
        assert desk.enter(head["epoch"], head["seq"])["mode"] == "delta"
        assert desk.items[-1]["row"]["message"] == "after the snapshot"


def test_that_nobody_whose_rights_changed_is_given_anothers_snapshot_from_before(
    server: RunningServer, ann: Operator, olga: Operator
) -> None:
    booking = ann.new_booking()
    try:
        with Operator(server, address("oleg")) as oleg, SyncClient(server, olga.token) as desk:
            desk.enter_now()
            shared, _ = taken(oleg)
            change_departments(server.data_dir, olga.user_id, '["north"]')
            assert desk.next("bye").payload["reason"] == "reauth"
            ann.do(message(booking, "since"))
            with SyncClient(server, olga.token) as again:
                assert again.enter(shared["epoch"], shared["seq"])["mode"] == "snapshot"
                own, tables = taken(olga)
                assert own["seq"] > shared["seq"]
                assert "since" in {row["message"] for row in tables["messages"]}
                assert again.enter(own["epoch"], own["seq"])["mode"] == "delta"
    finally:
        change_departments(server.data_dir, olga.user_id, "[]")


def test_that_desks_that_come_back_as_one_share_one_snapshot(tmp_path: Path) -> None:
    async def go() -> None:
        loop = asyncio.get_running_loop()
        store = Store.open(settings_for(tmp_path))
        store.start(loop, lambda batch: None)
        begun: list[asyncio.Task[None]] = []
        snapshots = Snapshots(store, Visibility({}), {}, tmp_path, lambda task: begun.append(loop.create_task(task)))

        async def take(number: int) -> bytes:
            actor = Actor(f"o{number}", "operator", "Someone")
            return b"".join([chunk async for chunk in snapshots.take(actor, packed=False)])

        try:
            one, *others = await asyncio.gather(*map(take, range(20)))
        finally:
            store.close()
        assert one.endswith(b'"rows":0}\n')
        assert set(others) == {one}
        assert len(begun) == 1

    asyncio.run(go())


def test_that_several_read_one_spool_at_their_own_speed(tmp_path: Path) -> None:
    async def go() -> None:
        spool = Spool(tmp_path, asyncio.get_running_loop())
        lines = [b"%d," % number * 1000 for number in range(400)]

        async def read(packed: bool) -> bytes:
            return b"".join([chunk async for chunk in spool.chunks(packed=packed)])

        def write() -> None:
            for line in lines:
                spool.write(line)
            spool.end(failed=False)

        plain, packed, _ = await asyncio.gather(read(False), read(True), asyncio.to_thread(write))
        assert plain == gzip.decompress(packed) == b"".join(lines)

    asyncio.run(go())
    assert list(tmp_path.iterdir()) == []


def test_that_a_spool_whose_writer_failed_is_no_whole(tmp_path: Path) -> None:
    async def go() -> None:
        spool = Spool(tmp_path, asyncio.get_running_loop())
        spool.write(b"x" * 2 * CHUNK)
        spool.end(failed=True)
        with pytest.raises(Cut):
            async for _ in spool.chunks(packed=True):
                pass

    asyncio.run(go())


def test_that_a_spool_whose_last_piece_finds_no_room_is_no_whole_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    async def go() -> None:
        spool = Spool(tmp_path, asyncio.get_running_loop())
        spool.write(b"a small snapshot is written at its end, all of it")
        (tmp_path / "shut").touch()
        spool._file = os.open(tmp_path / "shut", os.O_RDONLY)
        with pytest.raises(OSError, match="Bad file descriptor"):
            spool.end(failed=False)
        with pytest.raises(Cut):
            async with asyncio.timeout(2):
                async for _ in spool.chunks(packed=True):
                    pass

    asyncio.run(go())
