"""Changes of rows as operations: of what stands already there are none, for each is kept for good."""

import pytest
import sqlalchemy as sa

from contract.errors import Refusal
from contract.ids import new_id
from server.doors.supabase.rows.row_operations import Row, change
from server.store.tables import bids, messages, notifications, technicians

pytestmark = pytest.mark.sqlite

READ = {"id": new_id(), "is_read": True, "read_at": "2026-11-21T08:46:37.123Z", "kind": "bid_placed"}
UNREAD = READ | {"is_read": False, "read_at": None}
MESSAGE = {"id": new_id(), "booking_id": new_id(), "message": "Hello"}
TOM = {"id": new_id(), "name": "Tom", "is_verified": True}
BID = {
    "id": new_id(),
    "booking_id": new_id(),
    "amount": 110.0,
    "currency": None,
    "message": "",
    "status": "pending",
}


@pytest.mark.parametrize(
    ("table", "now", "values", "kinds"),
    [
        (notifications, UNREAD, {"is_read": True}, ["notification.read"]),
        (notifications, UNREAD, {"read_at": "now"}, ["notification.read"]),
        (notifications, READ, {"is_read": True}, []),
        (notifications, READ, READ, []),
        (notifications, UNREAD, {}, []),
        (notifications, UNREAD, {"id": UNREAD["id"], "kind": "bid_placed", "read_at": None}, []),
        (messages, MESSAGE, {"message": "Hello!"}, ["message.edit"]),
        (messages, MESSAGE, MESSAGE, []),
        (technicians, TOM, {"is_verified": False}, ["technician.verify"]),
        (technicians, TOM, TOM, []),
        (bids, BID, {"amount": 90}, ["bid.place"]),
        (bids, BID, {"currency": "AED", "status": "withdrawn"}, ["bid.place", "bid.withdraw"]),
        (bids, BID, BID, []),
        (bids, BID, {"amount": 110, "message": None}, []),
        (bids, BID | {"status": "accepted"}, {"amount": 110, "message": None, "status": "accepted"}, []),
    ],
)
def test_that_a_row_becomes_operations_for_what_is_not_so_already(
    table: sa.Table, now: Row, values: Row, kinds: list[str]
) -> None:
    assert [operation.kind for operation in change(table, now, values)] == kinds


@pytest.mark.parametrize("value", [False, None, "yes", 1])
def test_that_what_is_read_cannot_be_made_unread(value: object) -> None:
    with pytest.raises(Refusal, match="invalid_payload"):
        change(notifications, READ, {"is_read": value})
