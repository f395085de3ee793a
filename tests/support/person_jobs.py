"""Jobs of the store's writer that put one person into the database."""

from typing import Any

import sqlalchemy as sa

from contract.ids import new_id
from server.store.tables import profiles
from server.store.transactions import WriteTx


def person(name: str) -> Any:
    """A job that writes one row and answers with its name."""

    def job(tx: WriteTx) -> str:
        tx.execute(sa.insert(profiles).values(id=new_id(), name=name, role="customer"))
        return name

    return job


def failing(name: str) -> Any:
    """A job that writes one row and then fails."""

    def job(tx: WriteTx) -> None:
        person(name)(tx)
        raise KeyError(name)

    return job
