"""What changes while a password is being checked, which takes its time by design, counts when the session is opened."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from contract.errors import Refusal
from server.access import accounts
from server.access.own_account import OwnAccount, Wanted
from server.access.own_words import OwnWords
from server.store.tables import sessions
from tests.support.sign_in_door import PASSWORD, Door, at_the_door, refused

ANN = "ann@x.example"


def when_checked(door: Door, patch: pytest.MonkeyPatch, job: Any) -> None:
    """That job is committed as soon as the next password has been found right."""
    check = door.passwords.check

    async def checked(stored: str | None, password: str) -> bool:
        found = await check(stored, password)
        patch.undo()
        await door.store.write(job)
        return found

    patch.setattr(door.passwords, "check", checked)


@pytest.mark.parametrize("what", ["another password", "closed"])
def test_that_a_password_that_holds_no_more_opens_no_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    async def story(door: Door) -> None:
        user_id = await door.account()

        def change(tx: Any) -> None:
            if what == "closed":
                accounts._close(tx, user_id)
            else:
                accounts.create_account(tx, ANN, "another one's hash", "Ann", "customer")

        when_checked(door, monkeypatch, change)
        assert await refused(door.sign_in.with_password(ANN, PASSWORD)) == "invalid_credentials"
        is_open = sa.select(sa.func.count()).select_from(sessions).where(sessions.c.revoked_at.is_(None))
        assert await door.store.read(lambda tx: tx.value(is_open)) == 0

    at_the_door(tmp_path, story)


def test_that_a_session_ended_meanwhile_changes_no_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(door: Door) -> None:
        await door.account()
        stolen = door.verifier.verify((await door.sign_in.with_password(ANN, PASSWORD)).access_token)
        mine = await door.sign_in.with_password(ANN, PASSWORD)
        when_checked(door, monkeypatch, lambda tx: accounts.revoke(tx, stolen.session_id or ""))
        own = OwnAccount(door.store, door.standing, door.passwords)
        with pytest.raises(Refusal, match="unauthorized"):
            await own.change(stolen, Wanted(None, "blue parrot 7", OwnWords()))
        await door.sign_in.with_refresh_token(mine.refresh_token)

    at_the_door(tmp_path, story)
