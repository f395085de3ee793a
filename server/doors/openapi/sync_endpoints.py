"""The sync door's HTTP addresses, described (docs/protocol.md); they are served by server/doors/sync."""

from typing import Any

import msgspec

from contract.audit import AuditReply, AuditRequest
from contract.feed import BookingSnapshot, Changes, MessagePage, ReceiptsRequest
from contract.operations import Expect, OperationKind
from contract.verdicts import OpsReply
from server.doors.endpoint import A_CODE, Endpoint, Parameter, booking_in_path

_TAG = "sync"
_OPERATION = {
    "op_id": "01a1fd00-0000-7000-8000-000000000001",
    "kind": "message.send",
    "booking_id": A_CODE,
    "payload": {"text": "Hello from operator"},
}


class OperationBody(msgspec.Struct, frozen=True):
    """contract.operations.Operation as a document can show it: the payload's shape hangs on the kind."""

    op_id: str
    kind: OperationKind
    booking_id: str | None = None
    payload: dict[str, Any] = msgspec.field(default_factory=dict)
    expect: Expect | None = None
    created_at: str | None = None


class OpsBody(msgspec.Struct, frozen=True):
    """contract.verdicts.OpsRequest, likewise. At most 50 operations."""

    device_id: str
    ops: list[OperationBody]
    epoch: str | None = None


ENDPOINTS = (
    Endpoint(
        "POST", "/sync/v1/ops", "Operations, judged one by one; 200 whenever there are verdicts.", _TAG,
        body=OpsBody, answer=OpsReply, example={"device_id": "docs", "ops": [_OPERATION]},
        refusals=("epoch_changed", "op_id_reuse", "too_many_ops"),
    ),
    Endpoint(
        "POST", "/sync/v1/rehearse", "The verdicts that operations would get now, at most 200; nothing is done.", _TAG,
        body=OpsBody, answer=OpsReply, example={"device_id": "docs", "ops": [_OPERATION]},
        refusals=("epoch_changed", "too_many_ops"),
    ),
    Endpoint(
        "GET", "/sync/v1/changes", "The feed after a number, cut to what the asker may see.", _TAG, answer=Changes,
        parameters=(
            Parameter("epoch", "The feed's epoch as the asker knows it."),
            Parameter("after", "The asker's cursor.", shape=int),
            Parameter("limit", "At most so many lines of the feed (500).", shape=int),
        ),
        refusals=("epoch_changed", "behind_floor", "invalid_payload"),
    ),
    Endpoint(
        "GET", "/sync/v1/snapshot", "All that the asker may see, as JSON lines: SnapshotHead, SnapshotPart…, "
        "SnapshotEnd.", _TAG, media_type="application/jsonl",
    ),
    Endpoint(
        "GET", "/sync/v1/bookings/{booking}", "All that the asker may see of one booking.", _TAG,
        answer=BookingSnapshot, parameters=(booking_in_path(),), refusals=("booking_not_found",),
    ),
    Endpoint(
        "GET", "/sync/v1/bookings/{booking}/messages", "Older messages, oldest first.", _TAG, answer=MessagePage,
        parameters=(
            booking_in_path(),
            Parameter("before", "Messages before this position.", shape=int),
            Parameter("limit", "At most so many (50).", shape=int),
        ),
        refusals=("booking_not_found", "invalid_payload"),
    ),
    Endpoint(
        "POST", "/sync/v1/receipts", "A polling client's cursor and read marks.", _TAG, body=ReceiptsRequest,
        answer=dict[str, int],
    ),
    Endpoint(
        "POST", "/sync/v1/audit", "Whether a device holds what it should: sums of row hashes, compared.", _TAG,
        body=AuditRequest, answer=AuditReply, refusals=("epoch_changed", "invalid_payload"),
    ),
    Endpoint(
        "GET", "/sync/v1/workflows", "Every workflow, as the engine runs it.", _TAG, answer=dict[str, Any],
        access="public",
    ),
    Endpoint("GET", "/sync/v1/me", "Who is asking, and where the feed stands.", _TAG, answer=dict[str, Any]),
)  # fmt: skip
