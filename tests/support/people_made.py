"""Accounts made straight in the data folder before its server starts: a command each would take a second each."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import sqlcipher3

from contract.actors import Role
from server.access.accounts import create_account
from server.store.store import Store
from server.store.transactions import WriteTx
from tests.support.engines import settings_for
from tests.support.light_hash import light_hash
from tests.support.running_server import PASSWORD

Standing = tuple[Role, tuple[str, ...]]
"""(role, departments)."""


def address(name: str) -> str:
    return f"{name}@desk.example"


def make_people(folder: Path, people: Mapping[str, Standing]) -> dict[str, str]:
    """Ids by name. `folder` is what running_server is given; everyone's password is PASSWORD."""
    data_dir = folder / "data"
    data_dir.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_make(data_dir, people))


async def _make(data_dir: Path, people: Mapping[str, Standing]) -> dict[str, str]:
    store = Store.open(settings_for(data_dir))
    store.start(asyncio.get_running_loop(), lambda batch: None)
    hashed = light_hash(PASSWORD)

    def job(tx: WriteTx) -> dict[str, str]:
        return {
            name: create_account(tx, address(name), hashed, f"Person {name}", role, departments)
            for name, (role, departments) in people.items()
        }

    try:
        return await store.write(job)
    finally:
        store.close()


def change_departments(data_dir: Path, user_id: str, departments: str) -> None:
    """At a SQL prompt, as an administrator might. `departments`: a JSON list."""
    database = sqlcipher3.connect(str(data_dir / "fieldline.db"))
    with database:
        database.execute("UPDATE profiles SET departments=? WHERE id=?", (departments, user_id))
    database.close()
