"""A person at a desk: does with the real intents what an event says, as far as the screen offers it."""

import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from contract.operations import Assign, CreateBooking
from contract.permissions import may
from contract.workflow import Workflow, takes_messages
from desktop.intents.assign import assign
from desktop.intents.context import IntentRefused
from desktop.intents.create_booking import create_booking
from desktop.intents.decide import decide
from desktop.intents.discard import discard
from desktop.intents.edit_message import edit_message
from desktop.intents.mark_read import mark_read
from desktop.intents.press_transition import press_transition
from desktop.intents.remove_message import remove_message
from desktop.intents.retry import retry
from desktop.intents.send_message import send_message
from desktop.state.overtaken import choices
from desktop.state.pending import PendingOp
from tests.faults.simulation.event import Event
from tests.faults.simulation.template import WORKFLOWS

if TYPE_CHECKING:
    from tests.faults.simulation.client_life import ClientLife

CODES = 2
"""Of new bookings; few, so that two desks choose the same."""


def act(life: "ClientLife", event: Event, bookings: list[str]) -> list[str]:
    """The ids of the operations that came of it. What the desk refuses is not done; that is its right."""
    booking = bookings[event.dice[0] % len(bookings)]
    newest = _newest_op(life)
    with contextlib.suppress(IntentRefused):
        _ACTS[event.kind](life, booking, event.dice)
    return _added_after(life, newest)


