"""The migrations lead to the tables that the program describes, and the triggers are put right at every start."""

import re
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from server.store import sqlite
from server.store.migrate import is_current, migrate
from server.store.settings import StoreSettings
from server.store.tables import metadata


def test_that_the_migrated_database_is_the_one_described(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    assert not is_current(connection)
    migrate(connection)
    context = MigrationContext.configure(sqlite.queries_over(connection), opts={"compare_type": True})
    assert compare_metadata(context, metadata) == []
    assert is_current(connection)
    assert described(connection) == sorted(made_from_description(tmp_path / "described"))
    connection.close()


def test_that_triggers_dropped_or_changed_by_hand_are_back_after_a_start(tmp_path: Path) -> None:
    connection = fresh(tmp_path)
    migrate(connection)
    before = trigger_texts(connection)
    connection.execute("DROP TRIGGER messages_inserted")
    connection.execute("DROP TRIGGER bookings_updated")
    connection.execute("CREATE TRIGGER bookings_updated AFTER UPDATE ON bookings BEGIN SELECT 1; END")
    connection.execute("CREATE TRIGGER stray AFTER UPDATE ON bookings BEGIN SELECT 1; END")
    migrate(connection)
    assert trigger_texts(connection) == before
    connection.close()


def fresh(folder: Path) -> sqlite.Connection:
    folder.mkdir(exist_ok=True)
    settings = StoreSettings(folder)
    return sqlite.connect(settings.database, settings)


def trigger_texts(connection: sqlite.Connection) -> list[tuple[object, ...]]:
    return connection.execute("SELECT name, sql FROM sqlite_schema WHERE type='trigger' ORDER BY name").fetchall()


def described(connection: sqlite.Connection) -> list[str]:
    """Every table's and index's own words but alembic's: defaults and options count, the order of constraints not."""
    rows = connection.execute("SELECT sql FROM sqlite_schema WHERE type IN ('table','index') AND sql IS NOT NULL")
    texts = [str(row[0]) for row in rows.fetchall()]
    own = (text for text in texts if "alembic_version" not in text and "sqlite_sequence" not in text)
    return sorted(" ".join(sorted(re.sub(r"[\s,()]+", " ", text).split())) for text in own)


def made_from_description(folder: Path) -> list[str]:
    connection = fresh(folder)
    metadata.create_all(sqlite.queries_over(connection))
    found = described(connection)
    connection.close()
    return found
