"""/rest/v1 over HTTP: whose rows, which of them, in what order and form, and what writing them does."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from contract.ids import new_id
from tests.support.people_made import Standing, address, make_people
from tests.support.running_server import RunningServer, running_server

PEOPLE: dict[str, Standing] = {
    "omar": ("customer", ()),
    "sara": ("customer", ()),
    "olga": ("operator", ()),
    "tom": ("technician", ()),
}
TEXTS = ("Alpha 100%", "alpha", "beta_1", "betax1", "*star*")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("rows")
    make_people(folder, PEOPLE)
    with running_server(folder) as started:
        yield started


@pytest.fixture(scope="module")
def people(server: RunningServer) -> Iterator[dict[str, httpx.Client]]:
    clients = {name: server.client(address(name)) for name in PEOPLE}
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture(scope="module")
def booking(server: RunningServer, people: dict[str, httpx.Client]) -> str:
    """Omar's, with TEXTS in it."""
    made = server.create_booking(people["omar"])
    rows = [{"booking_id": made, "message": text} for text in TEXTS]
    assert people["omar"].post("/rest/v1/messages", json=rows).status_code == 201
    return made


def texts(client: httpx.Client, booking: str, **query: str) -> list[str]:
    answer = client.get(
        "/rest/v1/messages",
        params={"select": "message", "booking_id": f"eq.{booking}", "kind": "eq.text", "order": "position"} | query,
    )
    assert answer.status_code == 200, answer.text
    return [row["message"] for row in answer.json()]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("eq.alpha", ["alpha"]),
        ("neq.alpha", ["Alpha 100%", "beta_1", "betax1", "*star*"]),
        ("like.alpha%", ["alpha"]),
        ("ilike.alpha*", ["Alpha 100%", "alpha"]),
        ("like.beta_1", ["beta_1", "betax1"]),
        (r"like.beta\_1", ["beta_1"]),
        (r"like.%100\%", ["Alpha 100%"]),
        ('in.("alpha","*star*")', ["alpha", "*star*"]),
        ("not.in.(alpha,beta_1)", ["Alpha 100%", "betax1", "*star*"]),
        ("gt.betaw", ["betax1"]),
        ("is.null", []),
        ("not.is.null", list(TEXTS)),
    ],
)
def test_that_a_condition_finds_just_what_it_says(
    people: dict[str, httpx.Client], booking: str, condition: str, found: list[str]
) -> None:
    assert texts(people["omar"], booking, message=condition) == found


def test_that_conditions_are_joined_by_and_and_or(people: dict[str, httpx.Client], booking: str) -> None:
    asked = "(message.eq.alpha,and(message.like.beta*,not.or(message.eq.betax1,message.eq.x)))"
    assert texts(people["omar"], booking, **{"or": asked}) == ["alpha", "beta_1"]


def test_that_pages_are_cut_by_range_and_counted(people: dict[str, httpx.Client], booking: str) -> None:
    answer = people["omar"].get(
        "/rest/v1/messages",
        params={"booking_id": f"eq.{booking}", "kind": "eq.text", "order": "position.desc"},
        headers={"Range": "1-2", "Prefer": "count=exact"},
    )
    assert [row["message"] for row in answer.json()] == ["betax1", "beta_1"]
    assert (answer.status_code, answer.headers["content-range"]) == (206, "1-2/5")


def test_that_moments_are_compared_as_moments_in_whatever_form(people: dict[str, httpx.Client], booking: str) -> None:
    [first, *_] = people["omar"].get("/rest/v1/messages", params={"booking_id": f"eq.{booking}"}).json()
    same = first["created_at"].replace("Z", "+00:00")
    assert TEXTS[0] in texts(people["omar"], booking, created_at=f"gte.{same}")
    assert texts(people["omar"], booking, created_at="gt.2099-01-01") == []


def test_that_strangers_and_the_public_key_find_nothing(
    server: RunningServer, people: dict[str, httpx.Client], booking: str
) -> None:
    assert texts(people["sara"], booking) == []
    anon = server.command("keys").split("anon: ")[1].split()[0]
    with httpx.Client(base_url=server.url, headers={"apikey": anon}) as nobody:
        assert texts(nobody, booking) == []
        assert nobody.post("/rest/v1/messages", json={"booking_id": booking, "message": "x"}).status_code == 401
    assert server.get("/rest/v1/messages").status_code == 401


def test_that_what_is_hidden_cannot_be_found_by_asking_for_it(
    server: RunningServer, people: dict[str, httpx.Client]
) -> None:
    """A technician sees a job on offer, not whose it is: neither in the row nor by condition, order or embedding."""
    job = server.create_booking(people["omar"], "techcare")
    tom = people["tom"]
    [row] = tom.get("/rest/v1/bookings", params={"id": f"eq.{job}", "select": "*,profiles!customer_id(name)"}).json()
    assert (row["customer_id"], row["customer_name"], row["profiles"]) == (None, "", None)
    for asked in (
        {"customer_name": "like.*"},
        {"or": "(customer_id.not.is.null,id.is.null)"},
        {"order": "customer_name"},
    ):
        assert tom.get("/rest/v1/bookings", params={"id": f"eq.{job}"} | asked).json() == []


def test_that_many_rows_are_written_all_or_none(
    server: RunningServer, people: dict[str, httpx.Client], booking: str
) -> None:
    other = server.create_booking(people["sara"])
    rows = [{"booking_id": booking, "message": "good"}, {"booking_id": other, "message": "not mine"}]
    answer = people["omar"].post("/rest/v1/messages", json=rows)
    assert (answer.status_code, answer.json()["code"]) == (404, "booking_not_found")
    assert "good" not in texts(people["omar"], booking)


