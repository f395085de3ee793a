"""The triggers that write the feed on PostgreSQL: deferred, so that lines are numbered at commit, in commit order.

A deferred row trigger fires when COMMIT is under way. The first one of a transaction takes the lock of the head (meta's
row `head`), which is held until the commit is visible; so numbers are dense, and nobody can see one without those
before it. The head's lock is the last one that a transaction takes, and cannot be part of a deadlock.
"""

import re
from typing import Any

import psycopg
import sqlalchemy as sa

from server.store.sql_words import ANSWER_BIDS
from server.store.sql_words import POSTGRES_NOW as NOW
from server.store.tables import PUBLISHED, bookings

_HEAD = "INSERT INTO {schema}.meta(key,value) SELECT 'head',coalesce(max(seq),0)::text FROM {schema}.changes"

_FUNCTIONS = {
    # The number goes on in a setting of the transaction, so that the head is written once, by a deferred trigger that
    # touching it queues; that ends the setting too. With constraints set immediate each line touches the head anew.
    "feed_seq": """
DECLARE newest bigint := nullif(current_setting('fieldline.seq',true),'')::bigint+1;
BEGIN
 IF newest IS NOT NULL THEN
  PERFORM set_config('fieldline.seq',newest::text,true);
  RETURN newest;
 END IF;
 SELECT value::bigint+1 INTO STRICT newest FROM {schema}.meta WHERE key='head' FOR NO KEY UPDATE;
 PERFORM set_config('fieldline.seq',newest::text,true);
 UPDATE {schema}.meta SET value=value WHERE key='head';
 RETURN newest;
END""",
    "feed_head": """
BEGIN
 UPDATE {schema}.meta SET value=current_setting('fieldline.seq') WHERE key='head';
 PERFORM set_config('fieldline.seq','',true);
 RETURN NULL;
END""",
    # Receipts are marks on positions: within a booking they must become visible in their order.
    "message_position": """
BEGIN
 PERFORM 1 FROM {schema}.bookings WHERE id=NEW.booking_id FOR NO KEY UPDATE;
 NEW.position := nextval(pg_get_serial_sequence('{schema}.messages','position'));
 RETURN NEW;
END""",
    "status_by_hand": """
DECLARE words jsonb := coalesce(
 (SELECT texts FROM {schema}.status_texts WHERE workflow=NEW.workflow AND status=NEW.status),
 jsonb_build_object('en','Status: '||NEW.status));
BEGIN
 UPDATE {schema}.bookings SET version=OLD.version+1,status_since={now},updated_at={now} WHERE id=NEW.id;
 {answer bids};
 INSERT INTO {schema}.status_history(booking_id,version,from_status,to_status,actor_name,at)
 VALUES(NEW.id,OLD.version+1,OLD.status,NEW.status,'',{now});
 INSERT INTO {schema}.messages(booking_id,sender_type,sender_role,kind,message,texts,created_at)
 VALUES(NEW.id,'system','system','system',
 coalesce(words->>NEW.lang,words->>'en','Status: '||NEW.status),words,{now});
 RETURN NULL;
END""",
    # A row of `technicians` for every active account of that role, with its name; whoever leaves is verified no more.
    "technicians_follow": """
BEGIN
 IF TG_OP<>'DELETE' AND NEW.role='technician' AND NEW.disabled_at IS NULL THEN
  INSERT INTO {schema}.technicians AS known(id,user_id,name,created_at,updated_at)
  VALUES(NEW.id,NEW.id,NEW.name,{now},{now}) ON CONFLICT(id) DO UPDATE
  SET name=excluded.name,updated_at=excluded.updated_at WHERE known.name<>excluded.name;
 ELSE
  DELETE FROM {schema}.technicians WHERE id=coalesce(NEW.id,OLD.id);
 END IF;
 RETURN NULL;
END""",
    "feed_is_final": """
BEGIN
 RAISE EXCEPTION 'The feed is written once; change the rows, not their history.' USING ERRCODE='23514';
END""",
    "feed_keeps_the_newest": """
BEGIN
 IF EXISTS(SELECT 1 FROM gone WHERE seq>coalesce((SELECT min(seq) FROM {schema}.changes),0)) THEN
  RAISE EXCEPTION 'The feed may only be shortened from its old end, and never by its newest line.'
  USING ERRCODE='23514';
 END IF;
 RETURN NULL;
END""",
    "no_truncate": """
BEGIN
 RAISE EXCEPTION 'TRUNCATE tells nobody what is gone: use DELETE.' USING ERRCODE='23514';
END""",
}


def wanted(schema: str) -> dict[str, str]:
    """Every function's body and every trigger's definition, by name, as the database tells them back."""
    return _functions(schema) | _triggers(schema)


