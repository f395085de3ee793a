"""The seeds' own code paths (clients/seeds, and clients/python/seeds in Python), each on all of Supabase's clients at
once: all are one person's devices, so that what one says all show, once."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from contract.ids import new_id
from tests.compat.app import App
from tests.compat.clients_tried import SEEDED, VERSIONS
from tests.compat.conftest import Desk, signed_in


@pytest.fixture(scope="module")
def started(desk: Desk) -> Iterator[Sequence[App]]:
    with desk.apps(SEEDED) as apps:
        yield apps


@pytest.fixture
def apps(started: Sequence[App]) -> Sequence[App]:
    return signed_in(started, "omar")


@pytest.mark.feature("The seeds' apps: realtime service (C): one channel a name, health check, refresh", clients=SEEDED)
def test_that_the_realtime_service_comes_back_by_its_health_check_and_after_a_refresh(
    apps: Sequence[App], desk: Desk
) -> None:
    desk.verify("tom")
    booking, _ = desk.open_booking("techcare")
    for app in apps:
        app.begin("realtime_service", booking=booking, user=desk.ids["omar"], every=2_000)
    for app in apps:
        all_joined(app)
        assert app.act("realtime_service", "subscribedTwice") is True
    for app in newest(apps):
        app.act("realtime_service", "lose")
    for app in newest(apps):
        all_joined(app, times=2)
    desk.bid("tom", booking)
    desk.say(booking, "after the reconnect")
    for app in apps:
        app.shows("realtime_service", bids=[["INSERT", "pending"]], texts=["after the reconnect"], bells=1)
        app.renew()
    for app in apps:
        app.shows("realtime_service", refreshed=1)
        all_joined(app, times=2)
    desk.say(booking, "after the refresh")
    for app in apps:
        app.shows("realtime_service", texts=["after the reconnect", "after the refresh"])
        app.call("signOut", scope="local")
        app.shows("realtime_service", channels={}, connected=False)
        app.act("realtime_service", "stop")


def newest(apps: Sequence[App]) -> Sequence[App]:
    """Those that tell an app's channels of its own `realtime.disconnect()`; the older and Python's let them fall or say
    nothing, so that no health check ever notices."""
    return [app for app in apps if app.client.endswith(VERSIONS[0])]


def all_joined(app: App, times: int = 1) -> None:
    def joined() -> bool:
        state = app.call("look", seed="realtime_service")
        return state["joins"] >= 5 * times and list(state["channels"].values()) == ["joined"] * 5

    app.wait(joined, "five channels joined")


@pytest.mark.feature("The seeds' apps: appointment hooks (D), patient's and practice's", clients=SEEDED)
def test_that_patients_hear_of_their_own_appointments_as_they_book_them(apps: Sequence[App], desk: Desk) -> None:
    for app in apps:
        app.begin("appointment_hooks", user=desk.ids["omar"], role="patient")
    for app in apps:
        app.shows("appointment_hooks", ready=True)
    booked = [
        app.act("appointment_hooks", "book", id=new_id(), workflow="dental", customer_name="Omar")["id"] for app in apps
    ]
    desk.press(booked[0], "confirm")
    for app in apps:
        app.shows("appointment_hooks", created=booked, updated=[[booked[0], "requested", "confirmed"]])
        app.act("appointment_hooks", "stop")


@pytest.mark.feature("The seeds' apps: live chat (E): sessions, lines once in every tab, agent joined", clients=SEEDED)
def test_that_the_live_chat_shows_each_line_once_in_every_tab(apps: Sequence[App], desk: Desk) -> None:
    omar = {"me": desk.ids["omar"], "name": "Omar"}
    for app in apps:
        app.begin("live_chat", tab=app.client, **omar)
    for app in apps:
        app.shows("live_chat", ready=True)
    opened = [app.act("live_chat", "open", email="omar@home.example")["id"] for app in apps]
    session = opened[0]
    for app in apps:
        app.act("live_chat", "join", session=session)
    for app in apps:
        app.shows("live_chat", online=True, here=sorted(SEEDED), sessions=opened)
    said = [f"from {app.client}" for app in apps]
    for app, text in zip(apps, said, strict=True):
        line = new_id()
        assert app.act("live_chat", "send", id=line, text=text) == {"success": True, "messageId": line}
    with desk.staff_app(SEEDED[0]) as agent:
        answered_and_ended(agent, desk, session)
        visitor_is_welcome(agent)
    for app in apps:
        app.shows("live_chat", status="ended", ended=True, agent=desk.ids["olga"], rating=None)
    assert apps[-1].act("live_chat", "rate", rating=5, feedback="Quick and kind")["feedback"] == "Quick and kind"
    for app in apps:
        state = app.shows("live_chat", rating=5, queued=0)
        assert sorted(text for text in state["texts"] if text.startswith("from")) == sorted(said)
        assert {"Agent has joined", "How can I help?"} <= set(state["texts"])
        history = app.act("live_chat", "history")
        assert history["user_email"] == "omar@home.example"
        assert [row["message"] for row in history["chat_messages"] if not row["is_agent"]] == said
        assert app.act("live_chat", "unread") > 0
    for app in apps:
        assert app.act("live_chat", "markRead") is None
        assert app.act("live_chat", "unread") == 0
        app.act("live_chat", "stop")


def answered_and_ended(agent: App, desk: Desk, session: str) -> None:
    """As the agent's dashboard does it: the first answer takes the session, at the end it is closed."""
    agent.begin("live_chat", me=desk.ids["olga"], name="Olga", tab="agent", agent=True)
    agent.shows("live_chat", ready=True)
    agent.act("live_chat", "join", session=session)
    agent.shows("live_chat", online=True)
    assert agent.act("live_chat", "unread") == len(SEEDED)
    assert agent.act("live_chat", "send", id=new_id(), text="How can I help?")["success"]
    agent.shows("live_chat", status="active", agent=desk.ids["olga"])
    assert agent.act("live_chat", "end")["status"] == "ended"


