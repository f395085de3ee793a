"""Every role through every door that changes something: it does what the permission matrix says, and nothing else."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from contract.ids import new_id
from contract.permissions import Sight
from tests.server.doors.permission_world import (
    DESK,
    KINDS,
    PEOPLE,
    SIGHT,
    STAFF,
    VIEWERS,
    World,
    heard,
    matrix_world,
    operation,
    words_in,
)

Outcome = tuple[str, str | None]
"""("applied" or "noop", None), or ("rejected", code)."""
DONE: Outcome = ("applied", None)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with matrix_world(tmp_path_factory.mktemp("matrix")) as made:
        yield made


def by_sight(viewer: str, kind: str) -> Outcome:
    """What anyone may do who sees all of a booking."""
    sight = SIGHT[kind][viewer]
    if sight == Sight.FULL:
        return DONE
    return ("rejected", "booking_not_found" if sight == Sight.NONE else "forbidden")


def if_also(viewer: str, kind: str, allowed: bool) -> Outcome:
    outcome = by_sight(viewer, kind)
    return outcome if allowed or outcome != DONE else ("rejected", "forbidden")


def attempt(world: World, viewer: str, op: dict[str, Any]) -> Outcome:
    [verdict] = world.verdicts(viewer, op)
    return verdict["verdict"], verdict.get("code")


def over_http(answer: httpx.Response) -> Outcome:
    """The same told by a REST answer."""
    return DONE if answer.status_code < 300 else ("rejected", answer.json()["code"])


def check(
    world: World, viewer: str, expected: Callable[[str], Outcome], act: Callable[[dict[str, str]], Outcome]
) -> None:
    """Acts on a fresh booking of every kind; what is refused leaves no trace in the feed."""
    for kind in KINDS:
        booking = world.create(kind)
        before = world.head()
        assert act(booking) == expected(kind), kind
        assert (world.head() > before) == (expected(kind) == DONE), kind


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("door", ["operation", "code", "rest", "operator rest"])
def test_that_writing_asks_for_full_sight(world: World, viewer: str, door: str) -> None:
    def act(booking: dict[str, str]) -> Outcome:
        if door in ("operation", "code"):
            reference = booking["id" if door == "operation" else "code"]
            return attempt(world, viewer, operation("message.send", reference, {"text": "hello"}))
        address = "/api/messages" if door == "rest" else "/api/operator/messages"
        body = {"bookingId": booking["code"], "content": "hello", "sender_type": "system", "sender_role": "admin"}
        answer = world.clients[viewer].post(address, json=body)
        assert not words_in(answer.text)
        if answer.status_code == 201:
            assert answer.json()["sender_type"] == ("operator" if viewer in STAFF or viewer == "bot" else "client")
            assert answer.json()["is_agent"] == (viewer in STAFF)
        return over_http(answer)

    def expected(kind: str) -> Outcome:
        if door == "operator rest" and viewer not in STAFF:
            return ("rejected", "forbidden")
        return by_sight(viewer, kind)

    check(world, viewer, expected, act)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_a_broadcast_by_http_asks_for_full_sight_of_the_rooms_booking(world: World, viewer: str) -> None:
    for kind in KINDS:
        for name in (f"chat:{world.bookings[kind]['id']}", f"messages-{world.bookings[kind]['code']}"):
            answer = world.clients[viewer].post(f"/realtime/v1/api/broadcast/{name}/events/wave", json={})
            expected = 202 if SIGHT[kind][viewer] == Sight.FULL else 403
            assert answer.status_code == expected, name


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_writing_by_socket_asks_for_the_same(world: World, viewer: str) -> None:
    for kind in KINDS:
        booking = world.create(kind)
        with world.socket(viewer, world.head()) as socket:
            ops = {"device_id": "d", "ops": [operation("message.send", booking["code"], {"text": "hello"})]}
            [verdict] = socket.ask("sync", "ops", ops).response["verdicts"]
            assert (verdict["verdict"], verdict.get("code")) == by_sight(viewer, kind), kind


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_notes_are_for_staff(world: World, viewer: str) -> None:
    def act(booking: dict[str, str]) -> Outcome:
        return attempt(world, viewer, operation("message.send", booking["id"], {"text": "psst", "kind": "note"}))

    check(world, viewer, lambda kind: if_also(viewer, kind, viewer in STAFF), act)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_invoices_are_for_operators(world: World, viewer: str) -> None:
    def act(booking: dict[str, str]) -> Outcome:
        body = {"booking_id": booking["id"], "message": "Bill", "has_invoice": True, "invoice_data": {"total": 5}}
        return over_http(world.clients[viewer].post("/api/messages", json=body))

    check(world, viewer, lambda kind: if_also(viewer, kind, viewer in ("olga", "adam", "service")), act)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_system_lines_by_hand_are_for_the_desk(world: World, viewer: str) -> None:
    def act(booking: dict[str, str]) -> Outcome:
        body = {"bookingId": booking["id"], "content": "We are closed today."}
        return over_http(world.clients[viewer].post("/api/messages/system", json=body))

    check(world, viewer, lambda kind: if_also(viewer, kind, viewer in DESK), act)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_bookings_are_handed_over_at_the_desk(world: World, viewer: str) -> None:
    def act(booking: dict[str, str]) -> Outcome:
        return attempt(world, viewer, operation("booking.assign", booking["id"], {"assignee_id": world.ids["olga"]}))

    check(world, viewer, lambda kind: if_also(viewer, kind, viewer in DESK), act)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_only_its_author_edits_a_message(world: World, viewer: str) -> None:
    def act(booking: dict[str, str]) -> Outcome:
        edit = {"message_id": booking["said"], "text": "changed"}
        return attempt(world, viewer, operation("message.edit", booking["id"], edit))

    def expected(kind: str) -> Outcome:
        return if_also(viewer, kind, viewer == ("bea" if kind == "of_bea" else "ann"))

    check(world, viewer, expected, act)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_a_message_is_removed_by_its_author_or_an_administrator(world: World, viewer: str) -> None:
    def act(booking: dict[str, str]) -> Outcome:
        answer = world.clients[viewer].delete(f"/api/messages?id={booking['said']}")
        assert not words_in(answer.text)
        return over_http(answer)

    def expected(kind: str) -> Outcome:
        author = "bea" if kind == "of_bea" else "ann"
        outcome = if_also(viewer, kind, viewer in (author, "adam", "service"))
        unseen = SIGHT[kind][viewer] != Sight.FULL
        return ("rejected", "message_not_found") if unseen else outcome

    check(world, viewer, expected, act)


STEPS = {
    "guarding": ("accepted", {"olga", "adam", "service"}),
    "of_bea": ("cancelled", {"bea", "olga", "adam", "service"}),
    "waiting_chat": ("ended", {"ann", "ava", "abe", "olga", "adam", "service"}),
    "chat_of_ava": ("ended", {"ann", "ava", "olga", "adam", "service"}),
    "job_on_offer": ("assigned", {"olga", "adam", "service"}),
    "job_of_tom": ("cancelled", {"ann", "olga", "adam", "service"}),
    "visit_at_dora": ("confirmed", {"dora", "olga", "adam", "service"}),
    "asked_by_bot": ("cancelled", {"ann", "olga", "adam", "service"}),
}
"""A status for each kind of booking, and who may bring it about."""


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_that_a_status_is_set_by_whom_the_workflow_names(world: World, viewer: str, method: str) -> None:
    kinds: dict[str, str] = {}

    def act(booking: dict[str, str]) -> Outcome:
        kind = kinds[booking["id"]]
        body = {"bookingId": booking["code"], "status": STEPS[kind][0], "reason": "changed plans"}
        return over_http(world.clients[viewer].request(method, "/api/bookings/status", json=body))

    for kind in KINDS:
        booking = world.create(kind)
        kinds[booking["id"]] = kind
        before = world.head()
        expected = if_also(viewer, kind, viewer in STEPS[kind][1])
        assert act(booking) == expected, kind
        assert (world.head() > before) == (expected == DONE), kind
        now = world.clients["olga"].get(f"/api/bookings/{booking['id']}").json()["booking"]["status"]
        assert (now == STEPS[kind][0]) == (expected == DONE), kind


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_links_are_made_at_the_desk_and_let_in_that_customer(world: World, viewer: str) -> None:
    for kind in KINDS:
        answer = world.clients[viewer].post(f"/api/bookings/{world.bookings[kind]['code']}/link")
        expected = by_sight(viewer, kind) if viewer in DESK else ("rejected", "forbidden")
        assert over_http(answer) == expected, kind
        if expected == DONE:
            body = {"link_token": answer.json()["token"]}
            session = world.clients[viewer].post("/auth/v1/token?grant_type=booking_link", json=body).json()
            assert session["user"]["id"] == world.ids["bea" if kind == "of_bea" else "ann"]
            assert answer.json()["url"] == f"{world.server.url}/c/{answer.json()['token']}"


@pytest.mark.parametrize("viewer", PEOPLE)
def test_that_bookings_are_made_for_oneself_or_at_the_desk(world: World, viewer: str) -> None:
    body = {"workflow": "dental", "customer_id": world.ids["ann"], "id": new_id()}
    answer = world.clients[viewer].post("/api/bookings", json=body)
    may = viewer in DESK or viewer in ("ann", "bot")
    assert over_http(answer) == (DONE if may else ("rejected", "forbidden"))
    made = world.clients["olga"].get(f"/api/bookings/{body['id']}")
    assert made.status_code == (200 if may else 404)
    if may:
        assert made.json()["booking"]["customer_id"] == world.ids["ann"]
        assert made.json()["booking"]["created_by"] == world.ids[viewer]
        assert answer.json()["booking"]["id"] == body["id"], "its maker sees it"
        assert answer.json()["code"] == made.json()["booking"]["code"]


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_nobody_marks_as_read_what_they_may_not_see(world: World, viewer: str) -> None:
    fresh = {kind: world.create(kind) for kind in KINDS}
    marks = [{"booking_id": fresh[kind]["id"], "position": 10**9} for kind in KINDS]
    answer = world.clients[viewer].post("/sync/v1/receipts", json={"device_id": "d", "read": marks})
    assert answer.status_code == 200
    for kind in KINDS:
        tables = world.clients["olga"].get(f"/sync/v1/bookings/{fresh[kind]['id']}").json()["tables"]
        reader = world.ids.get(viewer, "00000000-0000-7000-8000-000000000001")
        marked = any(row["user_id"] == reader and row["read_position"] for row in tables["receipts"])
        assert marked == (SIGHT[kind][viewer] == Sight.FULL), kind


def test_that_what_happens_now_is_pushed_to_those_who_may_see_it(world: World) -> None:
    fresh = {kind: world.create(kind) for kind in KINDS}
    for viewer in VIEWERS:
        with world.socket(viewer, world.head()) as socket:
            for kind in KINDS:
                note = {"text": f"<live:{kind}>", "kind": "note"}
                world.do("olga", operation("message.send", fresh[kind]["id"], note))
                customer = "bea" if kind == "of_bea" else "ann"
                world.do(customer, operation("message.send", fresh[kind]["id"], {"text": f"<heard:{kind}>"}))
            pushed = heard(socket)
        in_full = {kind for kind in KINDS if SIGHT[kind][viewer] == Sight.FULL}
        expected = {("heard", kind) for kind in in_full}
        expected |= {("live", kind) for kind in in_full if viewer in STAFF}
        assert words_in(str(pushed)) == expected, viewer
