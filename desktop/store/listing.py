"""The bookings list's questions: how many in each view, and in which order. Each answer is a query."""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from contract.workflow import Workflow, in_language
from desktop.state.lines import Me, ViewCount
from desktop.state.new_bookings import NewBooking
from desktop.store.sqlcipher import translated
from desktop.store.summaries import fold

if TYPE_CHECKING:
    from sqlite3 import Connection

_VIEWS = {
    "all": "",
    "mine": "WHERE assignee_id = :me",
    "unassigned": "WHERE assignee_id IS NULL AND open = 1",
    "needs_answer": "WHERE needs_answer = 1",
}
_decode_numbers = msgspec.json.Decoder(list[int]).decode
_ORDER = "ORDER BY needs_answer DESC, waiting_since, activity_at DESC"


def order(connection: "Connection", view_key: str, filter_text: str, me: Me) -> "array[int]":
    """Row numbers of a view, longest waiting first, then newest activity; `filter_text` must occur in code, name,
    title or place. An unknown view is empty."""
    where, values = _condition(view_key, me)
    if where is None:
        return array("q")
    needle = fold(filter_text.strip())
    if needle:
        where = f"{where or 'WHERE 1'} AND instr(search, :needle) > 0"
        values["needle"] = needle
    # Gathered by the database as one text: 100,000 rows one by one would keep the window's thread waiting ten times as
    # long for the interpreter.
    asked = f"SELECT json_group_array(num) FROM (SELECT num FROM summary {where} {_ORDER})"  # noqa: S608 - own conditions
    with translated():
        return array("q", _decode_numbers(connection.execute(asked, values).fetchone()[0]))


def _condition(view_key: str, me: Me) -> tuple[str | None, dict[str, object]]:
    if view_key in _VIEWS:
        return _VIEWS[view_key], {"me": me.user_id} if view_key == "mine" else {}
    kind, _, rest = view_key.partition(":")
    workflow, _, status = rest.partition(":")
    if kind != "status":
        return None, {}
    return "WHERE workflow = :workflow AND status = :status", {"workflow": workflow, "status": status}


def views(
    connection: "Connection", me: Me, workflows: Mapping[str, Workflow], new: Sequence[NewBooking] = ()
) -> list[ViewCount]:
    """All, mine, unassigned, needs answer, then every status of each workflow that has bookings, in its own order.
    The labels of the first four are their keys: whoever shows them has the words. `new` are counted in."""
    with translated():
        counts = [
            ViewCount(key, key, _count(connection, where, me) + sum(each.stands_in(key, me) for each in new))
            for key, where in _VIEWS.items()
        ]
        rows = connection.execute("SELECT workflow, status, count(*) FROM summary GROUP BY workflow, status").fetchall()
    found = Counter({(row[0], row[1]): row[2] for row in rows})
    found.update((each.booking.workflow, each.booking.status) for each in new)
    for name in dict.fromkeys(workflow for workflow, _ in sorted(found)):
        workflow = workflows.get(name)
        present = {status for at, status in found if at == name}
        known = list(workflow.statuses) if workflow else []
        for status in [*known, *sorted(present - set(known))]:
            label = in_language(workflow.statuses[status].label, me.lang) if workflow and status in known else status
            counts.append(ViewCount(f"status:{name}:{status}", label, found[name, status]))
    return counts


def _count(connection: "Connection", where: str, me: Me) -> int:
    values = {"me": me.user_id} if ":me" in where else {}
    found: int = connection.execute(f"SELECT count(*) FROM summary {where}", values).fetchone()[0]  # noqa: S608 - own
    return found
