"""What a server finds out before it joins a database: copies, restores, other keys, other programs, older shapes."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.ids import new_id
from server.store.backup import back_up, restore
from server.store.database import connect
from server.store.settings import StoreSettings, StoreUnusable
from server.store.store import Store
from tests.support.running_postgres import RunningPostgres, by_hand


@contextlib.contextmanager
def served(settings: StoreSettings, key_id: str = "the key") -> Iterator[str]:
    """A server's store, open; its epoch."""
    store = Store.open(settings, key_id)
    try:
        yield store.epoch
    finally:
        store.close()


def copy_of(postgres: RunningPostgres, url: str) -> str:
    """What pg_dump and pg_restore would make."""
    name = f"copy_{new_id()[-12:]}"
    postgres.do("postgres", f"CREATE DATABASE {name} TEMPLATE {url.rpartition('/')[2]}")
    return postgres.url(name)


def test_that_all_servers_of_a_database_and_every_next_start_have_one_epoch(
    postgres: RunningPostgres, tmp_path: Path
) -> None:
    url = postgres.fresh_database()
    with served(StoreSettings(tmp_path / "one", url)) as first, served(StoreSettings(tmp_path / "two", url)) as second:
        assert first == second
    with served(StoreSettings(tmp_path / "two", url)) as again:
        assert again == first


def test_that_a_restored_database_gets_a_new_epoch_once_for_all_servers(
    postgres: RunningPostgres, tmp_path: Path
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    url = postgres.fresh_database()
    with served(StoreSettings(one, url)) as before, served(StoreSettings(two, url)):
        pass
    restored = copy_of(postgres, url)
    with served(StoreSettings(one, restored)) as first, served(StoreSettings(two, restored)) as second:
        assert first == second != before
    with served(StoreSettings(tmp_path / "three", restored)) as third:
        assert third == first


@pytest.mark.expects_errors
def test_that_a_database_restored_under_a_running_server_is_not_served_until_that_starts_again(
    postgres: RunningPostgres, tmp_path: Path
) -> None:
    """As after a fail-over: the connection is lost, and what answers at the address then may lack what was told."""
    settings = StoreSettings(tmp_path, postgres.fresh_database())
    name = str(settings.url).rpartition("/")[2]
    with served(settings) as before, served(settings):
        links = [connect(settings), connect(settings, read_only=True)]
        links[0].serve()
        postgres.do(
            "postgres",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname='{name}'",
            f"ALTER DATABASE {name} RENAME TO {name}_old",
            f"CREATE DATABASE {name} TEMPLATE {name}_old",
        )
        for link, begin in zip(links, (links[0].begin_write, links[1].begin_read), strict=True):
            for _ in range(2):
                with pytest.raises(link.driver_errors, match="replaced") as caught:
                    begin()
                refusal = link.refusal_for(caught.value)
                assert refusal is not None
                assert refusal.code == "unavailable"
    with served(settings) as after:
        assert after != before


def test_that_a_database_that_lost_what_was_promised_gets_a_new_epoch(
    postgres: RunningPostgres, tmp_path: Path
) -> None:
    """Put back in place by whatever means: the guard beside the server knows what clients have been told."""
    settings = StoreSettings(tmp_path, postgres.fresh_database())
    by_hand(str(settings.url), "INSERT INTO profiles(name,role) VALUES('Ann','customer')")
    with served(settings) as before:
        pass
    meddle = "SET session_replication_role='replica'"
    by_hand(str(settings.url), f"{meddle}; DELETE FROM changes; DELETE FROM profiles")
    with served(settings) as after:
        assert after != before


def test_that_a_server_that_signs_with_another_key_is_refused_while_others_run(
    postgres: RunningPostgres, tmp_path: Path
) -> None:
    settings = StoreSettings(tmp_path, postgres.fresh_database())
    with served(settings, "one key"):
        with served(settings, "one key"):
            pass
        with pytest.raises(StoreUnusable, match=r"signing_key\.pem"):
            Store.open(settings, "another key")
    with served(settings, "another key"):
        pass


def test_that_tables_change_their_shape_only_while_no_server_runs(postgres: RunningPostgres, tmp_path: Path) -> None:
    settings = StoreSettings(tmp_path, postgres.fresh_database())
    older = ("ALTER TABLE refresh_tokens DROP COLUMN parent_hash", "UPDATE alembic_version SET version_num='0008'")
    with served(settings):
        by_hand(str(settings.url), *older)
        with pytest.raises(StoreUnusable, match="Stop them all"):
            Store.open(settings)
    with served(settings):
        pass


def test_that_another_programs_database_is_left_alone(postgres: RunningPostgres, tmp_path: Path) -> None:
    url = postgres.fresh_database(empty=True)
    by_hand(url, "CREATE TABLE recipes(name text)")
    with pytest.raises(StoreUnusable, match="belongs to another program"):
        Store.open(StoreSettings(tmp_path, url))
    assert by_hand(url, "SELECT tablename FROM pg_tables WHERE schemaname='public'") == [("recipes",)]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://me:geheim@127.0.0.1:1/x", "Is FIELDLINE_DATABASE right"),
        ("postgresql://me:geheim@host:port/x", "cannot be read|cannot be used"),
        ("postgresql://me:geheim@127.0.0.1/x?nonsense=1", "cannot be read"),
    ],
)
def test_that_an_address_that_leads_nowhere_is_said_without_its_password(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(StoreUnusable, match=said) as caught:
        Store.open(StoreSettings(tmp_path, url))
    assert "geheim" not in str(caught.value)


def test_that_a_backup_of_a_database_server_is_refused_with_what_to_use_instead(tmp_path: Path) -> None:
    settings = StoreSettings(tmp_path, "postgresql://me@somewhere/x")
    with pytest.raises(StoreUnusable, match="pg_dump"):
        back_up(settings, tmp_path / "copy")
    with pytest.raises(StoreUnusable, match="pg_restore"):
        restore(settings, tmp_path / "copy", 0)


def test_that_what_a_hand_cannot_undo_is_refused(postgres: RunningPostgres, tmp_path: Path) -> None:
    url = postgres.fresh_database()
    with contextlib.closing(connect(StoreSettings(tmp_path, url))) as link:
        for statement in ("TRUNCATE messages CASCADE", "TRUNCATE changes"):
            with pytest.raises(link.integrity_errors):
                by_hand(url, statement)
