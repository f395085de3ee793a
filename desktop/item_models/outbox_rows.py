"""The outbox as rows, oldest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.state.lines import OutboxLine


@dataclass(frozen=True, slots=True)
class OutboxRow:
    key: str
    line: OutboxLine


def outbox_rows(lines: Sequence[OutboxLine]) -> list[OutboxRow]:
    return [OutboxRow(line.op_id, line) for line in lines]
