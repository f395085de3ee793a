"""One example of every shape that travels. To renew wire.json: uv run python -m tests.contract.wire_examples"""

import json
from pathlib import Path
from typing import Any

import msgspec

from contract import audit, errors, feed, frames, operations, rows, verdicts, workflow

GOLDEN = Path(__file__).with_name("wire.json")

BOOKING = "01890a5d-ac96-774b-bcce-b302099a8057"
MESSAGE = "01890a5d-ac97-7000-8000-000000000001"
OP = "01890a5d-ac97-7000-8000-000000000002"
CUSTOMER = "01890a5d-ac97-7000-8000-00000000000c"
OPERATOR = "01890a5d-ac97-7000-8000-00000000000e"
EPOCH = "01890a5d-ac90-7000-8000-000000000000"
DEVICE = "01890a5d-ac97-7000-8000-00000000000d"
AT = "2026-11-21T08:46:37.123Z"
BOTH = {"en": "Agent has joined", "ar": "انضم الموظف إلى المحادثة"}

_booking = rows.Booking(
    id=BOOKING, code="REQ1759286674249", workflow="protection", status="accepted", version=2, customer_id=CUSTOMER,
    customer_name="Omar K.", customer_phone="+971500000000", assignee_id=OPERATOR, assignee_name="Lina", priority=1,
    title="Airport pick-up", place="Corniche Rd 4", scheduled_start=AT, lang="ar", fields={"cars": 2},
    created_by=CUSTOMER, created_at=AT, updated_at=AT, status_since=AT, op_id=OP,
)  # fmt: skip
_message = rows.Message(
    id=MESSAGE, booking_id=BOOKING, sender_type="operator", sender_id=OPERATOR, message="Good afternoon", created_at=AT,
    has_invoice=True, invoice_data={"number": 204, "total": "350.00 AED"}, position=12, kind="invoice",
    sender_role="operator", sender_name="Lina", reply_to=OP, client_created_at=AT, edited_at=AT, op_id=MESSAGE,
)  # fmt: skip
_system = rows.Message(
    id=OP, booking_id=BOOKING, sender_type="system", sender_id=None, message=BOTH["ar"], created_at=AT, position=13,
    kind="system", sender_role="system", texts=BOTH, deleted_at=AT, deleted_by=OPERATOR,
)  # fmt: skip
_item = feed.FeedItem(88214, "messages", "insert", MESSAGE, BOOKING, MESSAGE, {"id": MESSAGE, "message": "hi"}, AT)
_verdict = verdicts.Verdict(OP, "applied", seq=88214, version=3, result={"id": BOOKING, "code": "REQ1759286674249"})
_refused = verdicts.Verdict(
    OP, "rejected", code="illegal_transition", message=errors.REFUSALS["illegal_transition"][1],
    current={
        "status": "cancelled", "version": 4, "by": CUSTOMER, "by_name": "Omar K.", "at": AT, "transition": "cancel",
        "op_id": MESSAGE,
    },
)  # fmt: skip
_workflow = workflow.Workflow(
    name="support", title={"en": "Support", "ar": "الدعم"}, code_prefix="SUP",
    statuses={"waiting": workflow.Status({"en": "Waiting", "ar": "انتظار"}, "amber", first=True)},
    transitions={
        "close": workflow.Transition(
            ("waiting",), "ended", ("agent",), {"en": "End chat", "ar": "إنهاء"}, system=BOTH, offline="hold",
            confirm=True, ask={"reason": workflow.Ask({"en": "Reason", "ar": "السبب"})},
            clocks=workflow.Clocks(stop=("answer",)),
            then="ask_rating",
        )
    },
    on_create=BOTH, department="support", features=("rating",), clocks={"answer": workflow.Clock(120, on_create=True)},
    bids=workflow.Bids(("customer", "operator"), "close", BOTH, BOTH, BOTH),
)  # fmt: skip


def _operation(kind, payload, booking_id=BOOKING) -> operations.Operation:
    expect = operations.Expect(version=2, status="accepted")
    return operations.Operation(OP, kind, booking_id, operations.write_payload(payload), expect, AT)


_operations = {
    "booking.create": _operation(
        "booking.create", operations.CreateBooking("protection", lang="ar", fields={"cars": 2}, message="Hello"), None
    ),
    "booking.transition": _operation("booking.transition", operations.PressTransition("cancel", {"reason": "rain"})),
    "booking.set_status": _operation("booking.set_status", operations.SetStatus("accepted")),
    "booking.assign": _operation("booking.assign", operations.Assign(assignee_id=None, department="support")),
    "booking.rate": _operation("booking.rate", operations.RateBooking(5, "Quick and kind")),
    "message.send": _operation("message.send", operations.SendMessage("Hello from client", reply_to=MESSAGE)),
    "message.edit": _operation("message.edit", operations.EditMessage(MESSAGE, "Hello")),
    "message.remove": _operation("message.remove", operations.RemoveMessage(MESSAGE)),
    "message.system": _operation("message.system", operations.SystemMessage("Agent has joined", BOTH)),
    "technician.verify": _operation("technician.verify", operations.VerifyTechnician(OPERATOR), None),
    "bid.place": _operation("bid.place", operations.PlaceBid(350.5, "AED", "Today at five")),
    **{kind: _operation(kind, operations.AnswerBid(OP)) for kind in ("bid.accept", "bid.decline", "bid.withdraw")},
    "notification.read": _operation("notification.read", operations.ReadNotification(OP), None),
}
_payload = b'{"text":"hi"}'

