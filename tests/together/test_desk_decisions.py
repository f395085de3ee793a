"""Two desks in conflict, decided at one of them: what the server and the customer have of it afterwards."""

import asyncio
from typing import Any

from desktop.intents.live_desk import LiveDesk
from desktop.state.overtaken import Choice, Sight, choices
from tests.support.headless_desk import Hands, at_work
from tests.support.small_world import World, desk, world
from tests.support.sync_client import press


def card(hands: Hands, booking: str) -> Any:
    [found] = hands.detail(booking).conflicts
    return found


def read_all(found: World, booking: str) -> None:
    """The customer's page has the booking in front of it."""
    position = max(row["position"] for row in found.rows("messages", booking))
    seen = {"device_id": "phone", "cursor": found.head(), "read": [{"booking_id": booking, "position": position}]}
    found.customer.post("/sync/v1/receipts", json=seen).raise_for_status()


def test_that_what_is_said_before_a_decision_is_what_the_server_has_after_it(tmp_path: Any) -> None:
    """Three presses made offline, each with a line behind it: one booking is closed meanwhile by a colleague, and read;
    one by the customer; one goes on."""

    async def story(found: World) -> None:
        by_sami, by_customer, goes_on = (found.server.create_booking(found.customer) for _ in range(3))
        async with desk(found) as first, at_work(found.folder / "b", found.server.url, "second") as second:
            await second.live()
            await first.until(lambda: first.desk.reader.booking(goes_on))
            await asyncio.to_thread(found.link.down)
            await first.until(lambda: first.desk.link.phase == "offline")
            for booking in (by_sami, by_customer):
                first.press(booking, "accept")
                first.write(booking, "Team on the way")
            first.press(goes_on, "decline", reason="no team")
            first.write(goes_on, "We are sorry.")
            second.press(by_sami, "decline", reason="customer called")
            second.press(goes_on, "accept")
            await second.sent()
            found.do(found.customer, press(by_customer, "cancel", {"reason": "too late"}))
            read_all(found, by_sami)
            await asyncio.to_thread(found.link.up)
            await first.live()
            await first.until(lambda: all(first.detail(each).conflicts for each in (by_sami, by_customer, goes_on)))
            await first.until(lambda: [text.standing for text in card(first, by_sami).texts] == ["refused"])
            await first.until(lambda: [text.standing for text in card(first, by_customer).texts] == ["refused"])
            await first.until(lambda: [text.standing for text in card(first, goes_on).texts] == ["sent"])
            await first.until(lambda: card(first, by_sami).sight.seen == "read")
            assert card(first, by_customer).sight == Sight("theirs")
            assert card(first, by_sami).their_reason == "customer called"
            assert card(first, goes_on).texts[0].sight.seen in {"unknown", "not_yet"}

            keep_as_note, drop, step = (
                Choice("keep", "note"),
                Choice("keep", "discard"),
                Choice("step", "leave", "deploy"),
            )
            decided = LiveDesk(first.desk)
            for booking, choice in ((by_sami, keep_as_note), (by_customer, drop), (goes_on, step)):
                assert choice in choices(card(first, booking))
                decided.decide(card(first, booking).op_id, choice, {})
            await first.sent()
            await first.until(lambda: first.status(goes_on) == "deployed")
            lines = {each: {row["kind"]: row["message"] for row in found.rows("messages", each)} for each in
                     (by_sami, by_customer, goes_on)}  # fmt: skip
            assert lines[by_sami].get("note") == "Team on the way"
            assert "text" not in lines[by_sami]
            assert {"text", "note"} & set(lines[by_customer]) == set()
            assert lines[goes_on]["text"] == "We are sorry."
            steps = sorted((row["version"], row["to_status"]) for row in found.rows("status_history", goes_on))
            assert [status for _, status in steps] == ["pending", "accepted", "deployed"]
            assert (first.desk.link.decisions, first.desk.outbox.unfinished()) == (0, [])

    with world(tmp_path) as found:
        asyncio.run(story(found))
