"""Brings a database to the shape this program knows: alembic's steps, then the feed's triggers as they should be."""

from pathlib import Path

import sqlalchemy as sa

from server.store.link import Link
from server.store.settings import StoreUnusable

STEPS = tuple(
    sorted(path.stem.split("_")[1] for path in (Path(__file__).parent / "migrations" / "versions").glob("step_*.py"))
)
"""The shapes a database has had, by their files' names, oldest first."""


def migrate(link: Link) -> None:
    """Runs what is missing, all of it or nothing; raises StoreUnusable for a database from a newer program or of
    another one, and where servers of an older program still run on it."""
    # Alembic leaves a transaction alone that SQLAlchemy knows of; its end is the driver's COMMIT or ROLLBACK.
    link.begin_write()
    try:
        with link.queries.begin():
            if _present_step(link) != STEPS[-1]:
                require_known(link)
                if not link.claim_alone():
                    raise StoreUnusable(
                        "This database has an older shape, and servers run on it. Stop them all, then start again."
                    )
                from server.store.migration_steps import run_to_newest  # noqa: PLC0415  (see there)

                run_to_newest(link.queries)
            link.put_triggers()
        if link.in_transaction:
            link.commit()
    finally:
        link.roll_back()


def is_current(link: Link) -> bool:
    """Whether nothing is to be done."""
    try:
        return _present_step(link) == STEPS[-1]
    finally:
        link.queries.rollback()  # SQLAlchemy thinks itself in a transaction since it looked


def _tables(link: Link) -> set[str]:
    return set(sa.inspect(link.queries).get_table_names())


def _present_step(link: Link) -> str | None:
    if "alembic_version" not in _tables(link):
        return None
    row = link.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def is_ours(link: Link) -> bool:
    """Whether some version of this program made it."""
    return _present_step(link) is not None


def require_known(link: Link) -> None:
    """Raises StoreUnusable for a database from a newer program or of another one; an empty one is fine."""
    present = _present_step(link)
    if present is None and _tables(link):
        raise StoreUnusable("This database belongs to another program. Name another --data directory or database.")
    if present is not None and present not in STEPS:
        raise StoreUnusable(
            f"This database was written by a newer Fieldline (its shape is {present})."
            " Install that version or a newer one, or restore a backup made by this one."
        )
