"""Every role through every door that shows something: it sees what the permission matrix says, and nothing else."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from contract.permissions import Sight
from server.doors.openapi.served import SERVED
from tests.server.doors.permission_world import (
    KINDS,
    PEOPLE,
    SIGHT,
    STAFF,
    VIEWERS,
    World,
    all_words_of,
    heard,
    matrix_world,
    words_in,
    words_of,
)
from tests.support.people_made import address
from tests.support.running_server import UNUSED_TLS


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with matrix_world(tmp_path_factory.mktemp("matrix")) as made:
        yield made


def visible(viewer: str, least: Sight) -> set[str]:
    return {kind for kind in KINDS if SIGHT[kind][viewer] >= least}


def refused(answer: httpx.Response) -> tuple[int, str]:
    assert not words_in(answer.text)
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_the_list_of_bookings_holds_the_visible_ones_and_no_more(world: World, viewer: str) -> None:
    answer = world.clients[viewer].get("/api/bookings?limit=200")
    rows = answer.json()["bookings"]
    assert {row["id"] for row in rows} == {world.bookings[kind]["id"] for kind in visible(viewer, Sight.REDACTED)}
    assert words_in(answer.text) == all_words_of(viewer, conversation=False)


@pytest.mark.parametrize("spelling", ["id", "code"])
@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_one_booking_is_shown_by_sight_or_not_at_all(world: World, viewer: str, spelling: str) -> None:
    for kind in KINDS:
        answer = world.clients[viewer].get(f"/api/bookings/{world.bookings[kind][spelling]}")
        if SIGHT[kind][viewer] == Sight.NONE:
            assert refused(answer) == (404, "booking_not_found")
        else:
            assert words_in(answer.text) == words_of(viewer, kind, conversation=False)
            hidden = SIGHT[kind][viewer] == Sight.REDACTED
            assert (answer.json()["booking"]["customer_id"] is None) == hidden


@pytest.mark.parametrize("spelling", ["id", "code"])
@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_a_conversation_is_read_with_full_sight_only(world: World, viewer: str, spelling: str) -> None:
    for kind in KINDS:
        for door in ("/api/messages", "/api/operator/messages", "/sync/v1/bookings"):
            reference = world.bookings[kind][spelling]
            path = f"{door}/{reference}/messages" if "sync" in door else f"{door}?bookingId={reference}"
            answer = world.clients[viewer].get(path)
            if "operator" in door and viewer not in STAFF:
                assert refused(answer) == (403, "forbidden")
            elif SIGHT[kind][viewer] == Sight.FULL:
                conversation = {(word, of) for word, of in words_of(viewer, kind) if word in ("said", "note")}
                assert words_in(answer.text) == conversation, (kind, door)
            elif SIGHT[kind][viewer] == Sight.NONE:
                assert refused(answer) == (404, "booking_not_found")
            else:
                assert refused(answer) == (403, "forbidden")


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_a_bookings_own_snapshot_follows_sight_table_by_table(world: World, viewer: str) -> None:
    for kind in KINDS:
        answer = world.clients[viewer].get(f"/sync/v1/bookings/{world.bookings[kind]['code']}")
        sight = SIGHT[kind][viewer]
        if sight == Sight.NONE:
            assert refused(answer) == (404, "booking_not_found")
            continue
        assert words_in(answer.text) == words_of(viewer, kind)
        tables = answer.json()["tables"]
        assert bool(tables["status_history"]) == (sight >= Sight.ROW)
        assert bool(tables["messages"]) == (sight == Sight.FULL)
        assert not (tables["receipts"] and sight != Sight.FULL)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_the_snapshot_holds_what_is_visible_and_nothing_else(world: World, viewer: str) -> None:
    world.clients["ann"].post("/sync/v1/receipts", json=read_marks(world))
    answer = world.clients[viewer].get("/sync/v1/snapshot")
    assert words_in(answer.text) == all_words_of(viewer)
    rows = rows_by_table(answer.text)
    names = {world.bookings[kind]["id"]: kind for kind in KINDS}
    in_row, in_full = visible(viewer, Sight.ROW), visible(viewer, Sight.FULL)
    assert {names[row["booking_id"]] for row in rows["status_history"]} == in_row
    assert {names[row["booking_id"]] for row in rows["messages"]} == in_full
    assert {names[row["booking_id"]] for row in rows["receipts"]} <= in_full
    assert {row["id"] for row in rows["profiles"]} == profiles_of(world, viewer)
    assert "password" not in answer.text
    assert "@desk.example" not in answer.text


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_the_feed_since_then_tells_what_is_visible_and_nothing_else(world: World, viewer: str) -> None:
    items = feed(world, viewer)
    assert words_in(json.dumps(items)) == all_words_of(viewer)
    seen = {item["booking_id"] for item in items if item.get("booking_id")}
    assert seen == {world.bookings[kind]["id"] for kind in visible(viewer, Sight.REDACTED)}
    in_full = {world.bookings[kind]["id"] for kind in visible(viewer, Sight.FULL)}
    talk = {item["booking_id"] for item in still_held(items) if item["table"] in ("messages", "receipts")}
    assert talk <= in_full


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_the_socket_catches_up_on_the_same(world: World, viewer: str) -> None:
    with world.socket(viewer, world.begin) as socket:
        items = heard(socket)
        assert words_in(json.dumps(items)) == all_words_of(viewer)
        assert items == feed(world, viewer)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_typing_is_joined_with_full_sight_only(world: World, viewer: str) -> None:
    with world.socket(viewer, world.head()) as socket:
        for kind in KINDS:
            joined = socket.join(f"typing:{world.bookings[kind]['code']}", {"access_token": world.tokens[viewer]})
            assert joined.ok == (SIGHT[kind][viewer] == Sight.FULL), (kind, joined)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_figures_are_for_administrators_and_status_for_the_signed_in(world: World, viewer: str) -> None:
    client = world.clients[viewer]
    assert client.get("/api/realtime/status").status_code == 200
    stats = client.get("/api/realtime/stats")
    assert stats.status_code == (200 if viewer in ("adam", "service") else 403)


@pytest.mark.parametrize("viewer", PEOPLE)
def test_that_everyone_is_told_of_themselves_only(world: World, viewer: str) -> None:
    user = world.clients[viewer].get("/auth/v1/user").json()
    me = world.clients[viewer].get("/sync/v1/me").json()["user"]
    assert (user["id"], user["email"]) == (world.ids[viewer], address(viewer))
    assert (me["id"], me["role"]) == (world.ids[viewer], PEOPLE[viewer][0])


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_rows_are_those_visible_alone_and_inside_one_another(world: World, viewer: str) -> None:
    client = world.clients[viewer]
    answer = client.get("/rest/v1/bookings", params={"select": "*,messages(*),status_history(*),receipts(*)"})
    assert {row["id"] for row in answer.json()} == {
        world.bookings[kind]["id"] for kind in visible(viewer, Sight.REDACTED)
    }
    assert words_in(answer.text) == all_words_of(viewer)
    lines = client.get("/rest/v1/messages", params={"select": "*,bookings(*)"})
    talked = {kind for kind in KINDS if SIGHT[kind][viewer] == Sight.FULL}
    assert words_in(lines.text) == set().union(*(words_of(viewer, kind) for kind in talked))
    for kind in KINDS:
        for column in ("customer_name", "customer_phone", "place"):
            params = {"id": f"eq.{world.bookings[kind]['id']}", column: "not.is.null", "select": "id"}
            found = client.get("/rest/v1/bookings", params=params).json()
            assert bool(found) == (SIGHT[kind][viewer] >= Sight.ROW), (kind, column)


@pytest.mark.parametrize("who", ["nobody", "the anon key", "a forged token"])
def test_that_without_a_signed_in_person_only_the_public_addresses_answer(world: World, who: str) -> None:
    anon = world.anon_key
    forged = world.tokens["adam"][:-6] + "AAAAAA"
    headers = {"nobody": {}, "the anon key": {"apikey": anon, "Authorization": f"Bearer {anon}"},
               "a forged token": {"Authorization": f"Bearer {forged}"}}[who]  # fmt: skip
    booking = world.bookings["guarding"]["code"]
    with httpx.Client(base_url=world.server.url, headers=headers, verify=UNUSED_TLS) as client:
        for one in SERVED:
            path = one.path.replace("{booking}", booking).replace("{link_token}", "x" * 43).replace("{path}", "a.js")
            path = path.replace("{table}", "messages").replace("{function}", "mark_read")
            params = {} if path.startswith("/rest/v1") else {"bookingId": booking}
            answer = client.request(one.method, path, params=params, content=b"{}")
            assert not words_in(answer.text), path
            if path.startswith("/rest/v1"):  # in PostgREST's words; with the public key a table is empty
                empty = one.method == "GET" and who == "the anon key"
                assert answer.json() == [] if empty else refused(answer) == (401, "PGRST301"), path
            elif one.access != "public":
                assert refused(answer) == (401, "unauthorized"), path


def feed(world: World, viewer: str) -> list[dict[str, Any]]:
    items, after = [], world.begin
    while True:
        page = world.clients[viewer].get(f"/sync/v1/changes?after={after}&limit=1000").json()
        items += page["items"]
        after = page["to"]
        if after >= page["head"]:
            return items


def still_held(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a client still holds after it forgot whatever a change of its sight told it to."""
    since = {item["booking_id"]: item["seq"] for item in items if item["table"] == "scope"}
    return [item for item in items if item["seq"] > since.get(item.get("booking_id"), 0)]


def rows_by_table(lines: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {
        table: [] for table in ("bookings", "messages", "status_history", "receipts", "profiles")
    }
    for line in map(json.loads, lines.splitlines()):
        if "table" in line:
            found[line["table"]] += line["rows"]
    return found


def profiles_of(world: World, viewer: str) -> set[str]:
    """The desk everyone's, those in the field their colleagues', all others their own."""
    role = PEOPLE[viewer][0] if viewer in PEOPLE else "service"
    if role in ("agent", "operator", "admin", "service"):
        return set(world.ids.values())
    own = {world.ids[viewer]}
    return own | {world.ids[name] for name in PEOPLE if name in STAFF} if role in ("technician", "dentist") else own


def read_marks(world: World) -> dict[str, Any]:
    mine = [kind for kind in KINDS if SIGHT[kind]["ann"] == Sight.FULL]
    return {
        "device_id": "device-of-ann",
        "read": [{"booking_id": world.bookings[kind]["id"], "position": 1_000_000} for kind in mine],
    }
