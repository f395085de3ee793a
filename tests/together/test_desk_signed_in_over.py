"""Somebody signs in over a session that is live: nothing of the one's reaches the other, neither way."""

import asyncio
from pathlib import Path

import pytest

from desktop.intents.live_desk import LiveDesk
from desktop.network.errors import NotSignedIn, Refused
from tests.support.headless_desk import Hands, at_work, quicker
from tests.support.meddling_proxy import MeddlingProxy
from tests.support.people_made import address
from tests.support.running_server import PASSWORD
from tests.support.small_world import World, world
from tests.support.sync_client import message, press

PATIENT = quicker(heartbeat=60.0, dead_after=60.0, request=60.0)
"""Times by which nothing is taken for dead by itself."""


async def sign_in_over(hands: Hands, name: str) -> "asyncio.Task[None]":
    """Until `name` is who is here; what that brings with it may still be under way."""
    before = hands.me.user_id
    await hands.desk.parts.http.forget_connections()
    signing_in = asyncio.ensure_future(hands.desk.sign_in(address(name), PASSWORD))
    await hands.until(lambda: hands.me.user_id != before)
    return signing_in


def test_that_what_the_old_socket_brought_is_neither_applied_nor_shown_under_the_new_name(
    found: World, booking: str, tmp_path: Path
) -> None:
    async def story() -> None:
        found.do(found.staff, press(booking, "accept"))
        async with at_work(tmp_path, found.link.url, "operator", PATIENT) as hands:
            await hands.live()
            screen, feed, connection = LiveDesk(hands.desk), hands.desk.feed, hands.desk.connection
            await hands.until(lambda: screen.find_booking(booking))
            async with feed._lock:
                reached, old = feed.position, connection.joined
                found.do(found.customer, message(booking, "for the operator's eyes"))
                await hands.until(lambda: feed._lock._waiters)
                found.do(found.customer, message(booking, "and this"))
                await hands.until(lambda: not connection._inbox.empty())
                pulling = asyncio.ensure_future(feed.pull())
                signing_in = await sign_in_over(hands, "technician")
                shown: list[str | None] = [screen.find_booking(booking)]
                hands.desk.changes.listen(
                    bookings=lambda _: shown.append(screen.find_booking(booking)), conversation=shown.append
                )
                assert connection.joined is None
                assert hands.desk.link.phase != "live"
                assert feed.position == reached
            with pytest.raises(NotSignedIn):
                await pulling
            await signing_in
            await hands.live()
            assert connection.joined not in {None, old}
            await hands.until(lambda: hands.desk.link.cursor == found.head())
            assert set(shown) == {None}
            assert hands.desk.reader.find_booking(booking) is None
            assert hands.desk.sight == hands.me

    asyncio.run(story())


def test_that_an_operation_on_the_old_socket_is_unanswered_and_goes_out_in_its_authors_name_alone(
    found: World, booking: str, tmp_path: Path
) -> None:
    async def story() -> None:
        async with at_work(tmp_path, found.link.url, "operator", PATIENT) as hands:
            await hands.live()
            await hands.until(lambda: hands.desk.reader.find_booking(booking))
            found.link.strand()
            mine = hands.write(booking, "the operator's own")
            await hands.until(lambda: hands.desk.outbox.state_of(mine) == "sending")
            await (await sign_in_over(hands, "second"))
            await hands.until(lambda: hands.desk.outbox.state_of(mine) == "queued")
            await hands.live()
            hands.write(booking, "the second's own")
            await hands.sent()
            assert hands.desk.outbox.state_of(mine) == "queued"
            await (await sign_in_over(hands, "operator"))
            await hands.sent()
            said = [(row["message"], row["sender_id"]) for row in found.rows("messages", booking)]
            operator, second = found.ids["operator"], found.ids["second"]
            assert said[-2:] == [("the second's own", second), ("the operator's own", operator)]
            assert len(said) == len(set(said))

    asyncio.run(story())


def test_that_the_same_person_signing_in_anew_gets_a_socket_of_the_new_session(
    found: World, booking: str, tmp_path: Path
) -> None:
    async def story() -> None:
        async with at_work(tmp_path, found.link.url, "operator", PATIENT) as hands:
            await hands.live()
            old = hands.desk.connection.joined
            await hands.desk.sign_in(address("operator"), PASSWORD)
            assert hands.desk.connection.joined is not old
            await hands.live()
            hands.write(booking, "still here")
            await hands.sent()
            await hands.until(lambda: hands.texts(booking) == ["still here"])

    asyncio.run(story())


def test_that_the_session_signed_in_over_is_nobodys_to_use_any_more(found: World, tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path, found.link.url, "operator", PATIENT) as hands:
            await hands.live()
            session, http = hands.desk.session, hands.desk.parts.http
            assert session._tokens is not None
            old = session._tokens
            await hands.desk.sign_in(address("second"), PASSWORD)
            with pytest.raises(Refused, match="refresh"):
                await http.refresh(old.refresh)
            with pytest.raises(NotSignedIn):
                await http.me(old.access)
            await http.me(await session.token())

    asyncio.run(story())


def test_that_what_was_polled_for_one_person_is_no_evidence_for_the_next(found: World, tmp_path: Path) -> None:
    async def story() -> None:
        async with MeddlingProxy(found.server.url) as proxy:
            proxy.no_sockets = True
            async with at_work(tmp_path, proxy.url, "operator") as hands:
                await hands.until(lambda: hands.desk.link.phase == "polling")
                said: list[tuple[str, bool]] = []
                hands.desk.changes.listen(
                    link=lambda link: said.append((link.phase, hands.desk.feed.position.epoch is None))
                )
                await hands.desk.sign_in(address("second"), PASSWORD)
                await hands.until(lambda: hands.desk.link.phase == "polling")
                assert hands.desk.sight == hands.me
                assert ("polling", True) not in said
                assert any(phase != "polling" for phase, _ in said)

    asyncio.run(story())


def test_that_what_a_restored_server_has_lost_of_someones_comes_before_what_they_left_unsent(tmp_path: Path) -> None:
    async def story(found: World) -> None:
        async with at_work(tmp_path / "p", found.server.url, "operator") as hands:
            await hands.live()
            await hands.until(lambda: hands.desk.reader.find_booking(found.booking))
            found.server.command("backup", str(tmp_path / "backup"))
            hands.write(found.booking, "first")
            await hands.sent()
            hands.desk.set_work_offline(True)
            hands.write(found.booking, "second")
            await asyncio.to_thread(found.server.stop)
            found.server.command("restore", str(tmp_path / "backup"))
            await asyncio.to_thread(found.server.start)
            await hands.desk.sign_in(address("second"), PASSWORD)
            hands.desk.set_work_offline(False)
            await hands.live()
            assert found.texts() == []
            await hands.desk.sign_in(address("operator"), PASSWORD)
            await hands.until(lambda: len(found.texts()) == 2)
            assert found.texts() == ["first", "second"]

    with world(tmp_path) as found:
        asyncio.run(story(found))
