"""What a channel asks for when it joins, read as leniently as Supabase reads it: many client versions write it."""

import zlib
from collections.abc import Mapping
from typing import Any

import msgspec

from contract.errors import Refusal
from contract.frames import Frame
from server.doors.supabase.column_types import COLUMN_TYPES
from server.doors.supabase.realtime.row_filter import RowFilter, pattern_count, read_filter

MAX_BINDINGS = 100
MAX_KEY = 256
MAX_PATTERNS = 5
"""On one channel; and none for strangers."""
_KNOWN = frozenset(name for columns in COLUMN_TYPES.values() for name in columns)
EVENTS = ("INSERT", "UPDATE", "DELETE")
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode


class Binding(msgspec.Struct, frozen=True, eq=False):
    """One `.on("postgres_changes", …)`. `asked` is what the client sent, to be echoed verbatim: it compares."""

    id: int
    asked: Mapping[str, Any]
    event: str
    """INSERT, UPDATE, DELETE, or * for all."""
    table: str | None
    """None: every published table, each by its own name alone. A table that is not published never changes."""
    filter: RowFilter
    columns: frozenset[str] | None
    """What is sent of a row, besides its id; None: all that may be seen."""


class JoinRequest(msgspec.Struct, frozen=True):
    """What a join's payload asks for, but for its token."""

    bindings: tuple[Binding, ...]
    own_broadcasts: bool
    acknowledge: bool
    presence: bool
    presence_key: str
    private: bool
    resume: bool
    resume_after: int | None
    """The seq of the last change that the app knows it has, in the history `resume_epoch`; None: as far as the server
    knows."""
    resume_epoch: str


def read_join(frame: Frame) -> dict[str, Any]:
    """The payload as it came. Raises Refusal `invalid_payload`."""
    try:
        return _decode(frame.payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal("invalid_payload", {"problem": f"The join's payload is no JSON object: {error}"}) from error


def token_of(payload: Mapping[str, Any]) -> str | None:
    found = payload.get("access_token")
    return found if isinstance(found, str) else None


def read_request(payload: Mapping[str, Any], *, stranger: bool) -> JoinRequest:
    """Raises Refusal `invalid_payload`, naming what cannot be understood: a filter passed over would be no filter.
    `stranger`: whoever has shown no token may not have patterns compiled. What we add to Supabase's `config` may also
    stand in its `broadcast`, which all of Supabase's clients send as their app wrote it."""
    config = _part(payload, "config")
    broadcast, presence = _part(config, "broadcast"), _part(config, "presence")
    resume = (_part(config, "fieldline") or _part(broadcast, "fieldline")).get("resume")
    named = resume if isinstance(resume, dict) else {}
    after = named.get("after")
    return JoinRequest(
        bindings=_bindings(config.get("postgres_changes"), 0 if stranger else MAX_PATTERNS),
        own_broadcasts=_true(broadcast.get("self")),
        acknowledge=_true(broadcast.get("ack")),
        presence=_true(presence.get("enabled", True)),
        presence_key=str(presence.get("key") or "")[:MAX_KEY],
        private=_true(config.get("private")),
        resume=bool(resume),
        resume_after=after if isinstance(after, int) and not isinstance(after, bool) and after >= 0 else None,
        resume_epoch=str(named.get("epoch") or "")[:MAX_KEY],
    )


def _bindings(asked: Any, patterns: int) -> tuple[Binding, ...]:
    found = [one for one in asked if isinstance(one, dict)] if isinstance(asked, list) else []
    if len(found) > MAX_BINDINGS:
        raise Refusal("invalid_payload", {"problem": f"More than {MAX_BINDINGS} postgres_changes on one channel"})
    if sum(pattern_count(one.get("filter")) for one in found) > patterns:
        raise Refusal("invalid_payload", {"problem": f"More than {patterns} patterns (like, match) in filters"})
    return tuple(map(_binding, found))


def _binding(asked: dict[str, Any]) -> Binding:
    event = str(asked.get("event", "*")).upper()
    schema, table = asked.get("schema", "public"), asked.get("table")
    if schema not in ("public", "*"):
        table = ""
    elif table == "*":
        table = None
    columns = asked.get("select")
    return Binding(
        id=zlib.crc32(_encode(asked)) & 0x7FFF_FFFF or 1,
        asked=asked,
        event=event if event in EVENTS else "*",
        table=table if isinstance(table, str) else None,
        filter=read_filter(asked.get("filter"), table if isinstance(table, str) else None),
        columns=_KNOWN.intersection(map(str, columns)) if isinstance(columns, list) else None,
    )


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = whole.get(name)
    return found if isinstance(found, dict) else {}


def _true(value: Any) -> bool:
    """Some clients write booleans as strings."""
    return value is True or value == "true"