EXAMPLES: dict[str, Any] = {
    "Booking": _booking,
    "Message": _message,
    "Message system removed": _system,
    "StatusChange": rows.StatusChange(OP, BOOKING, 2, "pending", "accepted", "accept", OPERATOR, "Lina", None, AT, OP),
    "Receipt": rows.Receipt(f"{BOOKING}:{CUSTOMER}", BOOKING, CUSTOMER, "customer", 13, 12, AT, AT),
    "Profile": rows.Profile(OPERATOR, "Lina", "operator", "en", ["support"], AT),
    **{f"Operation {kind}": operation for kind, operation in _operations.items()},
    "Verdict applied": _verdict,
    "Verdict noop": verdicts.Verdict(OP, "noop", seq=88214, version=3),
    "Verdict rejected": _refused,
    "Verdict retry": verdicts.Verdict(OP, "retry"),
    "OpsRequest": verdicts.OpsRequest(DEVICE, [msgspec.Raw(msgspec.json.encode(_operations["message.send"]))], EPOCH),
    "OpsReply": verdicts.OpsReply(EPOCH, 88214, [_verdict, _refused]),
    "FeedItem": _item,
    "FeedItem delete": feed.FeedItem(88215, "receipts", "delete", f"{BOOKING}:{CUSTOMER}", BOOKING),
    "FeedItem scope drop": feed.FeedItem(88216, "scope", "drop", BOOKING, BOOKING),
    "Changes pushed": feed.Changes(EPOCH, 88210, 88214, [_item]),
    "Changes pulled": feed.Changes(EPOCH, 88210, 88214, [], head=90000),
    "JoinRequest": feed.JoinRequest(DEVICE, "eyJ…", EPOCH, 88209, "page/1"),
    "JoinReply": feed.JoinReply(
        EPOCH, 88214, 80000, "delta", 1795250797123,
        {"id": CUSTOMER, "name": "Omar K.", "role": "customer", "lang": "ar", "departments": [], "side": "customer"},
    ),
    "Beat": feed.Beat(88214, 88210, 1795250797123),
    "SnapshotHead": feed.SnapshotHead(EPOCH, 88214, {"bookings": 1, "messages": 2}),
    "SnapshotPart": feed.SnapshotPart("bookings", [{"id": BOOKING}]),
    "SnapshotEnd": feed.SnapshotEnd(True, 3),
    "BookingSnapshot": feed.BookingSnapshot(EPOCH, 88214, {"bookings": [{"id": BOOKING}], "messages": []}, False),
    "MessagePage": feed.MessagePage(EPOCH, 88214, [{"id": MESSAGE}], True),
    "ReadMark": feed.ReadMark(BOOKING, 13),
    "ReceiptsRequest": feed.ReceiptsRequest(DEVICE, 88214, [feed.ReadMark(BOOKING, 13)]),
    "Digest": audit.Digest(2, "00c0ffee00c0ffee"),
    "AuditRequest": audit.AuditRequest(
        EPOCH, 88214, {"messages": audit.Digest(2, "00c0ffee00c0ffee")}, "5f", {BOOKING: 12}, again=True
    ),
    "AuditReply": audit.AuditReply(
        EPOCH, 88214, 88220, "differs", {"messages": audit.Digest(3, "1badb002deadbeef")}, {BOOKING: "1badb002deadbeef"}
    ),
    "ErrorBody": errors.error_body(errors.Refusal("stale", {"status": "cancelled"})),
    "Workflow": _workflow,
    "frame 2.0.0": msgspec.Raw(frames.encode_frame("2.0.0", "1", "2", "sync", "ops", _payload)),
    "frame 1.0.0": msgspec.Raw(frames.encode_frame("1.0.0", "1", "2", "sync", "ops", _payload)),
    "frame 2.0.0 reply": msgspec.Raw(frames.encode_reply("2.0.0", "1", "2", "sync", ok=True, response=_payload)),
    "frame 1.0.0 reply": msgspec.Raw(frames.encode_reply("1.0.0", "1", "2", "sync", ok=False, response=_payload)),
}  # fmt: skip


def on_the_wire() -> dict[str, Any]:
    """The examples as JSON values, in the order of their bytes."""
    return {name: json.loads(msgspec.json.encode(example)) for name, example in EXAMPLES.items()}


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(on_the_wire(), ensure_ascii=False, indent=2) + "\n", "utf-8")
    print(f"Wrote {GOLDEN}")