def test_that_an_upsert_adds_what_is_new_and_changes_what_is_there(
    people: dict[str, httpx.Client], booking: str
) -> None:
    row = {"id": new_id(), "booking_id": booking, "message": "upserted"}
    merge = {"Prefer": "resolution=merge-duplicates,return=representation"}
    keep = {"Prefer": "resolution=ignore-duplicates,return=representation"}
    assert people["omar"].post("/rest/v1/messages", json=row, headers=merge).json()[0]["message"] == "upserted"
    changed = row | {"message": "changed"}
    assert people["omar"].post("/rest/v1/messages", json=changed, headers=keep).json()[0]["message"] == "upserted"
    assert people["omar"].post("/rest/v1/messages", json=changed, headers=merge).json()[0]["message"] == "changed"
    plain = people["omar"].post("/rest/v1/messages", json=row | {"message": "third"})
    assert (plain.status_code, plain.json()["code"]) == (422, "23505")


def test_that_an_app_that_posts_the_message_of_its_status_itself_gets_the_one_that_stands(
    server: RunningServer, people: dict[str, httpx.Client]
) -> None:
    """B-04: UPDATE bookings, then INSERT messages."""
    made, olga = server.create_booking(people["omar"]), people["olga"]
    whole = {"Prefer": "return=representation"}
    assert olga.patch(f"/rest/v1/bookings?id=eq.{made}", json={"status": "accepted"}).status_code == 204
    row = {"booking_id": made, "message_type": "system", "content": "✅ Your booking has been accepted by our team..."}
    [told] = olga.post("/rest/v1/messages", json=row, headers=whole).json()
    assert (told["kind"], told["sender_id"]) == ("system", None)
    assert told["message"].startswith("✅ Your booking has been accepted by our team. We")
    own = {"booking_id": made, "sender_type": "system", "message": "The team waits at gate 4."}
    [posted] = olga.post("/rest/v1/messages", json=own, headers=whole).json()
    assert (posted["kind"], posted["message"]) == ("system", "The team waits at gate 4.")
    kinds = olga.get(f"/rest/v1/messages?select=kind&booking_id=eq.{made}").json()
    assert [one["kind"] for one in kinds] == ["system"] * 3
    refused = people["omar"].post("/rest/v1/messages", json=own)
    assert (refused.status_code, refused.json()["code"]) == (403, "42501")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("PATCH", "/rest/v1/messages", {"message": "all"}, 422, "21000"),
        ("DELETE", "/rest/v1/messages", None, 422, "21000"),
        ("PATCH", "/rest/v1/bookings?id=eq.{booking}", {"customer_id": None}, 403, "42501"),
        ("PATCH", "/rest/v1/profiles?id=not.is.null", {"role": "admin"}, 403, "42501"),
        ("DELETE", "/rest/v1/bookings?id=eq.{booking}", None, 403, "42501"),
        ("POST", "/rest/v1/receipts", {"read_position": 9}, 403, "42501"),
        ("POST", "/rest/v1/messages", [], 422, "too_many_ops"),
        ("POST", "/rest/v1/messages", {"booking_id": "{booking}", "message": " "}, 422, "text_empty"),
        ("GET", "/rest/v1/messages?select=a->b", None, 422, "PGRST100"),
        ("GET", "/rest/v1/messages?select=nowhere(*)", None, 422, "PGRST100"),
        ("GET", "/rest/v1/bookings?select=profiles(*)", None, 422, "PGRST100"),
        ("GET", "/rest/v1/messages?position=eq.x", None, 422, "PGRST100"),
        ("GET", "/rest/v1/messages?position=eq.9223372036854775808", None, 422, "PGRST100"),
        ("GET", "/rest/v1/messages?message=eq.%00", None, 422, "PGRST100"),
        ("GET", "/rest/v1/messages?message=like.%25a%25a%25a%25a%25", None, 422, "PGRST100"),
        ("POST", "/rest/v1/messages", [[]], 422, "PGRST100"),
        ("GET", "/rest/v1/messages?texts=eq.x", None, 422, "PGRST100"),
        ("GET", "/rest/v1/messages?message=match.(a+)+$", None, 422, "PGRST100"),
        ("GET", "/rest/v1/messages?limit=-1", None, 422, "PGRST100"),
        ("GET", "/rest/v1/messages?or=(((((id.eq.1", None, 422, "PGRST100"),
        ("GET", "/rest/v1/accounts", None, 404, "PGRST205"),
        ("GET", "/rest/v1/operations", None, 404, "PGRST205"),
    ],
)
def test_that_what_may_not_be_done_is_refused_by_name(
    people: dict[str, httpx.Client], booking: str, method: str, path: str, body: Any, status: int, code: str
) -> None:
    filled = {"booking_id": booking, "message": " "} if body == {"booking_id": "{booking}", "message": " "} else body
    answer = people["omar"].request(method, path.replace("{booking}", booking), json=filled)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json().keys() == {"code", "message", "details", "hint"}


def test_that_nobody_edits_anothers_message(people: dict[str, httpx.Client], booking: str) -> None:
    [row, *_] = (
        people["omar"].get("/rest/v1/messages", params={"booking_id": f"eq.{booking}", "kind": "eq.text"}).json()
    )
    answer = people["olga"].patch("/rest/v1/messages", params={"id": f"eq.{row['id']}"}, json={"message": "put in"})
    assert answer.status_code == 403
    strange = people["sara"].patch("/rest/v1/messages", params={"id": f"eq.{row['id']}"}, json={"message": "put in"})
    assert strange.status_code == 204
    assert "put in" not in texts(people["omar"], booking)
