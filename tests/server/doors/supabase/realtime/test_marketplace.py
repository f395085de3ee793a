"""The marketplace as its app sees it (seed C): technicians, their bids and notifications, read, written and heard."""

import httpx

from tests.server.doors.supabase.realtime.conftest import Connect, World, change, join, listening


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
