"""The feed as clients get it: every committed change they may see, in commit order, and the pages around it."""

from typing import Any, Literal

import msgspec

ChangeOp = Literal["insert", "update", "delete", "add", "drop"]


class FeedItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change. With table `scope` it is not a change of data but of sight: `add` means fetch this booking anew
    (GET /sync/v1/bookings/{id}) after forgetting what is held of it, `drop` means forget it."""

    seq: int
    table: str
    op: ChangeOp
    id: str
    booking_id: str | None = None
    op_id: str | None = None
    row: dict[str, Any] | None = None
    at: str | None = None


class Changes(msgspec.Struct, frozen=True):
    """`from_seq`..`to_seq` also covers changes the client may not see, so permission never looks like a gap.
    Rule: from > cursor + 1 is a gap (stop, pull); items at or below the cursor are repeats; else apply and move."""

    epoch: str
    from_seq: int = msgspec.field(name="from")
    to_seq: int = msgspec.field(name="to")
    items: list[FeedItem]
    head: int | None = None
    """Only in pulled pages: more follows while to < head."""


class JoinRequest(msgspec.Struct, frozen=True):
    """Payload of phx_join on topic `sync`. No cursor: the client holds nothing yet."""

    device_id: str
    access_token: str
    epoch: str | None = None
    cursor: int | None = None
    client: str = ""


class JoinReply(msgspec.Struct, frozen=True):
    """`delta`: the missed changes follow on the socket. `pull`: fetch them by GET /sync/v1/changes.
    `snapshot`: epoch changed, below the floor, or nothing held: GET /sync/v1/snapshot, then join again."""

    epoch: str
    head: int
    floor: int
    mode: Literal["delta", "pull", "snapshot"]
    server_ts: int
    """Milliseconds since 1970 by the server's clock."""
    user: dict[str, Any]
    """{id, name, role, lang, departments, side}."""


class Beat(msgspec.Struct, frozen=True):
    """Heartbeat reply to a socket joined to `sync`. A cursor >= `sent` may move to `head`: nothing visible lies
    between. A cursor < `sent` means a frame was lost: pull."""

    head: int
    sent: int
    server_ts: int


class SnapshotHead(msgspec.Struct, frozen=True):
    """First line of GET /sync/v1/snapshot (JSON lines). All rows are as of `seq`, read in one transaction."""

    epoch: str
    seq: int
    counts: dict[str, int]


class SnapshotPart(msgspec.Struct, frozen=True):
    """A further line: up to 500 rows of one table."""

    table: str
    rows: list[dict[str, Any]]


class SnapshotEnd(msgspec.Struct, frozen=True):
    """Last line; its absence or another count means a cut transfer: throw it away."""

    end: Literal[True]
    rows: int


class BookingSnapshot(msgspec.Struct, frozen=True):
    """GET /sync/v1/bookings/{id or code}: all that the asker may see of one booking, as of `seq`."""

    epoch: str
    seq: int
    tables: dict[str, list[dict[str, Any]]]
    """Rows by table: bookings (one), messages (newest 200), status_history, receipts, profiles."""
    more: bool
    """Whether older messages exist."""


class MessagePage(msgspec.Struct, frozen=True):
    """GET /sync/v1/bookings/{id or code}/messages?before=&limit=: older messages, oldest first."""

    epoch: str
    seq: int
    rows: list[dict[str, Any]]
    more: bool


class ReadMark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Payload of the socket's `read`: the message at `position` was on screen, window active, for a second."""

    booking_id: str
    position: int


class ReceiptsRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /sync/v1/receipts, where no socket can be had. `cursor`: this device holds the feed up to there."""

    device_id: str
    cursor: int | None = None
    read: list[ReadMark] = msgspec.field(default_factory=list)
