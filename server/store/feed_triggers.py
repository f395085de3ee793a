"""The triggers that write the feed, made from the tables' own description, so that no code path can forget them.

They use nothing but SQLite's own functions: a change made from the `sqlite3` shell or by another program is told alike.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from server.store.sql_words import ANSWER_BIDS
from server.store.sql_words import SQLITE_NOW as NOW
from server.store.tables import PUBLISHED, bids, bookings

_BY_HAND = "NEW.status IS NOT OLD.status AND NEW.version IS OLD.version"
"""A status changed at a SQL prompt: operations always move the version along with it."""


def triggers() -> dict[str, str]:
    """Every trigger's name and its CREATE statement."""
    found: dict[str, str] = {}
    for table in PUBLISHED:
        found.update(_feed_triggers(table))
    found["bookings_status_by_hand"] = _status_by_hand()
    found.update(_technicians_follow())
    found.update(_feed_guards())
    return found


def _feed_triggers(table: sa.Table) -> Iterator[tuple[str, str]]:
    name = table.name
    hand_made = f" AND NOT ({_BY_HAND})" if table is bookings else ""
    yield (
        f"{name}_inserted",
        f"CREATE TRIGGER {name}_inserted AFTER INSERT ON {name} BEGIN {_line(table, 'insert')}; END",
    )
    yield (
        f"{name}_updated",
        f"CREATE TRIGGER {name}_updated AFTER UPDATE ON {name} WHEN ({_differs(table)}){hand_made}"
        f" BEGIN {_line(table, 'update')}; END",
    )
    yield (
        f"{name}_deleted",
        f"CREATE TRIGGER {name}_deleted AFTER DELETE ON {name} BEGIN {_line(table, 'delete')}; END",
    )


def _line(table: sa.Table, op: str) -> str:
    """The INSERT of one feed line."""
    alive = "OLD" if op == "delete" else "NEW"
    row = "NULL" if op == "delete" else _as_json(table, "NEW")
    old = "NULL" if op == "insert" else _as_json(table, "OLD")
    return (
        'INSERT INTO changes("table",op,row_id,booking_id,op_id,"row",old,at)'
        f" VALUES('{table.name}','{op}',{alive}.id,{_booking_id(table, alive)},{_op_id(table, op)},{row},{old},{NOW})"
    )


def _booking_id(table: sa.Table, alive: str) -> str:
    if table is bookings:
        return f"{alive}.id"
    return f"{alive}.booking_id" if "booking_id" in table.c else "NULL"


def _op_id(table: sa.Table, op: str) -> str:
    if "op_id" not in table.c or op == "delete":
        return "NULL"
    return "NEW.op_id" if op == "insert" else "CASE WHEN NEW.op_id IS NOT OLD.op_id THEN NEW.op_id END"


def _as_json(table: sa.Table, side: str) -> str:
    return "json_object(" + ",".join(f"'{column.name}',{_value(column, side)}" for column in table.c) + ")"


def _value(column: sa.Column[object], side: str) -> str:
    text = f"{side}.{column.name}"
    if isinstance(column.type, sa.Boolean):
        return f"json(CASE WHEN {text} THEN 'true' ELSE 'false' END)"
    if isinstance(column.type, sa.JSON):
        return f"json({text})"
    return text


def _differs(table: sa.Table) -> str:
    """Whether anything changed at all; an UPDATE that writes what stood there tells nobody."""
    return " OR ".join(f"NEW.{column.name} IS NOT OLD.{column.name}" for column in table.c)


_BY_HAND_TRIGGER = """CREATE TRIGGER bookings_status_by_hand AFTER UPDATE ON bookings WHEN {by hand} BEGIN
 {line};
 UPDATE bookings SET version=OLD.version+1,status_since={now},updated_at={now} WHERE id=NEW.id;
 {answer bids};
 INSERT INTO status_history(booking_id,version,from_status,to_status,actor_name,at)
 VALUES(NEW.id,OLD.version+1,OLD.status,NEW.status,'',{now});
 INSERT INTO messages(booking_id,sender_type,sender_role,kind,message,texts,created_at)
 SELECT NEW.id,'system','system','system',
 coalesce(json_extract(texts,'$.'||NEW.lang),json_extract(texts,'$.en'),'Status: '||NEW.status),texts,{now}
 FROM (SELECT coalesce((SELECT texts FROM status_texts WHERE workflow=NEW.workflow AND status=NEW.status),
 json_object('en','Status: '||NEW.status)) AS texts);
 END"""


def _status_by_hand() -> str:
    """What an operation would have written besides the status: version, moments, answers to bids, history, system
    message (B-03, C-33).

    It writes the line of the change itself, because the order of two triggers on one event is not defined."""
    text = _BY_HAND_TRIGGER.replace("{answer bids}", ANSWER_BIDS.replace("{bids}", bids.name))
    text = text.replace("{by hand}", _BY_HAND).replace("{now}", NOW)
    return text.replace("{line}", _line(bookings, "update"))


def _technicians_follow() -> Iterator[tuple[str, str]]:
    """A row of `technicians` for every active account of that role, with its name; who leaves is verified no more."""
    gone = "DELETE FROM technicians WHERE id="
    is_one = "NEW.role='technician' AND NEW.disabled_at IS NULL"
    row = f"INSERT INTO technicians(id,user_id,name,created_at,updated_at) SELECT NEW.id,NEW.id,NEW.name,{NOW},{NOW}"
    renamed = "name=excluded.name,updated_at=excluded.updated_at WHERE technicians.name<>excluded.name"
    put = f"{row} WHERE {is_one} ON CONFLICT(id) DO UPDATE SET {renamed}"
    for event, what in (
        ("INSERT", put),
        ("UPDATE", f"{gone}NEW.id AND NOT ({is_one}); {put}"),
        ("DELETE", f"{gone}OLD.id"),
    ):
        name = f"technicians_follow_{event.lower()}"
        yield name, f"CREATE TRIGGER {name} AFTER {event} ON profiles BEGIN {what}; END"


def _feed_guards() -> Iterator[tuple[str, str]]:
    """The feed is written once and shortened only at its old end: seq stays dense and is never given twice."""
    yield (
        "changes_are_final",
        "CREATE TRIGGER changes_are_final BEFORE UPDATE ON changes BEGIN"
        " SELECT RAISE(ABORT,'The feed is written once; change the rows, not their history.'); END",
    )
    yield (
        "changes_keep_the_newest",
        "CREATE TRIGGER changes_keep_the_newest BEFORE DELETE ON changes"
        " WHEN OLD.seq=(SELECT max(seq) FROM changes) OR EXISTS(SELECT 1 FROM changes WHERE seq=OLD.seq-1) BEGIN"
        " SELECT RAISE(ABORT,'The feed may only be shortened from its old end, and never by its newest line.'); END",
    )
