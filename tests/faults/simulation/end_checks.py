"""What must hold once everything has come to rest, by the files alone: nothing lost, nothing twice, nothing false.

Each sentence begins with the invariant of the reference (I1 to I15) that it is about. The server's rows are read by
plain SQL and seen with rules of this file's own: a fault of the programs' queries is not asked about itself.
"""

import bisect
import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import msgspec
import sqlcipher3.dbapi2 as cipher

from tests.faults.simulation.ledger import COLUMNS
from tests.faults.simulation.sight import differences

if TYPE_CHECKING:
    from tests.faults.simulation.client_life import ClientLife
    from tests.faults.simulation.world import World

TERMINAL = {"sent", "rejected", "failed", "discarded", "needs_decision"}
WITH_PERSON = {"held", "blocked"}
"""Neither is on its way: somebody here must say, and can see so."""
WINDOW = 10.0
"""Seconds over which requests in vain are counted."""
QUICK_START = 15
"""Of them, besides, when it begins anew: a socket, a poll and a token, each after ever longer pauses."""


def check(world: "World") -> list[str]:
    with closing(cipher.connect(str(world.server.folder / "fieldline.db"))) as server:
        server.row_factory = cipher.Row
        lives = [seat.life for seat in world.seats if seat.life is not None]
        return [
            *_history_is_legal(server),
            *_feed_is_dense(server),
            *(wrong for life in lives for wrong in _operations_are_accounted_for(world, life, server)),
            *(wrong for life in lives for wrong in _nothing_stays_beside_its_successor(life)),
            *(wrong for life in lives for wrong in _nothing_went_before_its_booking(life)),
            *(wrong for life in lives for wrong in _lanes_kept_their_order(life, server)),
            *(wrong for life in lives for wrong in _sees_what_it_should(world, life, server)),
            *_effects_have_operations(world, server),
            *_nobody_was_busy_for_nothing(world),
        ]


def _rows(connection: Any, query: str, *values: object) -> list[Any]:
    return connection.execute(query, values).fetchall()


def _history_is_legal(server: Any) -> Iterator[str]:
    """I6: versions of steps rise, each begins where the last ended, and the booking stands where the last one led."""
    for booking in _rows(server, "SELECT id, status, version FROM bookings"):
        steps = _rows(server, "SELECT * FROM status_history WHERE booking_id=? ORDER BY version", booking["id"])
        for before, step in itertools.pairwise(steps):
            if step["from_status"] != before["to_status"]:
                yield f"I6 {booking['id']}: version {step['version']} begins at {step['from_status']}"
        if steps and (steps[-1]["to_status"] != booking["status"] or steps[-1]["version"] > booking["version"]):
            yield f"I6 {booking['id']} stands at {booking['status']}, its history at {steps[-1]['to_status']}"


def _feed_is_dense(server: Any) -> Iterator[str]:
    """I7."""
    row = _rows(server, "SELECT min(seq) AS low, max(seq) AS high, count(*) AS lines FROM changes")[0]
    if row["high"] - row["low"] + 1 != row["lines"]:
        yield f"I7 the feed has holes: {row['lines']} lines in {row['low']}..{row['high']}"


def _operations_are_accounted_for(world: "World", life: "ClientLife", server: Any) -> Iterator[str]:
    """I1, I2, I3: every click is in the outbox with an end that fits what the server has of it."""
    ops = {row["op_id"]: row for row in _rows(life.desk.outbox._connection, "SELECT * FROM outbox")}
    for click in world.record.clicks:
        if click.seat != life.seat.name:
            continue
        op = ops.get(click.op_id)
        if op is None:
            yield f"I1 {click.seat} lost {click.kind} {click.op_id}"
            continue
        if op["state"] not in TERMINAL | WITH_PERSON:
            yield f"I1 {click.kind} {click.op_id} is still {op['state']}"
        effects = _effects(server, click.kind, click.op_id)
        judged = _rows(server, "SELECT verdict, author_id FROM operations WHERE op_id=?", click.op_id)
        if judged and judged[0]["author_id"] != click.person:
            yield f"I12 {click.kind} {click.op_id} of {click.person} was taken as {judged[0]['author_id']}'s"
        taken = bool(judged) and judged[0]["verdict"] in {"applied", "noop"}
        if op["state"] == "sent" and not taken:
            yield f"I3 {click.kind} {click.op_id} is shown as sent, the server has {list(map(tuple, judged))}"
        if op["state"] == "rejected" and taken:
            yield f"I2 {click.kind} {click.op_id} is shown as rejected and was taken"
        if op["state"] == "failed":
            yield f"I1 {click.kind} {click.op_id} failed, and no server refused it: {op['code']}"
        yield from _expectation_was_met(server, op)
        applied = bool(judged) and judged[0]["verdict"] == "applied"
        # Given up after an attempt: the desk can learn of it where there is something to see (22990, 121758).
        known = applied and _can_be_seen(server, click.op_id) if op["state"] == "discarded" else taken
        if op["state"] in {"failed", "needs_decision", "discarded"} | WITH_PERSON and known:
            yield f"I2 {click.kind} {click.op_id} is shown as {op['state']} and was taken"
        wanted = 1 if applied else 0
        if effects is not None and effects != wanted:
            yield f"I2 {click.kind} {click.op_id} has {effects} effects, not {wanted}"


def _can_be_seen(server: Any, op_id: str) -> bool:
    """Whether a row or a line of the feed still carries it: the next change of the same row has its own."""
    tables = ("bookings", "messages", "status_history", "changes")
    return any(_rows(server, f"SELECT 1 FROM {table} WHERE op_id = ?", op_id) for table in tables)


