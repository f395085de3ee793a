"""Changes made at a SQL prompt while the server runs: every screen learns of them as of any other (C-33)."""

import sqlcipher3

from contract.ids import new_id
from tests.support.running_server import RunningServer
from tests.support.sync_client import Operator, SyncClient


def at_a_prompt(server: RunningServer, statement: str, rows: list[tuple[object, ...]]) -> None:
    database = sqlcipher3.connect(str(server.data_dir / "fieldline.db"))
    with database:
        database.executemany(statement, rows)
    database.close()


def test_that_a_status_changed_by_hand_shows_on_both_sides_with_its_system_message(
    server: RunningServer, ann: Operator, olga: Operator
) -> None:
    booking = ann.new_booking()
    with SyncClient(server, ann.token) as page, SyncClient(server, olga.token) as desk:
        page.enter_now()
        desk.enter_now()
        at_a_prompt(server, "UPDATE bookings SET status=? WHERE id=?", [("accepted", booking)])
        for client in (page, desk):
            while {"bookings", "messages", "status_history"} - {item["table"] for item in client.items}:
                client.take_some()
            assert [i["row"]["status"] for i in client.items if i["table"] == "bookings"][-1] == "accepted"
            assert [i["row"]["kind"] for i in client.items if i["table"] == "messages"] == ["system"]


def test_that_a_very_long_commit_makes_the_desk_pull_and_sends_those_who_see_little_to_a_snapshot(
    server: RunningServer, ann: Operator, olga: Operator
) -> None:
    booking = ann.new_booking()
    with SyncClient(server, olga.token) as desk, SyncClient(server, ann.token) as page:
        start = desk.enter_now()
        page.enter_now()
        columns = "id, booking_id, sender_type, kind, message, created_at"
        at_a_prompt(
            server,
            f"INSERT INTO messages ({columns}) VALUES (?, ?, 'client', 'text', ?, '2026-11-21T08:46:37.123Z')",
            [(new_id(), booking, f"line {number}") for number in range(6_000)],
        )
        pushed = desk.next("changes").payload
        assert pushed["from"] > start["head"] + 1
        assert pushed["to"] == start["head"] + 6_000
        desk.pull(olga, pushed["to"])
        assert [item["row"]["message"] for item in desk.items] == [f"line {number}" for number in range(6_000)]
    refused = ann.http.get(f"/sync/v1/changes?after={start['head']}")
    assert (refused.status_code, refused.json()["code"]) == (410, "behind_floor")
    with SyncClient(server, ann.token) as page:
        assert page.enter(start["epoch"], start["head"])["mode"] == "pull"
