"""A session through what stands between desk and server, and tokens that turn out to be another person's."""

import asyncio

import pytest

from desktop.sync.saved_session import SavedSession, Tokens
from tests.support.headless_desk import Hands, at_work
from tests.support.meddling_proxy import MeddlingProxy
from tests.support.people_made import address
from tests.support.running_server import PASSWORD
from tests.support.small_world import World, world


def age_tokens(hands: Hands) -> None:
    """Makes the desk's access token one that it takes for run out."""
    session = hands.desk.session
    assert session._tokens is not None
    session._tokens = Tokens(session._tokens.access, session._tokens.refresh, 0.0, 3600.0)


def test_that_a_desk_behind_a_networks_sign_in_page_stays_signed_in_and_sends_everything_once_it_is_past_it(tmp_path):
    async def story(found: World) -> None:
        async with MeddlingProxy(found.server.url) as proxy:
            async with at_work(tmp_path / "p", proxy.url) as hands:
                await hands.live()
            async with at_work(tmp_path / "p", proxy.url, None) as hands:
                await hands.live()
                proxy.no_sockets = True
                proxy.break_all()
                await hands.until(lambda: hands.desk.link.phase == "polling")
                proxy.portal = True
                for number in range(3):
                    hands.write(found.booking, f"line {number}")
                hands.desk.try_now()
                await hands.until(lambda: proxy.stopped_at_portal["/sync/v1/ops"])
                age_tokens(hands)
                await hands.until(lambda: proxy.stopped_at_portal["/auth/v1/token"] > 1)
                assert hands.desk.session.signed_in
                assert hands.desk.outbox.counts().queued == 3
                await hands.until(lambda: hands.desk.link.phase in {"reconnecting", "offline"})
                proxy.portal = False
                await hands.sent()
                assert found.texts() == [f"line {number}" for number in range(3)]
                assert hands.desk.outbox.counts().failed == 0
                assert "contract_broken" not in dict(hands.notices)

    with world(tmp_path) as found:
        asyncio.run(story(found))


@pytest.mark.parametrize("sockets", [True, False])
def test_that_nothing_of_one_persons_goes_out_by_tokens_that_are_anothers(tmp_path, *, sockets: bool):
    async def story(found: World) -> None:
        async with MeddlingProxy(found.server.url) as proxy:
            async with at_work(tmp_path / "p", proxy.url, "operator") as hands:
                await hands.live()
                hands.desk.set_work_offline(True)
                hands.write(found.booking, "Anna's own words")
                saved = SavedSession(hands.desk.outbox.facts)
                other = await hands.desk.parts.http.sign_in(address("second"), PASSWORD)
                # As a crash between two commits once left it: one person's name, the tokens of who came next.
                saved.write(saved.read()[0], hands.desk.session._tokens_of(other))
            proxy.no_sockets = not sockets
            async with at_work(tmp_path / "p", proxy.url, None) as hands:
                assert hands.desk.session.signed_in
                await hands.until(lambda: not hands.desk.session.signed_in)
                assert hands.desk.link.phase == "signed_out"
                assert [op.state for op in hands.desk.outbox.unfinished()] == ["queued"]
                assert found.texts() == []
                await hands.desk.sign_in(address("operator"), PASSWORD)
                await hands.sent()
                [line] = [row for row in found.rows("messages") if row["kind"] == "text"]
                assert line["sender_id"] == found.ids["operator"]

    with world(tmp_path) as found:
        asyncio.run(story(found))