def _nothing_stays_beside_its_successor(life: "ClientLife") -> Iterator[str]:
    """I2: what was done anew in the place of an operation leaves nothing of that one to be sent, or decided again."""
    query = """SELECT old.op_id, old.state, new.op_id AS new_id FROM outbox AS new
               JOIN outbox AS old ON old.op_id = new.supersedes WHERE old.state NOT IN ('discarded', 'sent')"""
    for row in _rows(life.desk.outbox._connection, query):
        yield f"I2 {row['op_id']} is {row['state']} beside {row['new_id']}, which took its place"


def _nothing_went_before_its_booking(life: "ClientLife") -> Iterator[str]:
    """I5: what is done in a booking opened here waits until the server has it."""
    query = """SELECT done.op_id, opened.state FROM outbox AS done JOIN outbox AS opened ON opened.op_id = done.lane
               WHERE done.code = 'booking_not_found'"""
    for row in _rows(life.desk.outbox._connection, query):
        yield f"I5 {row['op_id']} was refused for want of a booking whose own operation is {row['state']}"


def _expectation_was_met(server: Any, op: Any) -> Iterator[str]:
    """I6: a step begins where its author saw the booking stand."""
    expected = msgspec.json.decode(op["expect"]).get("status") if op["expect"] else None
    for step in _rows(server, "SELECT from_status FROM status_history WHERE op_id=?", op["op_id"]):
        if expected is not None and step["from_status"] != expected:
            yield f"I6 {op['op_id']} expected {expected} and was applied to {step['from_status']}"


def _effects(server: Any, kind: str, op_id: str) -> int | None:
    """Rows that only this operation can have made; None for a kind that makes none of its own."""
    if kind == "message.send":
        return len(_rows(server, "SELECT 1 FROM messages WHERE id=?", op_id))
    if kind == "booking.create":
        return len(_rows(server, "SELECT 1 FROM bookings WHERE id=?", op_id))
    if kind == "booking.transition":
        steps = len(_rows(server, "SELECT 1 FROM status_history WHERE op_id=?", op_id))
        lines = len(_rows(server, "SELECT 1 FROM messages WHERE op_id=? AND kind='system'", op_id))
        return steps if steps == lines else -1
    return None


def _effects_have_operations(world: "World", server: Any) -> Iterator[str]:
    """I2: what stands in the conversation was asked for once; the same words twice would be a second message."""
    known = {click.op_id for click in world.record.clicks} | set(world.town.bookings)
    texts = Counter(
        row["message"]
        for row in _rows(
            server,
            """SELECT message FROM messages
               WHERE kind IN ('text', 'note') AND edited_at IS NULL AND deleted_at IS NULL""",
        )
    )
    written = Counter(world.record.written)
    for text, count in texts.items():
        if count > written[text]:
            yield f"I2 {text!r} was written {written[text]} times and stands there {count} times"
    for row in _rows(server, "SELECT op_id FROM operations"):
        if row["op_id"] not in known and row["op_id"] not in world.record.unseen:
            yield f"I2 the server has taken {row['op_id']}, which nobody clicked"


def _lanes_kept_their_order(life: "ClientLife", server: Any) -> Iterator[str]:
    """I5: lines of one person at one desk in one booking, and those that their presses wrote, stand in the order of the
    clicks; leaving out what a person had decided anew in between."""
    outbox = life.desk.outbox._connection
    decided = {
        row["op_id"]
        for row in _rows(
            outbox,
            "SELECT op_id FROM op_event WHERE to_state IN ('held', 'needs_decision', 'blocked', 'failed', 'discarded')",
        )
    }
    last: dict[tuple[str, str], tuple[int, str]] = {}
    for op in _rows(outbox, "SELECT * FROM outbox WHERE state='sent' ORDER BY local_seq"):
        if op["op_id"] in decided:
            continue
        place = _place(server, op["kind"], op["op_id"])
        if place is None:
            continue
        before = last.get((op["author_id"], op["lane"]))
        if before is not None and before[0] > place:
            yield f"I5 {op['op_id']} stands before {before[1]}, which was clicked earlier"
        last[op["author_id"], op["lane"]] = (place, op["op_id"])


def _place(server: Any, kind: str, op_id: str) -> int | None:
    query = {
        "message.send": "SELECT position FROM messages WHERE id=?",
        "booking.transition": "SELECT position FROM messages WHERE op_id=? AND kind='system'",
    }.get(kind)
    rows = _rows(server, query, op_id) if query else []
    return rows[0][0] if rows else None


def _sees_what_it_should(world: "World", life: "ClientLife", server: Any) -> Iterator[str]:
    """I4, I12: the cache holds exactly the rows of the server that its person may see."""

    def rows_of(table: str) -> list[dict[str, Any]]:
        columns = COLUMNS[table]
        return [
            dict(zip(columns, row, strict=True)) for row in _rows(server, f"SELECT {', '.join(columns)} FROM {table}")
        ]

    for difference in differences(world, life, rows_of):
        yield f"I4 {difference}"


def _nobody_was_busy_for_nothing(world: "World") -> Iterator[str]:
    """I14: what comes to nothing is tried again about once a second, after a quicker start whenever it is urged."""
    for seat in world.seats:
        times = seat.weather.in_vain
        for at, began in enumerate(times):
            tried = bisect.bisect(times, began + WINDOW) - at
            urged = sum(began - WINDOW < when < began + WINDOW for when in seat.weather.urged)
            if tried > WINDOW + QUICK_START * (1 + urged):
                yield f"I14 {seat.name} asked {tried} times in vain within {WINDOW:.0f} s"
                break