def present(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """The same as they are in the database."""
    functions = connection.execute(
        "SELECT proname||'()', prosrc FROM pg_proc WHERE pronamespace=current_schema()::regnamespace"
    ).fetchall()
    triggers = connection.execute(
        "SELECT tgname||' on '||relname, CASE tgenabled WHEN 'O' THEN pg_get_triggerdef(t.oid) ELSE 'off' END"
        " FROM pg_trigger t JOIN pg_class c ON c.oid=t.tgrelid"
        " WHERE NOT tgisinternal AND c.relnamespace=current_schema()::regnamespace"
    ).fetchall()
    return {str(name): str(text) for name, text in [*functions, *triggers]}


def making(schema: str) -> list[str]:
    """The statements that put them all in place, whatever was there."""
    quoted = _quoted(schema)
    found = [f"{_HEAD.format(schema=quoted)} ON CONFLICT(key) DO NOTHING"]
    for name, body in _functions(schema).items():
        returns = "bigint" if name == "feed_seq()" else "trigger"
        made = f"CREATE OR REPLACE FUNCTION {quoted}.{name} RETURNS {returns}"
        found.append(f"{made} LANGUAGE plpgsql AS $body${body}$body$")
    for name, text in _triggers(schema).items():
        trigger, _, table = name.partition(" on ")
        found += [f"DROP TRIGGER IF EXISTS {trigger} ON {quoted}.{table}", text]
    return found


def _functions(schema: str) -> dict[str, str]:
    quoted = _quoted(schema)
    answer_bids = ANSWER_BIDS.replace("{bids}", "{schema}.bids")
    bodies = {name: body.replace("{answer bids}", answer_bids) for name, body in _FUNCTIONS.items()}
    found = {f"{name}()": body.replace("{schema}", quoted).replace("{now}", NOW) for name, body in bodies.items()}
    return found | {f"feed_of_{table.name}()": _lines(table, quoted) for table in PUBLISHED}


def _lines(table: sa.Table, schema: str) -> str:
    """A table's trigger function: one feed line for what happened."""
    branches = "\n ELSIF ".join(f"TG_OP='{op.upper()}' THEN {_line(table, op, schema)};" for op in ("insert", "update"))
    return f"\nBEGIN\n IF {branches}\n ELSE {_line(table, 'delete', schema)};\n END IF;\n RETURN NULL;\nEND"


def _line(table: sa.Table, op: str, schema: str) -> str:
    alive = "OLD" if op == "delete" else "NEW"
    booking = f"{alive}.id" if table is bookings else f"{alive}.booking_id" if "booking_id" in table.c else "NULL"
    row = "NULL" if op == "delete" else "row_to_json(NEW)::text"
    old = "NULL" if op == "insert" else "row_to_json(OLD)::text"
    return (
        f'INSERT INTO {schema}.changes(seq,"table",op,row_id,booking_id,op_id,"row",old,at)'
        f" VALUES({schema}.feed_seq(),'{table.name}','{op}',{alive}.id,{booking},{_op_id(table, op)},{row},{old},{NOW})"
    )


def _op_id(table: sa.Table, op: str) -> str:
    if "op_id" not in table.c or op == "delete":
        return "NULL"
    return "NEW.op_id" if op == "insert" else "CASE WHEN NEW.op_id IS DISTINCT FROM OLD.op_id THEN NEW.op_id END"


def _triggers(schema: str) -> dict[str, str]:
    """In the words of pg_get_triggerdef, so that they can be compared; it names no schema for functions in reach."""
    quoted = _quoted(schema)
    deferred = "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    found: dict[str, str] = {}

    def add(name: str, table: str, when: str, how: str, function: str, kind: str = "TRIGGER") -> None:
        found[f"{name} on {table}"] = (
            f"CREATE {kind} {name} {when} ON {quoted}.{table} {how} EXECUTE FUNCTION {function}()"
        )

    for published in PUBLISHED:
        table, function = published.name, f"feed_of_{published.name}"
        add(f"{table}_written", table, "AFTER INSERT OR DELETE", deferred, function, "CONSTRAINT TRIGGER")
        differs = f"{deferred} WHEN ((old.* IS DISTINCT FROM new.*))"
        add(f"{table}_updated", table, "AFTER UPDATE", differs, function, "CONSTRAINT TRIGGER")
        add(f"{table}_not_truncated", table, "BEFORE TRUNCATE", "FOR EACH STATEMENT", "no_truncate")
    by_hand = "(((new.status IS DISTINCT FROM old.status) AND (new.version = old.version)))"
    add("status_by_hand", "bookings", "AFTER UPDATE", f"FOR EACH ROW WHEN {by_hand}", "status_by_hand")
    add("technicians_follow", "profiles", "AFTER INSERT OR DELETE OR UPDATE", "FOR EACH ROW", "technicians_follow")
    add("message_position", "messages", "BEFORE INSERT", "FOR EACH ROW", "message_position")
    touched = f"{deferred} WHEN (((old.key = 'head'::text) AND (new.value = old.value)))"
    add("feed_head", "meta", "AFTER UPDATE", touched, "feed_head", "CONSTRAINT TRIGGER")
    add("feed_is_final", "changes", "BEFORE UPDATE OR TRUNCATE", "FOR EACH STATEMENT", "feed_is_final")
    newest = "REFERENCING OLD TABLE AS gone FOR EACH STATEMENT"
    add("feed_keeps_the_newest", "changes", "AFTER DELETE", newest, "feed_keeps_the_newest")
    return found


def _quoted(schema: str) -> str:
    return schema if re.fullmatch("[a-z_][a-z0-9_]*", schema) else '"' + schema.replace('"', '""') + '"'
