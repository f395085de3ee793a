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
