"""Roles and departments changed since a token was issued count at once, whoever changed them."""

import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import sqlcipher3.dbapi2 as sqlite3  # two SQLite libraries in one process do not see each other's locks

from contract.actors import Actor
from contract.errors import Refusal
from contract.ids import new_id
from server.access.accounts import create_account, find_by_email, find_person, start_session
from server.access.signing_key import SigningKey
from server.access.standing import Standing
from server.access.tokens import TokenIssuer, TokenVerifier
from server.store.tables import profiles, sessions
from tests.support.writing_desk import WritingDesk


def changed(desk: WritingDesk, standing: Standing, **values: Any) -> list[str]:
    """Changes everyone's profile; whose sight changed with it."""
    desk.write(lambda tx: tx.execute(sa.update(profiles).values(**values)))
    return standing.apply(desk.batches[-1])


def test_that_a_changed_role_counts_for_tokens_already_issued(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ava = desk.person("agent", "Ava", ("support",))
        standing, key = Standing(), SigningKey.at(tmp_path)
        verifier = TokenVerifier(key, standing)
        token, _ = TokenIssuer(key).issue(ava, None, "session-1")
        assert verifier.verify(token).actor == ava
        assert changed(desk, standing, role="operator") == [ava.user_id]
        assert verifier.verify(token).actor.role == "operator"
        assert changed(desk, standing, departments=["billing"]) == [ava.user_id]
        assert verifier.verify(token).actor.departments == ("billing",)
        assert changed(desk, standing, name="Ava B") == []
        assert verifier.verify(token).actor.name == "Ava B"
        assert changed(desk, standing, disabled_at="2026-11-21T08:46:37.123Z") == [ava.user_id]
        with pytest.raises(Refusal, match="unauthorized"):
            verifier.verify(token)


def test_that_a_deleted_person_is_let_in_no_more(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ava = desk.person("agent", "Ava")
        standing = Standing()
        with sqlite3.connect(desk.settings.database) as other:
            other.execute("DELETE FROM profiles")
        other.close()
        (batch,) = desk.writer.foreign_batch()
        assert standing.apply(batch) == [ava.user_id]
        assert standing.actor(ava) is None


def test_that_a_change_made_before_the_start_counts_after_it(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ava = desk.person("agent", "Ava")
        desk.write(lambda tx: tx.execute(sa.update(profiles).values(role="customer")))
        standing = Standing()
        desk.write(lambda tx: standing.load(tx, time.time_ns() // 1_000_000))
        found = standing.actor(ava)
        assert found is not None
        assert found.role == "customer"
        much_later = Standing()
        desk.write(lambda tx: much_later.load(tx, time.time_ns() // 1_000_000 + 3_700_000))
        assert much_later.actor(ava) == ava


def test_that_setting_an_account_anew_keeps_the_person(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:

        def add(role: Any) -> str:
            return str(desk.write(lambda tx: create_account(tx, "Ava@x.example", "hash", "Ava", role)))

        assert add("agent") == add("operator")
        assert [row["role"] for row in desk.rows(profiles)] == ["operator"]


def test_that_a_customer_who_may_have_signed_up_by_anothers_address_is_never_made_staff(tmp_path: Path) -> None:
    """Nobody has shown a customer's address to be theirs: the owner means somebody else."""
    with WritingDesk(tmp_path) as desk:

        def add(role: Any) -> str:
            return str(desk.write(lambda tx: create_account(tx, "Boss@x.example", "hash", "Boss", role)))

        squatter = add("customer")
        mallory = desk.write(lambda tx: find_person(tx, squatter))
        session = desk.write(lambda tx: start_session(tx, mallory, "password"))
        boss = add("admin")
        assert boss != squatter
        assert {row["id"]: (row["role"], row["disabled_at"] is None) for row in desk.rows(profiles)} == {
            squatter: ("customer", False),
            boss: ("admin", True),
        }
        [ended] = desk.rows(sessions)
        assert (ended["id"], ended["revoked_at"] is not None) == (session.session_id, True)
        found = desk.write(lambda tx: find_by_email(tx, "boss@x.example"))
        assert found[0].actor.user_id == boss


def test_that_who_is_set_anew_is_signed_out_everywhere(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        for _ in range(2):
            user_id = desk.write(lambda tx: create_account(tx, "ann@x.example", "hash", "Ann", "customer"))
            ann = desk.write(lambda tx: find_person(tx, user_id))  # noqa: B023 - called here
            desk.write(lambda tx: start_session(tx, ann, "password"))  # noqa: B023 - called here
        assert [row["revoked_at"] is None for row in desk.rows(sessions)] == [False, True]


@pytest.mark.parametrize("role", ["service", "root", ""])
def test_that_roles_that_nobody_can_have_are_refused(tmp_path: Path, role: Any) -> None:
    with WritingDesk(tmp_path) as desk, pytest.raises(Refusal, match="invalid_payload"):
        desk.write(lambda tx: create_account(tx, None, None, "X", role))


def test_that_someone_never_heard_of_is_as_their_token_says() -> None:
    ava = Actor(new_id(), "agent", "Ava")
    assert Standing().actor(ava) == ava


def test_that_nothing_is_remembered_longer_than_a_token_could_need_it(tmp_path: Path) -> None:
    now = 0.0
    with WritingDesk(tmp_path) as desk:
        ava = desk.person("agent", "Ava")
        desk.write(lambda tx: tx.execute(sa.update(profiles).values(role="customer")))
        standing = Standing(3_600, lambda: now)
        standing.apply(desk.batches[-1])
        standing.end_session("s")
        for later, known in ((3_700.0, True), (7_300.0, False)):
            now = later
            standing.sweep()
            found = standing.actor(ava)
            assert found is not None
            assert (standing.is_ended("s"), found.role == "customer") == (known, known)
