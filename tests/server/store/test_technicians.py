"""A technician's row follows the account, whoever changes it: made, renamed, closed, opened again."""

import contextlib
from pathlib import Path

import pytest
from alembic import command

from server.store.database import connect
from server.store.migrate import migrate
from server.store.migration_steps import config_for
from server.store.tables import technicians
from tests.support.engines import settings_for
from tests.support.writing_desk import WritingDesk


def known(desk: WritingDesk) -> dict[str, bool]:
    """Who is a technician by name, and whether verified."""
    rows = desk.rows(technicians)
    assert all(row["id"] == row["user_id"] for row in rows)
    return {row["name"]: row["is_verified"] for row in rows}


def test_that_every_account_of_a_technician_has_a_row_and_no_other_account_has(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        tom = desk.person("technician", "Tom")
        desk.person("dentist", "Dora")
        assert known(desk) == {"Tom": False}
        desk.by_hand(f"UPDATE profiles SET name='Thomas' WHERE id='{tom.user_id}'")
        assert known(desk) == {"Thomas": False}
        desk.by_hand("UPDATE profiles SET role='technician' WHERE name='Dora'")
        assert known(desk) == {"Thomas": False, "Dora": False}
        told = [(change.op, change.row_id) for change in desk.changes() if change.table == "technicians"]
        assert [op for op, _ in told] == ["insert", "update", "insert"]
        desk.by_hand("DELETE FROM profiles")
        assert known(desk) == {}


def test_that_whoever_leaves_is_no_technician_and_comes_back_unverified(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        for leave, back in (
            ("disabled_at='2026-11-21T08:46:37.123Z'", "disabled_at=NULL"),
            ("role='operator'", "role='technician'"),
        ):
            desk.person("technician", "Tom")
            desk.by_hand("UPDATE technicians SET is_verified=true", "UPDATE profiles SET lang='ar'")
            assert known(desk) == {"Tom": True}
            desk.by_hand(f"UPDATE profiles SET {leave}")
            assert known(desk) == {}
            desk.by_hand(f"UPDATE profiles SET {back}")
            assert known(desk) == {"Tom": False}
            desk.by_hand("DELETE FROM profiles")


@pytest.mark.empty_database
def test_that_technicians_of_a_database_made_before_get_their_rows(tmp_path: Path) -> None:
    with contextlib.closing(connect(settings_for(tmp_path))) as link:
        link.begin_write()
        with link.queries.begin():
            command.upgrade(config_for(link.queries), "0002")
            for name, role, gone in (("Tom", "technician", "NULL"), ("Ann", "customer", "NULL"),
                                     ("Tim", "technician", "'2026-11-21T08:46:37.123Z'")):  # fmt: skip
                link.execute(f"INSERT INTO profiles(name,role,disabled_at) VALUES('{name}','{role}',{gone})")
        if link.in_transaction:
            link.commit()
        migrate(link)
        rows = link.execute("SELECT name, is_verified FROM technicians").fetchall()
    assert [(row[0], bool(row[1])) for row in rows] == [("Tom", False)]
