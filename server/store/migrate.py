"""Brings a database to the shape this program knows: alembic's steps, then the feed's triggers as they should be."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from server.store import sqlite
from server.store.feed_triggers import triggers
from server.store.settings import StoreUnusable
from server.store.tables import metadata


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata
    return config


def migrate(connection: sqlite.Connection) -> None:
    """Runs what is missing, all of it or nothing; raises StoreUnusable for a database from a newer program or of
    another one."""
    queries = sqlite.queries_over(connection)
    # Alembic leaves a transaction alone that SQLAlchemy knows of; its end is the driver's COMMIT or ROLLBACK.
    with queries.begin():
        connection.execute("BEGIN IMMEDIATE")
        config = _config(queries)
        if _present_step(connection) != _newest_step(config):
            require_known(connection)
            command.upgrade(config, "head")
        _put_triggers(connection)


def is_current(connection: sqlite.Connection) -> bool:
    """Whether nothing is to be done."""
    return _present_step(connection) == _newest_step(_config(sqlite.queries_over(connection)))


def _newest_step(config: Config) -> str | None:
    return ScriptDirectory.from_config(config).get_current_head()


def _tables(connection: sqlite.Connection) -> set[str]:
    rows = connection.execute("SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%'")
    return {str(row[0]) for row in rows.fetchall()}


def _present_step(connection: sqlite.Connection) -> str | None:
    if "alembic_version" not in _tables(connection):
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def is_ours(connection: sqlite.Connection) -> bool:
    """Whether some version of this program made it."""
    return _present_step(connection) is not None


def require_known(connection: sqlite.Connection) -> None:
    """Raises StoreUnusable for a database from a newer program or of another one; an empty one is fine."""
    config = _config(sqlite.queries_over(connection))
    present = _present_step(connection)
    if present is None and _tables(connection):
        raise StoreUnusable("This SQLite database belongs to another program. Name another --data directory.")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if present is not None and present not in known:
        raise StoreUnusable(
            f"This database was written by a newer Fieldline (its shape is {present})."
            " Install that version or a newer one, or restore a backup made by this one."
        )


def _put_triggers(connection: sqlite.Connection) -> None:
    """Triggers follow the tables' description and are no step of their own: wrong and missing ones are made anew."""
    wanted = triggers()
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type='trigger'").fetchall()
    present = {str(name): str(text) for name, text in rows}
    for name in present.keys() - wanted.keys():
        connection.execute(f'DROP TRIGGER "{name}"')
    for name, text in wanted.items():
        if present.get(name) != text:
            connection.execute(f'DROP TRIGGER IF EXISTS "{name}"')
            connection.execute(text)
