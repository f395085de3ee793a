"""Delivered and read: marks that move on evidence from the other side, and never back."""

from tests.support.running_server import RunningServer
from tests.support.sync_client import Operator, SyncClient, message


def test_that_ticks_climb_on_evidence_from_the_other_side(server: RunningServer, ann: Operator, olga: Operator) -> None:
    booking = ann.new_booking()
    with SyncClient(server, ann.token) as page, SyncClient(server, olga.token) as desk:
        page.enter_now()
        desk.enter_now()
        page.do(message(booking, "do you have it?"))
        [item] = desk.take(table="messages")
        position = item["row"]["position"]
        page.take(table="messages")
        assert page.silent()
        desk.send("sync", "cursor", {"seq": desk.cursor})
        receipt = page.receipt_of(booking)
        assert (receipt["side"], receipt["delivered_position"]) == ("staff", position)
        assert receipt["read_position"] == 0
        desk.send("sync", "read", {"booking_id": booking, "position": position})
        assert page.receipt_of(booking)["read_position"] == position
        desk.send("sync", "read", {"booking_id": booking, "position": position - 1})
        desk.send("sync", "cursor", {"seq": 1})
        desk.send("sync", "cursor", {"seq": 10**9})
        assert page.silent()


def test_that_what_was_received_before_a_cut_is_confirmed_by_the_next_join(
    server: RunningServer, ann: Operator, olga: Operator
) -> None:
    booking = ann.new_booking()
    with SyncClient(server, ann.token) as page:
        page.enter_now()
        with SyncClient(server, olga.token) as desk:
            desk.enter_now()
            page.do(message(booking, "on disk, not confirmed"))
            desk.take(table="messages")
            held = (desk.epoch, desk.cursor)
        page.take(table="messages")
        with SyncClient(server, olga.token) as desk:
            desk.enter(*held)
            assert page.receipt_of(booking)["side"] == "staff"
