"""Who types in a supabase-js app is seen at our desk and page, and the other way round."""

from typing import Any

import httpx
import pytest

from tests.server.doors.supabase.realtime.conftest import Connect, World, join
from tests.support.phoenix_client import PhoenixClient

TALK: dict[str, Any] = {"config": {"presence": {"key": "of the app"}}}


def person(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/auth/v1/user").json()
    return found


def at_the_desk(world: World, connect: Connect, who: httpx.Client, booking: str) -> PhoenixClient:
    client = connect()
    assert client.join(f"typing:{booking}", {"access_token": world.token(who)}).ok
    return client


def in_an_app(world: World, connect: Connect, who: httpx.Client, booking: str, vsn: str = "2.0.0") -> PhoenixClient:
    client = connect(vsn)
    assert join(client, f"typing:{booking}", TALK, world.token(who)).ok
    return client


def track(client: PhoenixClient, topic: str, **state: Any) -> bool:
    return client.ask(topic, "presence", {"type": "presence", "event": "track", "payload": state}).ok


@pytest.mark.parametrize("vsn", ["1.0.0", "2.0.0"])
def test_that_an_app_sees_who_types_at_the_desk_until_they_stop(world: World, connect: Connect, vsn: str) -> None:
    olga = person(world.operator)
    desk = at_the_desk(world, connect, world.operator, world.mine)
    app = in_an_app(world, connect, world.omar, world.code, vsn)
    assert app.next("presence_state").payload == {}
    assert track(desk, f"typing:{world.mine}", typing=True)
    [meta] = app.next("presence_diff").payload["joins"][olga["id"]]["metas"]
    named = {"user_id": olga["id"], "name": olga["user_metadata"]["name"], "side": "staff", "role": "operator"}
    assert {name: value for name, value in meta.items() if name != "phx_ref"} == {**named, "typing": True}
    later = in_an_app(world, connect, world.omar, world.mine, vsn)
    assert later.next("presence_state").payload[olga["id"]]["metas"] == [meta]
    assert track(desk, f"typing:{world.mine}", typing=False)
    for one in (app, later):
        assert one.next("presence_diff").payload["leaves"][olga["id"]]["metas"] == [meta]


def test_that_the_desk_sees_who_types_in_an_app_by_the_name_of_its_token(world: World, connect: Connect) -> None:
    omar, olga = person(world.omar), person(world.operator)
    desk = at_the_desk(world, connect, world.operator, world.mine)
    app = in_an_app(world, connect, world.omar, world.code)
    said = {"user_id": olga["id"], "name": "Admin", "side": "staff", "typing": True}
    assert track(app, f"realtime:typing:{world.code}", **said)
    [meta] = desk.next("presence_diff").payload["joins"][omar["id"]]["metas"]
    assert (meta["user_id"], meta["name"], meta["side"], meta["typing"]) == (
        omar["id"], omar["user_metadata"]["name"], "customer", True,
    )  # fmt: skip
    later = at_the_desk(world, connect, world.operator, world.mine)
    assert later.next("presence_state").payload[omar["id"]]["metas"] == [meta]
    assert track(app, f"realtime:typing:{world.code}", typing=False)
    assert desk.next("presence_diff").payload["leaves"][omar["id"]]["metas"] == [meta]
    assert track(app, f"realtime:typing:{world.code}", typing=True)
    assert omar["id"] in desk.next("presence_diff").payload["joins"]
    app.close()
    assert omar["id"] in desk.next("presence_diff").payload["leaves"]


def test_that_the_first_to_come_sees_who_types_already(world: World, connect: Connect) -> None:
    omar, olga = person(world.omar)["id"], person(world.operator)["id"]
    one, other = world.server.create_booking(world.omar), world.server.create_booking(world.omar)
    assert track(at_the_desk(world, connect, world.operator, one), f"typing:{one}", typing=True)
    assert olga in in_an_app(world, connect, world.omar, one).next("presence_state").payload
    assert track(in_an_app(world, connect, world.omar, other), f"realtime:typing:{other}", typing=True)
    assert omar in at_the_desk(world, connect, world.operator, other).next("presence_state").payload


def test_that_who_only_reads_along_is_shown_to_no_app(world: World, connect: Connect) -> None:
    desk = at_the_desk(world, connect, world.operator, world.mine)
    app = in_an_app(world, connect, world.omar, world.mine)
    assert track(desk, f"typing:{world.mine}", viewing=True)
    assert app.silent(event="presence_diff")
    late = in_an_app(world, connect, world.omar, world.mine)
    assert late.next("presence_state").payload == {}


def test_that_strangers_to_the_booking_neither_see_nor_are_seen(world: World, connect: Connect) -> None:
    desk = at_the_desk(world, connect, world.operator, world.mine)
    strange = in_an_app(world, connect, world.sara, world.mine)
    elsewhere = in_an_app(world, connect, world.operator, world.theirs)
    assert not track(strange, f"realtime:typing:{world.mine}", typing=True)
    assert track(desk, f"typing:{world.mine}", typing=True)
    assert list(desk.next("presence_diff").payload["joins"]) == [person(world.operator)["id"]]
    assert strange.silent(event="presence_diff")
    assert elsewhere.silent(event="presence_diff")


def test_that_whoever_loses_the_booking_is_seen_to_type_no_more(world: World, connect: Connect) -> None:
    booking = world.server.create_booking(world.omar, "techcare")
    tom = person(world.tom)["id"]
    world.act(world.operator, "booking.assign", booking, provider_id=tom)
    desk = at_the_desk(world, connect, world.operator, booking)
    app = in_an_app(world, connect, world.tom, booking)
    assert track(app, f"realtime:typing:{booking}", typing=True)
    assert tom in desk.next("presence_diff").payload["joins"]
    world.act(world.operator, "booking.assign", booking, provider_id=None)
    assert tom in desk.next("presence_diff").payload["leaves"]
