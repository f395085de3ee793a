"""What ends a session and what does not: only the server's own word, never what something on the way says."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.network.errors import NotSignedIn, Unreachable
from desktop.store.profile import Profile
from desktop.sync.saved_session import SavedSession
from desktop.sync.session import BREATHER, Session
from tests.support.answering_server import AnsweringServer, answer, refusal, session_of
from tests.support.desk_builders import fresh_profile

PAGE = b"<html>Welcome, guest. Please sign in to our network.</html>"
NO_END = {
    "a redirection to a portal": answer(302, b""),
    "a portal's page": answer(200, PAGE),
    "nothing at all": answer(200, b""),
    "a page not found": answer(404, PAGE),
    "a method not allowed": answer(405, PAGE),
    "a page forbidden": answer(403, PAGE),
    "a bad request": answer(400, PAGE),
    "a proxy that wants to know who": answer(401, PAGE),
    "a gateway's own JSON": answer(404, {"message": "no Route matched with those values"}),
    "another program's answer": answer(200, {"status": "ok"}),
    "our server, that has no such door": refusal(404, "not_found"),
    "our server, that forbids it": refusal(403, "forbidden"),
    "our server, that does not understand": refusal(422, "invalid_payload"),
    "our server, that is tired": refusal(503, "unavailable"),
}


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Profile]:
    opened = fresh_profile(tmp_path)
    yield opened
    opened.close()


def kept(profile: Profile) -> tuple[str | None, str | None, str | None]:
    """(person, access token, device) on disk."""
    me, tokens = SavedSession(profile.outbox.facts).read()
    return me.user_id if me else None, tokens.access if tokens else None, profile.outbox.facts.get("device_id")


@pytest.mark.parametrize("said", list(NO_END))
def test_that_no_answer_but_the_servers_own_word_ends_a_session(profile: Profile, said: str) -> None:
    server = AnsweringServer(profile, refresh_token=NO_END[said])
    device = profile.outbox.facts.renew_device()

    async def use(session: Session) -> None:
        with pytest.raises(Unreachable):
            await session.renew("old")
        with pytest.raises(Unreachable):
            await session.renew("old")
        assert len(server.asked) == 1, "asked again at once"
        assert session.signed_in
        assert kept(profile) == ("anna", "old", device)
        server.now += BREATHER
        server.replies["refresh_token"] = answer(200, session_of("anna"))
        assert await session.renew("old") == "T-anna"
        assert kept(profile) == ("anna", "T-anna", device)

    server.live(use)


def test_that_the_servers_word_ends_a_session_here_and_on_disk_and_makes_it_another_device(profile: Profile) -> None:
    server = AnsweringServer(profile, refresh_token=refusal(400, "invalid_grant"))
    device = profile.outbox.facts.renew_device()

    async def use(session: Session) -> None:
        with pytest.raises(NotSignedIn):
            await session.renew("old")
        assert not session.signed_in
        assert session.me is not None
        assert kept(profile)[:2] == ("anna", None)
        assert kept(profile)[2] != device

    server.live(use)


@pytest.mark.parametrize("said", ["a portal's page", "another program's answer", "a page not found"])
def test_that_who_may_sign_in_alone_does_so_once_nothing_stands_between(profile: Profile, said: str) -> None:
    server = AnsweringServer(profile, refresh_token=refusal(400, "invalid_grant"), password=NO_END[said])

    async def use(session: Session) -> None:
        with pytest.raises(Unreachable):
            await session.renew("old")
        assert kept(profile)[:2] == ("anna", "old")
        server.now += BREATHER
        server.replies["password"] = answer(200, session_of("anna"))
        assert await session.renew("old") == "T-anna"

    server.live(use, alone=True)


def test_that_a_password_that_is_not_taken_any_more_ends_the_session(profile: Profile) -> None:
    said = {"refresh_token": refusal(400, "invalid_grant"), "password": refusal(400, "invalid_credentials")}

    async def use(session: Session) -> None:
        with pytest.raises(NotSignedIn):
            await session.renew("old")
        assert kept(profile)[:2] == ("anna", None)

    AnsweringServer(profile, **said).live(use, alone=True)


@pytest.mark.parametrize("said", ["a portal's page", "another program's answer", "a page not found"])
def test_that_the_keeping_fresh_goes_on_whatever_it_is_answered(profile: Profile, said: str) -> None:
    server = AnsweringServer(profile, refresh_token=refusal(400, "invalid_grant"), password=NO_END[said])

    async def use(session: Session) -> None:
        keeping = asyncio.ensure_future(session.keep_fresh())
        while len(server.asked) < 2:
            await asyncio.sleep(0.01)
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert not keeping.done()
        assert session.signed_in
        keeping.cancel()

    server.live(use, alone=True)


def test_that_the_settings_do_not_undo_a_sign_out(profile: Profile) -> None:
    server = AnsweringServer(profile, logout=answer(204, b""), password=answer(200, session_of("anna")))

    async def use(session: Session) -> None:
        assert session.may_sign_in_alone
        session.sign_out(force=True)
        assert not session.may_sign_in_alone
        await session.sign_in_alone()
        assert kept(profile)[:2] == (None, None)

    server.live(use, alone=True)


def test_that_the_settings_answer_comes_too_late_for_whoever_has_signed_in_meanwhile(profile: Profile) -> None:
    server = AnsweringServer(profile, password=answer(200, session_of("ben")))

    async def use(session: Session) -> None:
        await session.sign_in("ben@desk.example", "secret")
        server.replies["password"] = answer(200, session_of("anna"))
        await session.sign_in_alone()
        assert kept(profile)[:2] == ("ben", "T-ben")

    server.live(use, alone=True)
