"""Prints answers: one line each for people, or one JSON object a line for programs."""

import os
import sys
from collections.abc import Callable

from desktop.handover.requests import (
    AnyAnswer,
    DeskStands,
    LifeLine,
    MessageLine,
    OperationStands,
    OutboxLine,
    Step,
    write_line,
)

_STEPS = {
    "typed": "typed",
    "on_disk": "on disk",
    "on_wire": "on the wire",
    "stored": "stored",
    "delivered": "delivered",
    "read": "read",
}
_PROOFS = {
    "click": "by this computer's clock",
    "author_clock": "by the clock of {by}",
    "outbox": "number {number} in the outbox",
    "attempt": "attempt {attempts}",
    "feed": "number {seq} in the server's feed",
    "verdict": "the server's answer, up to number {seq} of its feed",
    "row": "the server's row is held here",
    "receipt": "{by} has the conversation up to line {position}",
    "nothing": "",
}


class NobodyListens(Exception):
    """Whoever read the answers has had enough."""


def json_line(answer: AnyAnswer) -> str:
    return write_line(answer).decode()


def plain_line(answer: AnyAnswer) -> str:
    match answer:
        case OperationStands():
            return f"{answer.op_id} {answer.state}"
        case MessageLine():
            mark = " (removed)" if answer.removed else " (edited)" if answer.edited else ""
            return f"{answer.at} {answer.sender or answer.side}{mark}: {_one_line(answer.text)}"
        case OutboxLine():
            where = answer.booking_code or answer.booking_id or ""
            why = f" [{answer.error}]" if answer.error else ""
            return f"{answer.op_id} {answer.state} {where} {answer.kind}: {_one_line(answer.what)}{why}"
        case DeskStands():
            return (
                f"{answer.phase}: {answer.cursor} of {answer.head}, {answer.queued} waiting, "
                f"{answer.needs_person} for a person"
            )
        case LifeLine():
            return _life(answer)
        case _:
            return json_line(answer)


def printer(*, as_json: bool) -> Callable[[AnyAnswer], None]:
    line = json_line if as_json else plain_line

    def tell(answer: AnyAnswer) -> None:
        try:
            print(line(answer), flush=True)  # noqa: T201 - this is what standard output is for
        except BrokenPipeError as error:
            # What is still buffered has nowhere to go, and must not fail once more at the exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise NobodyListens from error

    return tell


def _life(life: LifeLine) -> str:
    head = f"{life.op_id} {life.state} {life.booking_code} {life.kind}: {_one_line(life.what)}"
    width = max(len(name) for name in _STEPS.values())
    steps = [
        f"  {_STEPS.get(step.step, step.step):<{width}}  {step.at or '-':<24}  {_proof(step)}".rstrip()
        for step in life.steps
    ]
    error = [f"  {life.error}"] if life.error else []
    return "\n".join([head, *steps, *error])


def _proof(step: Step) -> str:
    found = _PROOFS.get(step.proof, step.proof)
    for name, value in step.values.items():
        found = found.replace("{" + name + "}", str(value) or "somebody")
    return found


def _one_line(text: str) -> str:
    """A message may hold what a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
