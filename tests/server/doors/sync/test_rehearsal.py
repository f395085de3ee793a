"""A rehearsal: the verdicts to come, in order, and not a trace of it left."""

from typing import Any

from contract.ids import new_id
from contract.operations import MAX_REHEARSED
from tests.support.people_made import address
from tests.support.running_server import RunningServer
from tests.support.sync_client import Operator, message, press


def rehearse(person: Operator, *operations: dict[str, Any]) -> list[tuple[str, str | None]]:
    answer = person.http.post("/sync/v1/rehearse", json={"device_id": "d", "ops": list(operations)})
    assert answer.status_code == 200, answer.text
    return [(verdict["verdict"], verdict.get("code")) for verdict in answer.json()["verdicts"]]


def expecting(operation: dict[str, Any], status: str) -> dict[str, Any]:
    return operation | {"expect": {"status": status}}


def test_that_each_is_judged_on_what_those_before_it_would_have_done(ann: Operator, olga: Operator) -> None:
    mine, gone = ann.new_booking(), ann.new_booking()
    ann.do(press(gone, "cancel", {"reason": "rain"}))
    accept, deploy = expecting(press(mine, "accept"), "pending"), expecting(press(mine, "deploy"), "accepted")
    late = expecting(press(gone, "accept"), "pending")
    verdicts = rehearse(olga, accept, message(mine, "On the way"), deploy, late)
    assert verdicts == [("applied", None), ("applied", None), ("applied", None), ("rejected", "stale")]


def test_that_nothing_of_it_is_left_and_the_operations_may_come_after_all(ann: Operator, olga: Operator) -> None:
    booking = ann.new_booking()
    before, head = olga.http.get(f"/sync/v1/bookings/{booking}").json(), olga.http.get("/sync/v1/me").json()["head"]
    accept, late = press(booking, "accept"), expecting(press(booking, "deploy"), "pending")
    for _ in range(2):
        assert rehearse(olga, accept, late) == [("applied", None), ("rejected", "stale")]
    assert olga.http.get(f"/sync/v1/bookings/{booking}").json() == before
    assert olga.http.get("/sync/v1/me").json()["head"] == head
    assert olga.do(accept)["verdict"] == "applied"
    assert olga.http.get(f"/sync/v1/bookings/{booking}").json()["tables"]["bookings"][0]["status"] == "accepted"
    assert rehearse(olga, accept) == [("applied", None)]


def test_that_others_who_write_meanwhile_are_neither_lost_nor_doubled(ann: Operator, olga: Operator) -> None:
    booking = ann.new_booking()
    for number in range(20):
        ann.do(message(booking, str(number)))
        rehearse(olga, *[message(booking, "only rehearsed") for _ in range(20)])
    rows = ann.http.get(f"/sync/v1/bookings/{booking}").json()["tables"]["messages"]
    assert [row["message"] for row in rows if row["kind"] == "text"] == [str(number) for number in range(20)]


def test_that_it_tells_nobody_more_than_an_operation_would(server: RunningServer, ann: Operator) -> None:
    with Operator(server, address("bea")) as bea:
        assert rehearse(bea, press(ann.new_booking(), "cancel")) == [("rejected", "booking_not_found")]
        said = message(ann.new_booking(), "hers")
        ann.do(said)
        mine = message(bea.new_booking(), "mine")
        assert rehearse(bea, said | {"payload": {"text": "x"}}, mine) == [("rejected", "op_id_reuse"), ("retry", None)]


def test_that_too_many_and_a_history_that_is_gone_are_refused(ann: Operator) -> None:
    booking = ann.new_booking()
    many = [message(booking, "x")] * (MAX_REHEARSED + 1)
    assert ann.http.post("/sync/v1/rehearse", json={"device_id": "d", "ops": many}).json()["code"] == "too_many_ops"
    other = {"device_id": "d", "ops": [], "epoch": new_id()}
    assert ann.http.post("/sync/v1/rehearse", json=other).json()["code"] == "epoch_changed"
