"""Follows one conversation: what is stored of it, then each line that comes, once, in order."""

from collections.abc import Awaitable, Callable

from contract.delivery import Delivery
from desktop.handover import requests
from desktop.handover.preparing import booking_of, somebody
from desktop.handover.requests import Ended, Tail
from desktop.handover.watch import Watch
from desktop.state.lines import Me, MessageLine
from desktop.sync.desk import Desk

PAGE = 100
"""Lines looked at for changes; more only when more are new."""
_STORED = frozenset({None, Delivery.SENT, Delivery.DELIVERED, Delivery.READ})


async def follow(
    desk: Desk, watch: Watch, asked: Tail, say: Callable[[requests.MessageLine], Awaitable[None]]
) -> Ended:
    """Never ends by itself."""
    me = await somebody(desk, watch)
    booking_id = await booking_of(desk, watch, asked.booking)
    told = _Told(asked.after or 0)
    lines = _stored(desk, me, booking_id, asked.after, max(PAGE, asked.lines))
    wanted: set[str] | None = {
        line.id for line in (lines if asked.after is not None else lines[len(lines) - asked.lines :])
    }
    while True:
        for line in lines:
            if told.is_news(line) and (wanted is None or line.id in wanted):
                await say(_as_answer(line))
        wanted = None
        await watch.change()
        lines = _stored(desk, me, booking_id, told.up_to, PAGE)


class _Told:
    """What was said already: up to which position, and how the lines looked then."""

    def __init__(self, up_to: int) -> None:
        self.up_to = up_to
        self._looks: dict[str, tuple[bool, bool, str]] = {}

    def is_news(self, line: MessageLine) -> bool:
        """Takes note of it. A line further up is news only when it was seen before and looks another way now."""
        look = (line.edited, line.removed, line.text)
        before, self._looks[line.id] = self._looks.get(line.id), look
        position = line.position or 0
        if position > self.up_to:
            self.up_to = position
            return True
        return before is not None and before != look


def _stored(desk: Desk, me: Me, booking_id: str, up_to: int | None, limit: int) -> list[MessageLine]:
    """The newest `limit` lines that the server has, oldest first; more where more than those lie above `up_to`. A
    change of ours that is still on its way is left out until it has arrived."""
    while True:
        page = desk.reader.conversation(booking_id, me, limit)
        lines = [line for line in page.lines if line.position is not None]
        if up_to is None or len(lines) < limit or (lines[0].position or 0) <= up_to:
            return [line for line in lines if line.delivery in _STORED]
        limit *= 4


def _as_answer(line: MessageLine) -> requests.MessageLine:
    return requests.MessageLine(
        id=line.id,
        booking_id=line.booking_id,
        position=line.position or 0,
        at=line.at,
        kind=line.kind,
        side=line.side,
        sender=line.sender_name,
        text=line.text,
        edited=line.edited,
        removed=line.removed,
        op_id=line.op_id,
    )
