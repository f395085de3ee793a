"""The migrations lead to the tables that the program describes, and the triggers are put right at every start."""

import contextlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from contract.actors import Actor
from contract.ids import new_id
from server.store.database import connect
from server.store.link import Link
from server.store.migrate import STEPS, is_current, migrate
from server.store.migration_steps import config_for
from server.store.tables import metadata
from tests.support.engines import at_a_prompt, settings_for
from tests.support.writing_desk import WritingDesk


def test_that_a_test_stands_on_the_engine_that_it_is_named_after(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Without its asking for one: as nearly all tests here do not."""
    with fresh(tmp_path) as link:
        assert request.node.name.endswith(f"[{link.dialect}]")


@pytest.mark.empty_database
def test_that_the_migrated_database_is_the_one_described(tmp_path: Path) -> None:
    with fresh(tmp_path) as link:
        assert not is_current(link)
        migrate(link)
        context = MigrationContext.configure(link.queries, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert is_current(link)


def test_that_the_steps_known_without_alembic_are_alembics(tmp_path: Path) -> None:
    with fresh(tmp_path) as link:
        steps = ScriptDirectory.from_config(config_for(link.queries)).walk_revisions("base", "heads")
        assert [step.revision for step in steps] == list(reversed(STEPS))


def test_that_a_server_starts_without_alembic_where_there_is_nothing_to_migrate(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        url = repr(desk.settings.url)
    program = (
        "import sys; from pathlib import Path; from server.store.settings import StoreSettings;"
        f"from server.store.store import Store; Store.open(StoreSettings(Path({str(tmp_path)!r}), {url})).close();"
        "sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_that_of_several_bids_that_wait_the_newest_stays_and_the_others_are_declined(tmp_path: Path) -> None:
    """In a database of before, where nothing but the server's own care kept a second one out."""
    with WritingDesk(tmp_path) as desk:
        job = desk.booking(Actor(new_id(), "operator", "Olga"), "techcare")
    with fresh(tmp_path) as link:
        bid = "INSERT INTO bids(id,booking_id,technician_id,amount,status,created_at)"
        at_a_prompt(
            settings_for(tmp_path),
            "ALTER TABLE refresh_tokens DROP COLUMN parent_hash",
            "DROP INDEX one_bid_waits",
            "UPDATE alembic_version SET version_num='0007'",
            f"{bid} VALUES('b','{job}','tom',1,'pending','2026-11-21T08:46:37.123Z')",
            f"{bid} VALUES('c','{job}','tom',2,'pending','2026-11-21T08:46:37.123Z')",
            f"{bid} VALUES('a','{job}','tom',3,'pending','2026-11-20T08:46:37.123Z')",
            f"{bid} VALUES('d','{job}','tom',4,'withdrawn','2026-11-22T08:46:37.123Z')",
            f"{bid} VALUES('e','{job}','tim',5,'pending','2026-11-20T08:46:37.123Z')",
        )
        migrate(link)
        found = link.execute("SELECT id,status FROM bids ORDER BY id").fetchall()
        assert [" ".join(row) for row in found] == ["a declined", "b declined", "c pending", "d withdrawn", "e pending"]
        told = link.execute("SELECT row_id FROM changes WHERE op='update' AND \"table\"='bids' ORDER BY row_id")
        assert [row[0] for row in told.fetchall()] == ["a", "b"], "every screen hears of it"


@pytest.mark.sqlite
def test_that_the_migrated_tables_have_the_words_of_the_description(tmp_path: Path) -> None:
    with fresh(tmp_path) as migrated, fresh(tmp_path / "described") as made:
        migrate(migrated)
        metadata.create_all(made.queries)
        assert described(migrated) == described(made)


def test_that_triggers_dropped_or_changed_by_hand_are_back_after_a_start(tmp_path: Path, engine: str) -> None:
    with fresh(tmp_path) as link:
        migrate(link)
        at_a_prompt(settings_for(tmp_path), *MEDDLING[engine])
        assert link.wrong_triggers()
        migrate(link)
        assert link.wrong_triggers() == []


MEDDLING = {
    "sqlite": (
        "DROP TRIGGER messages_inserted",
        "DROP TRIGGER bookings_updated",
        "CREATE TRIGGER bookings_updated AFTER UPDATE ON bookings BEGIN SELECT 1; END",
        "CREATE TRIGGER stray AFTER UPDATE ON bookings BEGIN SELECT 1; END",
    ),
    "postgresql": (
        "DROP TRIGGER messages_written ON messages",
        "ALTER TABLE bookings DISABLE TRIGGER bookings_updated",
        "CREATE OR REPLACE FUNCTION feed_of_receipts() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    ),
}


@contextlib.contextmanager
def fresh(folder: Path):
    folder.mkdir(exist_ok=True)
    with contextlib.closing(connect(settings_for(folder))) as link:
        yield link


def described(link: Link) -> list[str]:
    """Every table's and index's own words but alembic's: defaults and options count, the order of constraints not."""
    rows = link.execute("SELECT sql FROM sqlite_schema WHERE type IN ('table','index') AND sql IS NOT NULL")
    texts = [str(row[0]) for row in rows.fetchall()]
    own = (text for text in texts if "alembic_version" not in text and "sqlite_sequence" not in text)
    return sorted(" ".join(sorted(re.sub(r"[\s,()]+", " ", text).split())) for text in own)
