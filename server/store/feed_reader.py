"""Reads feed lines and gives each the facts of its booking as they were just before and just after it."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog

from server.store.facts import FactsCache
from server.store.feed import BookingFacts, Change, decode_facts
from server.store.prepared import Prepared
from server.store.sql_words import utf8_bytes, without_text
from server.store.tables import bookings, changes, messages

log = structlog.get_logger(__name__)

_FACTS = sa.select(*(bookings.c[name] for name in BookingFacts.__struct_fields__))
_BY_ID = _FACTS.where(bookings.c.id == sa.bindparam("id"))
_BY_CODE = _FACTS.where(bookings.c.code == sa.bindparam("code"))
FACTS, FACTS_BY_CODE = Prepared(_BY_ID), Prepared(_BY_CODE)
FACTS_LOCKED = Prepared(_BY_ID.with_for_update(key_share=True))
"""The same for judging by: on PostgreSQL nobody else changes that booking until the transaction ends. SQLite, whose
writer is alone anyhow, has no such words and is given none."""
FACTS_BY_CODE_LOCKED = Prepared(_BY_CODE.with_for_update(key_share=True))


_LINE = (
    changes.c.seq,
    changes.c.table,
    changes.c.op,
    changes.c.row_id,
    changes.c.booking_id,
    changes.c.op_id,
    utf8_bytes(changes.c.row),
    utf8_bytes(changes.c.old),
    changes.c.at,
)
NEW_LINES = Prepared(sa.select(*_LINE).where(changes.c.seq > sa.bindparam("after")).order_by(changes.c.seq))

_removed = sa.and_(changes.c.table == "messages", messages.c.deleted_at.is_not(None))


def _without_body(column: sa.ColumnElement[str]) -> sa.ColumnElement[bytes]:
    """A message removed since keeps its line and loses its text: what is removed is not served from the past either."""
    return utf8_bytes(sa.case((sa.and_(_removed, column.is_not(None)), without_text(column)), else_=column))


PAST_LINES = Prepared(
    sa.select(*_LINE[:6], _without_body(changes.c.row), _without_body(changes.c.old), changes.c.at)
    .select_from(changes.outerjoin(messages, sa.and_(changes.c.table == "messages", messages.c.id == changes.c.row_id)))
    .where(changes.c.seq > sa.bindparam("after"), changes.c.seq <= sa.bindparam("upto"))
    .order_by(changes.c.seq)
    .limit(sa.bindparam("at_most"))
)
SIGHT_LINES_AFTER = Prepared(
    sa.select(utf8_bytes(changes.c.old))
    .where(
        changes.c.row_id == sa.bindparam("id"),
        changes.c.seq > sa.bindparam("after"),
        changes.c.table.in_([sa.literal_column("'bookings'"), sa.literal_column("'profiles'")]),
    )
    .order_by(changes.c.seq)
    .limit(1)
)

Line = tuple[int, str, str, str, str | None, str | None, bytes | None, bytes | None, str]
ReadFacts = Callable[[str], BookingFacts | None]


def with_facts(lines: Iterable[Line], known: FactsCache, read_facts: ReadFacts) -> list[Change]:
    """Lines in feed order as changes. `known` must hold nothing newer than the first line, and learns from each;
    `read_facts` gives the facts of a booking that is not held, as they are before its next line in here."""
    found: list[Change] = []
    for seq, table, op, row_id, booking_id, op_id, row_text, old_text, at in lines:
        row, old = _in_utf8(row_text), _in_utf8(old_text)
        if table == "bookings":
            before, after = facts_told(old), facts_told(row)
            if after is not None:
                known.learn(after)
            else:
                known.forget(row_id)
        elif booking_id is None:
            before = after = None
        else:
            after = known.published(booking_id)
            if after is None:
                after = read_facts(booking_id)
                if after is not None:
                    known.learn(after)
            before = after
        found.append(Change(seq, table, op, row_id, booking_id, op_id, row, old, at, before, after))
    return found


def first_known(lines: list[Line], read: ReadFacts) -> ReadFacts:
    """`read_facts` for lines just committed: facts that a later line of them changes are found in its `old`."""

    def read_facts(booking_id: str) -> BookingFacts | None:
        for _, table, _, row_id, _, _, _, old, _ in lines:
            if table == "bookings" and row_id == booking_id:
                return facts_told(old)
        return read(booking_id)

    return read_facts


def facts_told(booking: bytes | None) -> BookingFacts | None:
    """Facts out of a bookings row in the feed. One that cannot be read (the tables' checks were got around) is nobody's
    to see, and does not stop the feed for the others."""
    if booking is None:
        return None
    try:
        return decode_facts(_in_utf8(booking) or b"")
    except msgspec.MsgspecError:
        log.exception("a booking in the feed cannot be read")
        return None


def _in_utf8(text: bytes | None) -> bytes | None:
    """SQLite keeps whatever bytes another program writes as text; on a socket they would end the connection."""
    if text is None or text.isascii():
        return text
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode(errors="replace").encode()
    return text


def facts_of_row(row: tuple[Any, ...] | None) -> BookingFacts | None:
    """Facts out of a row of FACTS."""
    return None if row is None else BookingFacts(*row)