def visitor_is_welcome(app: App) -> None:
    """Somebody without an account opens a chat and writes."""
    app.open()
    guest = app.call("signInAnonymously", data={"name": "Walk-in"})["user"]
    app.begin("live_chat", me=guest["id"], name="Noor", tab="visitor")
    app.shows("live_chat", ready=True)
    opened = app.act("live_chat", "open", email="noor@home.example")
    assert (opened["user_id"], opened["user_name"], opened["status"]) == (guest["id"], "Noor", "waiting")
    app.act("live_chat", "join", session=opened["id"])
    app.shows("live_chat", online=True, sessions=[opened["id"]])
    assert app.act("live_chat", "send", id=new_id(), text="Hello?")["success"]
    lines = app.act("live_chat", "history")["chat_messages"]
    assert [row["message"] for row in lines if row["sender_role"] == "user"] == ["Hello?"]


@pytest.mark.feature("The seeds' apps: typing by presence (C)", clients=SEEDED)
def test_that_who_types_is_seen_and_seen_to_stop(apps: Sequence[App], desk: Desk) -> None:
    booking, _ = desk.open_booking()
    for app in apps:
        app.begin("typing", booking=booking, user=app.client)
    for app in apps:
        app.shows("typing", ready=True)
    for app in apps:
        app.act("typing", "type", on=True)
        for other in apps:
            other.shows("typing", typing=[app.client])
        app.act("typing", "type", on=False)
        for other in apps:
            other.shows("typing", typing=[])
    for app in apps:
        app.act("typing", "stop")


@pytest.mark.feature("The seeds' apps: marketplace (C), the customer: bids as they come, one taken", clients=SEEDED)
def test_that_customers_see_bids_as_they_come_and_take_one(apps: Sequence[App], desk: Desk) -> None:
    desk.verify("tom")
    jobs = [desk.open_booking("techcare")[0] for _ in apps]
    for app, job in zip(apps, jobs, strict=True):
        app.begin("marketplace", booking=job)
    for app in apps:
        app.shows("marketplace", ready=True)
    for job in jobs:
        desk.bid("tom", job)
    for app in apps:
        bid = only_bid(app, "pending")
        assert bid["amount"] == 120
        [taken] = app.act("marketplace", "accept", id=bid["id"])
        assert taken["status"] == "accepted"
        only_bid(app, "accepted")
        app.act("marketplace", "stop")


@pytest.mark.feature("The seeds' apps: marketplace (C), the technician: jobs as they come, a bid made", clients=SEEDED)
def test_that_technicians_see_jobs_as_they_come_and_bid_on_them(started: Sequence[App], desk: Desk) -> None:
    desk.verify("tom")
    apps = signed_in(started, "tom")
    for app in apps:
        app.begin("marketplace", booking=None)
    for app in apps:
        app.shows("marketplace", ready=True)
    jobs = [desk.open_booking("techcare")[0] for _ in apps]
    for app, job in zip(apps, jobs, strict=True):
        app.shows("marketplace", jobs=jobs)
        app.act("marketplace", "watch", id=job)
        app.shows("marketplace", ready=True)
        made = app.act("marketplace", "bid", booking_id=job, amount=90, message="Tomorrow")
        assert only_bid(app, "pending")["id"] == made["id"]
        app.act("marketplace", "stop")


def only_bid(app: App, status: str) -> dict[str, Any]:
    """Once the app shows it with this status."""

    def found() -> list[dict[str, Any]]:
        bids: list[dict[str, Any]] = app.call("look", seed="marketplace")["bids"]
        return bids if [bid["status"] for bid in bids] == [status] else []

    [bid] = app.wait(found, f"one bid, {status}")
    return dict(bid)