def _create(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> None:
    """Now and then under a code that somebody else may have chosen meanwhile, now and then with a first line."""
    code = f"NEW1000{dice[1] % CODES}" if dice[2] % 4 and life.seat.name != "cora" else None
    message = f"first line {dice[1]} of {life.seat.name}" if dice[2] % 3 else None
    customer = None if life.seat.name == "cora" else life.world.town.people["cora"]
    name, workflow = (None if customer is None else "Cora"), WORKFLOWS[dice[2] % len(WORKFLOWS)]
    create_booking(life.context, CreateBooking(workflow, customer, name, code=code, message=message))


def _write(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> str:
    return send_message(life.context, booking, f"line {dice[1]} of {life.seat.name}")


def _note(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> str:
    return send_message(life.context, booking, f"note {dice[1]}", "note")


def _press(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> None:
    _press_one_of(life, booking, dice, lambda *_: True)


def _close(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> None:
    """With a button after which nobody writes any more, if there is one."""
    _press_one_of(life, booking, dice, lambda workflow, to: not takes_messages(workflow, to))


def _go_on(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> None:
    _press_one_of(life, booking, dice, takes_messages)


def _press_one_of(
    life: "ClientLife", booking: str, dice: tuple[int, ...], leads_right: Callable[[Workflow, str], bool]
) -> None:
    me, held = life.desk.me, life.desk.reader.booking(booking)
    workflow = life.desk.workflows.get(held.workflow) if held else None
    detail = life.desk.reader.detail(booking, me) if me else None
    if detail is None or workflow is None:
        return
    found = [name for name in detail.buttons if leads_right(workflow, workflow.transitions[name].to)]
    if found:
        transition = found[dice[1] % len(found)]
        press_transition(life.context, booking, transition, _answers(life, booking, transition))


def _assign(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> str:
    people = [None, *(person.id for person in life.desk.reader.people() if person.role == "operator")]
    return assign(life.context, booking, people[dice[1] % len(people)])


def _give(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> str:
    """To someone in the field, or back: the booking comes into that person's sight, or goes out of it."""
    life.context.booking(booking)
    people = [None, *(person.id for person in life.desk.reader.people() if person.role == "technician")]
    if not may(life.context.who().role, "booking.assign"):
        raise IntentRefused("forbidden")
    operation = life.context.operation("booking.assign", booking, Assign(provider_id=people[dice[1] % len(people)]))
    life.context.outbox.add(operation, booking)
    life.context.committed(booking)
    return operation.op_id


def _read(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> None:
    me = life.desk.me
    shown = life.desk.reader.conversation(booking, me).lines if me else ()
    newest = max((line.position or 0 for line in shown), default=0)
    if newest:
        life.world.record.watch.displayed(life, booking, newest)
        mark_read(life.context, booking, newest)


def _edit(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> str | None:
    mine = _own_lines(life, booking)
    return edit_message(life.context, booking, mine[dice[1] % len(mine)], f"edited {dice[2]}") if mine else None


def _remove(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> str | None:
    mine = _own_lines(life, booking)
    return remove_message(life.context, booking, mine[dice[1] % len(mine)]) if mine else None


def _retry(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> str | None:
    op = _one(life, dice, {"failed", "rejected", "queued"})
    again = retry(life.context, op.op_id) if op else None
    if op and again != op.op_id and op.kind == "booking.create":
        life.world.hits["booking asked for anew"] += 1
    return again


def _confirm(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> str | None:
    op = _one(life, dice, {"held", "needs_decision"})
    return retry(life.context, op.op_id) if op else None


def _discard(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> None:
    op = _one(life, dice, {"queued", "held", "rejected", "needs_decision", "blocked", "failed"})
    if op:
        discard(life.context, op.op_id)
        life.world.hits["given up after an attempt"] += op.attempts > 0


def _decide(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> None:
    """What the dialog offers for a press that was overtaken, and of the lines written after it."""
    op = _one(life, dice, {"rejected", "needs_decision"}, "booking.transition")
    me = life.desk.me
    detail = life.desk.reader.detail(op.lane, me) if op and me else None
    if op is None or detail is None:
        return
    cards = [card for card in detail.conflicts if card.op_id == op.op_id]
    offered = [choice for card in cards for choice in choices(card) if choice.verb != "ask"]
    if not offered:
        return
    choice = offered[dice[1] % len(offered)]
    decide(life.context, op.op_id, choice, _answers(life, op.lane, choice.transition) if choice.transition else {})
    if choice.texts != "leave":
        life.world.hits[f"text after a press: {choice.texts}"] += 1


def _open(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> None:
    life.desk.set_open(booking if dice[1] % 3 else None)


def _offline(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> None:
    life.desk.set_work_offline(True)


def _online(life: "ClientLife", booking: str, dice: tuple[int, ...]) -> None:
    life.desk.set_work_offline(False)


_ACTS: Mapping[str, Callable[["ClientLife", str, tuple[int, ...]], object]] = {
    "create": _create, "write": _write, "note": _note, "press": _press, "assign": _assign, "give": _give,
    "read": _read, "edit": _edit, "remove": _remove,
    "retry": _retry, "confirm": _confirm, "discard": _discard, "decide": _decide, "open": _open, "offline": _offline,
    "online": _online, "close": _close, "go on": _go_on,
}  # fmt: skip


def _newest_op(life: "ClientLife") -> int:
    found: int = life.desk.outbox._connection.execute("SELECT coalesce(max(local_seq), 0) FROM outbox").fetchone()[0]
    return found


def _added_after(life: "ClientLife", local_seq: int) -> list[str]:
    query = "SELECT op_id FROM outbox WHERE local_seq > ? ORDER BY local_seq"
    return [op_id for (op_id,) in life.desk.outbox._connection.execute(query, (local_seq,)).fetchall()]


def _one(life: "ClientLife", dice: tuple[int, ...], states: set[str], kind: str | None = None) -> PendingOp | None:
    found = [op for op in life.desk.outbox.unfinished() if op.state in states and kind in {None, op.kind}]
    return found[dice[2] % len(found)] if found else None


def _own_lines(life: "ClientLife", booking: str) -> list[str]:
    me = life.desk.me
    lines = life.desk.reader.conversation(booking, me).lines if me else ()
    return [line.id for line in lines if line.mine and line.kind == "text" and not line.removed]


def _answers(life: "ClientLife", booking: str, transition: str) -> dict[str, str]:
    held = life.desk.reader.booking(booking)
    workflow: Workflow | None = life.desk.workflows.get(held.workflow) if held else None
    return dict.fromkeys(workflow.transitions[transition].ask, "because") if workflow else {}
