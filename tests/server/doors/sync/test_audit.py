"""The audit: what a device should hold at the number it stands at, whatever has been written since."""

import json
from typing import Any

import pytest

from contract.audit import Digest
from contract.ids import new_id
from contract.row_digest import Tally, read_row
from tests.support.people_made import address
from tests.support.running_server import RunningServer
from tests.support.sync_client import Operator, assign, message, press


class Device:
    """Someone's rows as a snapshot gave them, and the questions about them."""

    def __init__(self, person: Operator) -> None:
        self.person = person
        lines = [json.loads(line) for line in person.http.get("/sync/v1/snapshot").text.splitlines()]
        self.epoch, self.seq = lines[0]["epoch"], lines[0]["seq"]
        self.rows = [(part["table"], row) for part in lines[1:-1] for row in part["rows"]]

    def body(self, ending: str = "", **more: Any) -> dict[str, Any]:
        tally = Tally()
        for table, row in self.rows:
            key = row["id"] if table in ("bookings", "profiles") else row["booking_id"]
            found = read_row(table, row)
            assert found is not None
            if key.endswith(ending):
                tally.add(table, found)
        digests = {table: {"rows": it.rows, "sum": it.sum} for table, it in tally.digests().items()}
        return {"epoch": self.epoch, "seq": self.seq, "digests": digests, "ending": ending} | more

    def ask(self, ending: str = "", **more: Any) -> dict[str, Any]:
        answer = self.person.http.post("/sync/v1/audit", json=self.body(ending, **more))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def change_much(ann: Operator, olga: Operator, booking: str) -> None:
    """Every kind of change: rows made, changed, removed; marks; a status; a person."""
    for number in range(3):
        ann.do(message(booking, f"after {number}"))
    said = message(booking, "regretted")
    ann.do(said)
    remove = {"message_id": said["op_id"]}
    ann.do({"op_id": new_id(), "kind": "message.remove", "booking_id": booking, "payload": remove})
    olga.do(message(booking, "between us", kind="note"))
    olga.do(press(booking, "accept"))
    ann.new_booking()
    rows = ann.http.get(f"/sync/v1/bookings/{booking}").json()["tables"]["messages"]
    mark = {"booking_id": booking, "position": rows[-1]["position"]}
    ann.http.post("/sync/v1/receipts", json={"device_id": "d", "read": [mark]})


@pytest.mark.parametrize("name", ["olga", "ann", "ava", "tom", "adam"])
def test_that_what_a_snapshot_gave_agrees_at_its_number_even_after_much_has_changed(
    server: RunningServer, ann: Operator, olga: Operator, name: str
) -> None:
    booking = ann.new_booking()
    said = message(booking, "edited later")
    ann.do(said)
    with Operator(server, address(name)) as person:
        device = Device(person)
        assert device.ask()["state"] == "agreed"
        edit = {"message_id": said["op_id"], "text": "edited"}
        ann.do({"op_id": new_id(), "kind": "message.edit", "booking_id": booking, "payload": edit})
        change_much(ann, olga, booking)
        found = device.ask()
        assert (found["state"], found["head"] > found["seq"]) == ("agreed", True), found
        assert device.ask(booking[-2:])["state"] == "agreed"


def test_that_a_wrong_a_missing_and_a_surplus_row_are_named_by_booking(server: RunningServer) -> None:
    with Operator(server, address("cyn")) as cyn:
        wrong, missing, fine = cyn.new_booking(), cyn.new_booking(), cyn.new_booking()
        device = Device(cyn)
        name_differences(device, wrong, missing, fine)


def name_differences(device: Device, wrong: str, missing: str, fine: str) -> None:
    for table, row in device.rows:
        if table == "bookings" and row["id"] == wrong:
            row["status"] = "ended"
    device.rows = [
        (table, row) for table, row in device.rows if (table, row.get("booking_id")) != ("messages", missing)
    ]
    surplus = dict(next(row for table, row in device.rows if table == "messages" and row["booking_id"] == fine))
    device.rows.append(("messages", surplus | {"id": new_id(), "booking_id": new_id()}))
    body, found = device.body(), device.ask()
    assert found["state"] == "differs"
    differing = {table for table in found["digests"] if found["digests"][table] != body["digests"][table]}
    assert differing == {"bookings", "messages"}
    held = Tally()
    for table, row in device.rows:
        read = read_row(table, row)
        assert read is not None
        held.add(table, read)
    mine = held.bookings()
    assert {key for key in {*mine, *found["bookings"]} if mine.get(key) != found["bookings"].get(key)} == {
        wrong,
        missing,
        device.rows[-1][1]["booking_id"],
    }


def test_that_people_held_wrongly_come_whole(olga: Operator) -> None:
    device = Device(olga)
    for table, row in device.rows:
        if table == "profiles" and row["id"] == olga.user_id:
            row["name"] = "Somebody else"
    found = device.ask()
    assert found["state"] == "differs"
    assert {row["id"] for row in found["profiles"]} == {row["id"] for table, row in device.rows if table == "profiles"}


def test_that_older_messages_never_fetched_are_not_missed(server: RunningServer) -> None:
    with Operator(server, address("dan")) as dan:
        booking = dan.new_booking()
        dan.post_ops(*[message(booking, str(number)) for number in range(35)])
        device = Device(dan)
        mine = [row for table, row in device.rows if table == "messages"]
        device.rows = [pair for pair in device.rows if pair[1] not in mine[:10]]
        assert device.ask()["state"] == "differs"
        assert device.ask(older={booking: mine[10]["position"]})["state"] == "agreed"


def test_that_a_change_of_sight_since_is_no_difference(server: RunningServer, ann: Operator, olga: Operator) -> None:
    booking = ann.new_booking("support")
    olga.do(assign(booking, department="support"))
    with Operator(server, address("ava")) as ava:
        device = Device(ava)
        olga.do(assign(booking, department="billing"))
        assert device.ask()["state"] == "moved"


def test_that_only_a_second_look_raises_the_alarm_with_both_values(server: RunningServer, olga: Operator) -> None:
    def diverged() -> float:
        text = server.get("/metrics").text
        found = [line for line in text.splitlines() if line.startswith('fieldline_audits_total{outcome="diverged"}')]
        return float(found[0].split()[-1]) if found else 0.0

    before, device = diverged(), Device(olga)
    device.rows = device.rows[1:]
    first = device.ask()
    assert (first["state"], diverged()) == ("differs", before)
    held = device.body()["digests"]["profiles"]
    again = device.ask(again=True)
    assert diverged() == before + 1
    told = [line for line in server.log.read_text().splitlines() if "other rows than it should" in line]
    assert held["sum"] in told[-1]
    assert again["digests"]["profiles"]["sum"] in told[-1]


@pytest.mark.parametrize(
    ("change", "status"),
    [({"epoch": new_id()}, 409), ({"ending": "x"}, 422), ({"ending": "%"}, 422), ({"seq": "1"}, 422)],
)
def test_that_a_question_that_cannot_be_answered_is_refused(
    olga: Operator, change: dict[str, Any], status: int
) -> None:
    assert olga.http.post("/sync/v1/audit", json=Device(olga).body() | change).status_code == status


def test_that_a_number_out_of_reach_is_nothing_wrong(olga: Operator) -> None:
    device = Device(olga)
    assert device.ask(seq=0)["state"] == "moved"
    assert device.ask(seq=device.seq + 1_000)["state"] == "moved"
    assert Digest(0, "0" * 16) == Tally().digests()["messages"]
