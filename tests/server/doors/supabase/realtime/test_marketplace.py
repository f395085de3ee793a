"""The marketplace as its app sees it (seed C): technicians, their bids and notifications, read, written and heard."""

import httpx
import msgspec
import pytest

from contract.row_digest import Tally, read_row
from contract.rows import ROW_TYPES
from tests.server.doors.supabase.realtime.conftest import Connect, World, change, join, listening
from tests.support.phoenix_client import PhoenixClient


def rows(client: httpx.Client, table: str, **query: str) -> list[dict[str, object]]:
    answer = client.get(f"/rest/v1/{table}", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()
    return found


def test_that_a_technician_is_heard_of_once_verified_by_the_desk(world: World, connect: Connect) -> None:
    [tom] = rows(world.tom, "technicians", select="id,name,is_verified")
    assert tom["is_verified"] is False
    assert rows(world.omar, "technicians") == []
    app, desk = connect(), connect()
    join(app, "public:technicians", listening({"table": "technicians"}), world.token(world.omar))
    join(desk, "public:technicians", listening({"table": "technicians"}), world.token(world.operator))
    at_tom = f"/rest/v1/technicians?id=eq.{tom['id']}"
    assert world.tom.patch(at_tom, json={"is_verified": True}).status_code == 403
    assert world.operator.patch(at_tom, json={"name": "Tommy"}).status_code == 403
    assert world.operator.patch(at_tom, json={"is_verified": True}).status_code == 204
    heard, known = change(app)["data"], change(desk)["data"]
    for told in (heard, known):
        assert (told["type"], told["record"]["name"], told["record"]["is_verified"]) == ("UPDATE", tom["name"], True)
    assert heard["old_record"] == {"id": tom["id"]}, "what was not to be seen then is not told now"
    assert known["old_record"]["is_verified"] is False
    assert [row["id"] for row in rows(world.sara, "technicians", is_verified="eq.true")] == [tom["id"]]


def test_that_bids_are_placed_changed_and_accepted_by_rows_and_heard_by_whom_they_concern(
    world: World, connect: Connect
) -> None:
    job = world.server.create_booking(world.omar, "techcare")
    [tom] = rows(world.tom, "technicians", select="id")
    world.operator.patch(f"/rest/v1/technicians?id=eq.{tom['id']}", json={"is_verified": True})
    bindings = listening({"table": "bids", "filter": f"booking_id=eq.{job}"})
    at = {"bids_of": connect(), "anothers": connect(), "own": connect()}
    for client, who in zip(at.values(), (world.omar, world.sara, world.tom), strict=True):
        join(client, f"bids:{job}", bindings, world.token(who))
    bid = {"booking_id": job, "amount": 120, "message": "Today", "technician_id": world.mine, "status": "accepted"}
    whole = {"Prefer": "return=representation"}
    [placed] = world.tom.post("/rest/v1/bids", json=bid, headers=whole).json()
    assert (placed["technician_id"], placed["status"], placed["amount"]) == (tom["id"], "pending", 120)
    [again] = world.tom.post("/rest/v1/bids", json=bid | {"amount": 110.5}, headers=whole).json()
    assert (again["id"], again["amount"]) == (placed["id"], 110.5)
    mine = f"/rest/v1/bids?id=eq.{placed['id']}"
    assert world.tom.patch(mine, json={"message": "Tomorrow"}).status_code == 204
    assert world.tom.patch(mine, json={"status": "accepted"}).status_code == 403
    assert world.tom.patch(mine, json={"status": "sold"}).json()["code"] == "PGRST100"
    assert world.omar.patch(mine, json={"amount": 1}).status_code == 403
    assert rows(world.sara, "bids") == []
    found = rows(world.omar, "bids", booking_id=f"eq.{job}", amount="gt.100", select="amount,technicians(name)")
    assert found == [{"amount": 110.5, "technicians": {"name": "Person tom"}}]
    assert world.omar.patch(mine, json={"status": "accepted"}).status_code == 204
    for client in (at["bids_of"], at["own"]):
        told = [change(client)["data"] for _ in range(4)]
        assert [one["type"] for one in told] == ["INSERT", "UPDATE", "UPDATE", "UPDATE"]
        assert (told[-1]["record"]["status"], told[-1]["old_record"]["message"]) == ("accepted", "Tomorrow")
        assert {"name": "amount", "type": "float8"} in told[-1]["columns"]
    assert at["anothers"].silent(event="postgres_changes")
    [job_now] = rows(world.omar, "bookings", id=f"eq.{job}")
    assert (job_now["status"], job_now["provider_id"]) == ("assigned", tom["id"])
    assert world.tom.post("/rest/v1/bids", json=bid).json()["code"] == "bids_closed"


def test_that_notifications_come_to_their_reader_alone_and_are_read_once(world: World, connect: Connect) -> None:
    [omar] = rows(world.omar, "profiles", select="id")
    client, other = connect(), connect()
    name = f"user:{omar['id']}:notifications"
    binding = listening({"event": "INSERT", "table": "notifications", "filter": f"user_id=eq.{omar['id']}"})
    join(client, name, binding, world.token(world.omar))
    join(other, name, binding, world.token(world.operator))
    job = world.server.create_booking(world.omar, "techcare")
    assigned = world.operator.patch(f"/rest/v1/bookings?id=eq.{job}", json={"status": "assigned"})
    assert assigned.status_code == 204
    record = change(client)["data"]["record"]
    assert (record["kind"], record["booking_id"], record["is_read"]) == ("status_changed", job, False)
    assert other.silent(event="postgres_changes")
    unread = {"user_id": f"eq.{omar['id']}", "is_read": "eq.false"}
    assert record["id"] in [row["id"] for row in rows(world.omar, "notifications", **unread)]
    assert rows(world.operator, "notifications") == []
    assert world.omar.post("/rest/v1/notifications", json={"message": "x"}).status_code == 403
    undone = world.omar.patch("/rest/v1/notifications", params=unread, json={"is_read": False})
    assert undone.json()["code"] == "PGRST100"
    assert world.omar.patch("/rest/v1/notifications", params=unread, json={}).is_success
    assert record["id"] in [row["id"] for row in rows(world.omar, "notifications", **unread)], "nothing said of it"
    read = world.omar.patch("/rest/v1/notifications", params=unread, json={"is_read": True, "read_at": "now"})
    assert (read.status_code, rows(world.omar, "notifications", **unread)) == (204, [])


def test_that_our_own_clients_are_sent_nothing_of_this_and_miss_nothing(world: World) -> None:
    """`from`..`to` covers it, and the audit takes it back as if it were not there."""
    head, *parts = (msgspec.json.decode(line) for line in world.operator.get("/sync/v1/snapshot").text.splitlines())
    assert head["counts"].keys() == ROW_TYPES.keys()
    tally = Tally()
    for part in parts[:-1]:
        for row in part["rows"]:
            tally.add(part["table"], read_row(part["table"], row))  # type: ignore[arg-type]  # it is one of ours
    job = world.server.create_booking(world.omar, "techcare")
    [tom] = rows(world.tom, "technicians", select="id")
    world.operator.patch(f"/rest/v1/technicians?id=eq.{tom['id']}", json={"is_verified": True})
    assert world.tom.post("/rest/v1/bids", json={"booking_id": job, "amount": 5}).status_code == 201
    page = world.operator.get(f"/sync/v1/changes?epoch={head['epoch']}&after={head['seq']}").json()
    assert (page["from"], page["to"]) == (head["seq"] + 1, page["head"])
    assert {item["table"] for item in page["items"]} == {"bookings", "status_history", "messages"}
    asked = {"epoch": head["epoch"], "seq": head["seq"], "digests": tally.digests()}
    answer = world.operator.post("/sync/v1/audit", content=msgspec.json.encode(asked)).json()
    assert answer["state"] == "agreed", answer


def heard_until(client: PhoenixClient, text: str) -> list[str]:
    """Tables of the changes up to a message's."""
    tables: list[str] = []
    while True:
        data = change(client)["data"]
        if data["record"].get("message") == text:
            return tables
        tables.append(data["table"])


@pytest.mark.parametrize("binding", [{"table": "notifications"}, {}], ids=["one table", "all tables"])
def test_that_of_two_operators_side_by_side_each_hears_their_own_notifications_alone(
    world: World, connect: Connect, binding: dict[str, str]
) -> None:
    """They see the same of everything else, and are told it as one."""
    [oskar] = rows(world.oskar, "profiles", select="id", name="eq.Person oskar")
    job = world.server.create_booking(world.omar, "techcare")
    world.operator.patch(f"/rest/v1/bookings?id=eq.{job}", json={"assignee_id": oskar["id"]})
    other, mine = connect(), connect()
    for client, who in ((other, world.operator), (mine, world.oskar)):
        join(client, "desk", listening(binding, {"event": "INSERT", "table": "messages"}), world.token(who))
    world.operator.patch(f"/rest/v1/bookings?id=eq.{job}", json={"status": "assigned"})
    world.write(world.omar, job, "thank you")
    assert heard_until(mine, "thank you").count("notifications") == 1
    assert "notifications" not in heard_until(other, "thank you")


def test_that_a_technicians_jobs_are_found_and_heard_by_the_seeds_name_for_the_provider(
    world: World, connect: Connect
) -> None:
    """C-19: `technician_id=eq.me` on bookings, and in the row that the app compares."""
    [tom] = rows(world.tom, "technicians", select="id")
    client = connect()
    binding = {"table": "bookings", "filter": f"technician_id=eq.{tom['id']}"}
    join(client, "public:bookings", listening(binding), world.token(world.tom))
    job, other = (world.server.create_booking(world.omar, "techcare") for _ in range(2))
    given = {"technician_id": tom["id"]}
    assert world.operator.patch(f"/rest/v1/bookings?id=eq.{job}", json=given).status_code == 204
    data = change(client)["data"]
    assert (data["record"]["id"], data["record"]["technician_id"]) == (job, tom["id"])
    assert {"name": "technician_id", "type": "uuid"} in data["columns"]
    found = rows(world.tom, "bookings", technician_id=f"eq.{tom['id']}", select="id,technician_id")
    assert {"id": job, "technician_id": tom["id"]} in found
    assert other not in [row["id"] for row in found]
    [whole] = rows(world.tom, "bookings", id=f"eq.{job}")
    assert whole["technician_id"] == whole["provider_id"] == tom["id"]
