"""What a history is made of: one line for each thing that a process did or saw, appended as it happens, dumps last.

All processes of a history read one clock (`at`, seconds: time.time(), or virtual time). `process` names a client's
device or a server, and stays the same across its restarts. An operation is named by its op_id. A row is the published
table's row in its contract's shape (see plain_row), kept under the key `table/id`.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from contract.feed import FeedItem
from contract.rows import ROW_TYPES

Rows = dict[str, dict[str, Any]]
"""By `table/id`."""


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", omit_defaults=True):
    at: float
    process: str


class Began(_Event, frozen=True, tag="began"):
    """First of a history: what was run, and what I14 holds it to."""

    what: str = ""
    seed: int = 0
    heal_seconds: float = 60.0
    """From the last fault to the end of all trouble."""
    failing_per_second: float = 1.0
    """Requests of one client that come to nothing, at most, over any ten seconds."""


class Clicked(_Event, frozen=True, tag="clicked"):
    """invoke: an operation is about to be kept on disk. Until Kept follows nobody was promised anything."""

    op: str
    kind: str
    booking: str
    author: str
    expect_status: str | None = None
    seen: tuple[str, ...] = ()
    """Operations whose effects in this booking were on this client's screen."""


class Kept(_Event, frozen=True, tag="kept"):
    """ok: its commit has returned, the person sees it as queued."""

    op: str


class Moved(_Event, frozen=True, tag="moved"):
    """info: the client shows the operation in another state (desktop/state/op_state.py, or delivered, read)."""

    op: str
    state: str
    epoch: str | None = None
    seq: int | None = None


class Took(_Event, frozen=True, tag="took"):
    """A client has committed this stretch of the feed, position included. Without items: the server vouched for it."""

    user: str
    epoch: str
    from_seq: int
    to_seq: int
    items: tuple[FeedItem, ...] = ()


class Snapped(_Event, frozen=True, tag="snapped"):
    """A client has put a snapshot in place of all it held."""

    user: str
    epoch: str
    seq: int
    rows: Rows
    sees: tuple[str, ...] | None = None
    """Bookings the user may see; None: all."""


class Looked(_Event, frozen=True, tag="looked"):
    """What one client's screen showed of one booking at a moment."""

    user: str
    epoch: str | None
    cursor: int
    booking: str
    version: int
    status: str
    effects: tuple[str, ...]
    """Operations whose effects were shown as the server's word, in the order shown."""
    overlay: tuple[str, ...] = ()
    """Own operations shown beside it, on the outbox's evidence."""
    glyphs: dict[str, str] = {}
    """Delivery state shown per operation."""
    whole: bool = True
    """Whether the conversation was held from its beginning."""


class Displayed(_Event, frozen=True, tag="displayed"):
    """A message was on screen, window active, for long enough to count as read."""

    user: str
    booking: str
    position: int


class Revoked(_Event, frozen=True, tag="revoked"):
    """That person's rights ended; the call has returned, and the feed then stood at `head`."""

    user: str
    epoch: str
    head: int


class Asked(_Event, frozen=True, tag="asked"):
    """A client made a request or tried for a socket; `ok` where it was answered, and with more than "not now"."""

    ok: bool


CACHE_DELETED = "cache deleted"
"""The one fault that a client cannot but forget over: what it showed before is no measure of what it shows after."""


class Faulted(_Event, frozen=True, tag="faulted"):
    """Something was broken on purpose."""

    fault: str


class Healed(_Event, frozen=True, tag="healed"):
    """Everything runs and is connected from here on."""


class Measured(_Event, frozen=True, tag="measured"):
    """A resource, after so many reconnects. `slack`: what it may grow by, in its unit, beyond five per cent."""

    what: str
    after: int
    value: float
    slack: float = 0.0


class OpRecord(msgspec.Struct, frozen=True):
    """What the server has of an operation. `at`: the moment its transaction began, on the history's clock."""

    author: str
    verdict: str
    kind: str
    booking: str | None = None
    at: float | None = None


class ServerDump(_Event, frozen=True, tag="server"):
    """All that a server's database holds. The last one counts; an earlier one of another epoch tells of that epoch."""

    epoch: str
    head: int
    floor: int
    feed: tuple[FeedItem, ...]
    rows: Rows
    operations: dict[str, OpRecord]


class OpLine(msgspec.Struct, frozen=True):
    """An operation in a client's outbox, with the states it went through."""

    state: str
    code: str | None = None
    trail: tuple[str, ...] = ()


class ClientDump(_Event, frozen=True, tag="client"):
    """All that a client's files hold, once nothing moves any more."""

    user: str
    epoch: str | None
    cursor: int
    rows: Rows
    ops: dict[str, OpLine]
    sees: tuple[str, ...] | None = None
    """Bookings the user may see; None: all."""


Event = (
    Began
    | Clicked
    | Kept
    | Moved
    | Took
    | Snapped
    | Looked
    | Displayed
    | Revoked
    | Asked
    | Faulted
    | Healed
    | Measured
    | ServerDump
    | ClientDump
)
_decode = msgspec.json.Decoder(Event).decode
encode_event = msgspec.json.Encoder().encode
"""One event as a line of JSON, without its end."""


def plain_row(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row in its contract's shape, from a database's (numbers for booleans, text for JSON) or from the wire."""
    shape = ROW_TYPES[table]
    known = {
        name: msgspec.json.decode(value) if name in _JSON_COLUMNS and isinstance(value, str) else value
        for name, value in row.items()
        if name in shape.__struct_fields__
    }
    return msgspec.to_builtins(msgspec.convert(known, shape, strict=False))


_JSON_COLUMNS = frozenset({"fields", "invoice_data", "texts", "departments"})


def write_history(path: Path, events: Iterable[Event]) -> None:
    """As JSON lines, added to what is there."""
    with path.open("ab") as file:
        for event in events:
            file.write(encode_event(event) + b"\n")


def read_history(paths: Iterable[Path]) -> list[Event]:
    """All journals as one history, in the order of time. The last line of one whose writer was killed may be torn."""
    return sorted((event for path in paths for event in _lines(path)), key=lambda event: event.at)


def _lines(path: Path) -> Iterator[Event]:
    for line in path.read_bytes().split(b"\n"):
        try:
            if line:
                yield _decode(line)
        except msgspec.DecodeError:
            if path.read_bytes().endswith(line) and not line.endswith(b"}"):
                return
            raise
