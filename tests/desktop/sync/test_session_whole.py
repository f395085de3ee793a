"""A name and its tokens are kept together or not at all, and never is one person's work sent under another's name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.network.errors import NotSignedIn
from desktop.store.errors import DiskFull
from desktop.store.outbox_file import OUTBOX_FILE
from desktop.store.profile import Profile
from desktop.store.sqlcipher import connect, transaction
from desktop.sync.saved_session import SavedSession
from desktop.sync.session import Session
from tests.support.answering_server import LIFE, AnsweringServer, answer, refusal, session_of
from tests.support.desk_builders import fresh_profile


class FillsUp:
    """The outbox file's connection, on a disk that takes no more from its `at`-th commit on."""

    def __init__(self, profile: Profile, at: int) -> None:
        self._file: Any = profile.outbox.facts._connection
        self._left = at
        profile.outbox.facts._connection = self  # type: ignore[assignment] # as far as transaction() uses one

    @property
    def in_transaction(self) -> bool:
        return bool(self._file.in_transaction)

    def execute(self, statement: str, *values: Any) -> Any:
        if statement == "COMMIT":
            self._left -= 1
            if self._left <= 0:
                raise DiskFull("database or disk is full")
        return self._file.execute(statement, *values)


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Profile]:
    opened = fresh_profile(tmp_path)
    yield opened
    opened.close()


def whole(profile: Profile, session: Session) -> tuple[str | None, str | None]:
    """(person, access token), which must be the same here, on disk and of the outbox."""
    me, tokens = SavedSession(profile.outbox.facts).read()
    assert (me, tokens) == (session.me, session._tokens)
    found = (me.user_id if me else None, tokens.access if tokens else None)
    assert profile.outbox.author_id == (found[0] or "")
    return found


@pytest.mark.parametrize(("commits", "who"), [(1, ("anna", "old")), (2, ("ben", "T-ben"))])
def test_that_a_sign_in_is_kept_whole_or_not_at_all(profile: Profile, commits: int, who: tuple[str, str]) -> None:
    server = AnsweringServer(profile, password=answer(200, session_of("ben")))

    async def use(session: Session) -> None:
        FillsUp(profile, commits)
        try:
            await session.sign_in("ben@desk.example", "secret")
        except DiskFull:
            assert who == ("anna", "old")
        assert whole(profile, session) == who

    server.live(use)


@pytest.mark.parametrize(("commits", "who"), [(1, ("anna", "old")), (2, (None, None))])
def test_that_a_sign_out_is_kept_whole_or_not_at_all(
    profile: Profile, commits: int, who: tuple[str | None, str | None]
) -> None:
    server = AnsweringServer(profile, logout=answer(204, b""))

    async def use(session: Session) -> None:
        FillsUp(profile, commits)
        try:
            session.sign_out(force=True)
        except DiskFull:
            assert server.asked == []
            assert who == ("anna", "old")
        assert whole(profile, session) == who

    server.live(use)


def test_that_new_tokens_that_cannot_be_kept_are_asked_for_again(profile: Profile) -> None:
    server = AnsweringServer(profile, refresh_token=answer(200, session_of("anna")))

    async def use(session: Session) -> None:
        there = profile.outbox.facts._connection
        FillsUp(profile, 1)
        with pytest.raises(DiskFull):
            await session.renew("old")
        assert whole(profile, session) == ("anna", "old")
        profile.outbox.facts._connection = there
        assert await session.renew("old") == "T-anna"
        assert whole(profile, session) == ("anna", "T-anna")

    server.live(use)


def test_that_a_full_disk_leaves_a_token_in_use_that_is_still_good(profile: Profile) -> None:
    server = AnsweringServer(profile, refresh_token=answer(200, session_of("anna")))

    async def use(session: Session) -> None:
        FillsUp(profile, 1)
        assert await session.token() == "old"

    server.live(use, age=85.0)


def test_that_tokens_without_a_person_are_nobodys(profile: Profile) -> None:
    async def use(session: Session) -> None:
        profile.outbox.facts.put("me", None)
        assert SavedSession(profile.outbox.facts).read() == (None, None)

    AnsweringServer(profile).live(use)


@pytest.mark.parametrize("anew", [False, True])
def test_that_tokens_that_come_back_as_another_persons_end_the_session(profile: Profile, *, anew: bool) -> None:
    bens = answer(200, session_of("ben"))
    renewed = {"refresh_token": refusal(400, "invalid_grant"), "password": bens} if anew else {"refresh_token": bens}

    async def use(session: Session) -> None:
        with pytest.raises(NotSignedIn):
            await session.renew("old")
        assert whole(profile, session) == ("anna", None)

    AnsweringServer(profile, **renewed).live(use, alone=anew)


def test_that_a_server_that_takes_the_token_for_another_persons_ends_the_session(profile: Profile) -> None:
    async def use(session: Session) -> None:
        session.refresh_me({"id": "anna", "name": "Anna Ahmad"}, "old")
        assert session.me is not None
        assert session.me.name == "Anna Ahmad"
        with pytest.raises(NotSignedIn):
            session.refresh_me({"id": "ben", "name": "Ben"}, "older")
        assert whole(profile, session) == ("anna", "old"), "what was said of an earlier token ends nothing"
        with pytest.raises(NotSignedIn):
            session.refresh_me({"id": "ben", "name": "Ben"}, "old")
        assert whole(profile, session) == ("anna", None)

    AnsweringServer(profile).live(use)


def test_that_what_one_person_is_answered_is_not_anothers_to_hear(profile: Profile) -> None:
    server = AnsweringServer(profile, password=answer(200, session_of("ben")))

    async def use(session: Session) -> None:
        async def ask(token: str) -> str:
            await session.sign_in("ben@desk.example", "secret")
            return "what Anna may know"

        with pytest.raises(NotSignedIn):
            await session.authorised(ask)
        assert whole(profile, session) == ("ben", "T-ben")

    server.live(use, age=1.0)


def test_that_a_good_token_serves_while_another_program_holds_the_outbox(profile: Profile) -> None:
    server = AnsweringServer(profile, refresh_token=answer(200, session_of("anna")))

    async def use(session: Session) -> None:
        profile.outbox.facts._connection.execute("PRAGMA busy_timeout = 0")
        scanner = connect(profile.directory / OUTBOX_FILE, profile.key, durable=True)
        with transaction(scanner):
            assert await session.token() == "old"
        scanner.close()
        assert await session.token() == "T-anna"

    server.live(use, LIFE * 0.9)
