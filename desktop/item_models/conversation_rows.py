"""A conversation as rows: day separators and the unread line among the messages, runs of one sender grouped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from contract.moments import to_ms
from desktop.state.lines import MessageLine

GROUP_MS = 5 * 60_000
"""Lines of one sender within this belong together."""


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """`key` stays the same for as long as it is the same row."""

    kind: Literal["day", "unread", "message"]
    key: str
    line: MessageLine | None = None
    day: date | None = None
    unread: int = 0
    begins_group: bool = True
    ends_group: bool = True


def conversation_rows(
    lines: Sequence[MessageLine], unread_from: int | None, day_of: Callable[[str], date]
) -> list[ConversationRow]:
    """The rows of `lines`, oldest first. `unread_from` is the position of the first line unread at opening."""
    rows: list[ConversationRow] = []
    last: MessageLine | None = None
    day: date | None = None
    unread_shown = unread_from is None
    for place, line in enumerate(lines):
        broken = False
        if day_of(line.at) != day:
            day, broken = day_of(line.at), True
            rows.append(ConversationRow("day", f"day:{day}", day=day))
        if not unread_shown and unread_from is not None and line.position is not None and line.position >= unread_from:
            unread_shown = broken = True
            rows.append(ConversationRow("unread", "unread", unread=sum(_counts(later) for later in lines[place:])))
        begins = broken or last is None or not _together(last, line)
        following = lines[place + 1] if place + 1 < len(lines) else None
        ends = following is None or not _together(line, following) or day_of(following.at) != day
        rows.append(ConversationRow("message", line.id, line, begins_group=begins, ends_group=ends))
        last = line
    return rows


def _counts(line: MessageLine) -> bool:
    return line.side == "customer" and not line.removed


def _together(one: MessageLine, other: MessageLine) -> bool:
    same = (one.side, one.sender_name, one.mine, one.kind) == (other.side, other.sender_name, other.mine, other.kind)
    return same and one.side != "system" and to_ms(other.at) - to_ms(one.at) < GROUP_MS
