"""Operations by either door: judged once, refused exactly, their effects on every screen concerned."""

from contract.ids import new_id
from tests.support.running_server import RunningServer
from tests.support.sync_client import Operator, SyncClient, message, press


def test_that_an_operation_is_done_once_whichever_door_repeats_it(
    server: RunningServer, ann: Operator, olga: Operator
) -> None:
    booking = ann.new_booking()
    operation = message(booking, "only once")
    with SyncClient(server, ann.token) as client:
        client.enter_now()
        first = client.do(operation)
        again, by_http = client.do(operation), ann.do(operation)
        assert {verdict["verdict"] for verdict in (first, again, by_http)} == {"applied"}
        assert again["seq"] >= first["seq"]
        rows = client.take(table="messages")
        assert rows[0]["row"]["message"] == "only once"
        assert client.silent()
    page = olga.http.get(f"/sync/v1/bookings/{booking}/messages").json()
    assert [row["message"] for row in page["rows"]].count("only once") == 1


def test_that_a_used_operation_id_is_not_taken_for_something_else(server: RunningServer, ann: Operator) -> None:
    booking = ann.new_booking()
    used = message(booking, "mine")
    ann.do(used)
    other = message(booking, "other") | {"op_id": used["op_id"]}
    with SyncClient(server, ann.token) as client:
        client.enter_now()
        answer = client.ops(other)
        assert not answer.ok
        assert answer.response["code"] == "op_id_reuse"
        among_others = client.ops(message(booking, "fine"), other).response["verdicts"]
        assert [verdict["verdict"] for verdict in among_others] == ["applied", "rejected"]
        assert among_others[1]["code"] == "op_id_reuse"
    refused = ann.post_ops(other)
    assert (refused.status_code, refused.json()["code"]) == (422, "op_id_reuse")


def test_that_operations_of_another_epoch_are_fenced_off(server: RunningServer, ann: Operator) -> None:
    operation = message(ann.new_booking(), "from another time")
    with SyncClient(server, ann.token) as client:
        client.enter_now()
        answer = client.ops(operation, epoch=new_id())
        assert answer.response["code"] == "epoch_changed"
        answer = client.ops(operation, message(operation["booking_id"], "and another"), epoch=new_id())
        assert answer.response["code"] == "epoch_changed"
    assert ann.post_ops(operation, epoch=new_id()).status_code == 409


def test_that_malformed_operations_change_nothing(server: RunningServer, ann: Operator) -> None:
    booking = ann.new_booking()
    with SyncClient(server, ann.token) as client:
        client.enter_now()
        good = message(booking, "good")
        answer = client.ops(good, {"op_id": "x", "kind": "dance"})
        assert answer.response["code"] == "invalid_payload"
        assert answer.response["details"]["field"] == "ops[1]"
        assert client.ops(*[message(booking, "x") for _ in range(51)]).response["code"] == "too_many_ops"
        assert client.ask("sync", "ops", {"ops": 3}).response["code"] == "invalid_payload"
        assert client.silent()


def test_that_a_status_button_shows_on_the_socket_with_its_one_system_message(
    server: RunningServer, ann: Operator, olga: Operator
) -> None:
    booking = ann.new_booking()
    with SyncClient(server, ann.token) as page:
        page.enter_now()
        assert olga.do(press(booking, "accept"))["verdict"] == "applied"
        page.take(3)
        assert page.silent()
        assert sorted(item["table"] for item in page.items) == ["bookings", "messages", "status_history"]
        [row] = [item["row"] for item in page.items if item["table"] == "bookings"]
        assert row["status"] == "accepted"
        [line] = [item["row"] for item in page.items if item["table"] == "messages"]
        assert line["message"].startswith("✅ Your booking has been accepted by our team")
