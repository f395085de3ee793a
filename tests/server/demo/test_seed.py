"""The demo's data: made once, however often the server is started with it, and never over what was done since."""

import asyncio
from pathlib import Path

import msgspec
import sqlalchemy as sa

from server.demo.seed import DemoData, seed_demo
from server.store.tables import bookings, messages, profiles, status_history
from server.store.transactions import WriteTx
from tests.support.open_store import open_store
from tests.support.writing_desk import load_workflows

DATA = msgspec.yaml.decode(Path("resources/demo/bookings.yaml").read_bytes(), type=DemoData)


def counted(tx: WriteTx) -> list[int]:
    tables = (profiles, bookings, messages, status_history)
    return [len(tx.rows(sa.select(table))) for table in tables]


def test_that_seeding_again_makes_nothing_twice_and_undoes_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_store(tmp_path) as (store, batches):
            assert await seed_demo(store, load_workflows(), DATA) == len(DATA.bookings)
            there = await store.write(counted)
            assert all(there)
            await store.write(lambda tx: tx.execute(sa.update(profiles).values(name="Renamed")) and None)
            commits = len(batches)
            assert await seed_demo(store, load_workflows(), DATA) == 0
            assert await store.write(counted) == there
            assert batches[commits:] == []

    asyncio.run(story())
