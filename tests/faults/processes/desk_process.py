"""A desk without a window in a process of its own, that does what it is told through a pipe and can be killed."""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec

from desktop.config import DesktopConfig
from desktop.intents.context import IntentRefused
from desktop.intents.mark_read import mark_read
from desktop.state.changes import Changes
from desktop.sync.desk import build_desk
from tests.faults.history.events import ClientDump, Displayed, Looked
from tests.faults.processes.dumps import outbox_lines, published_rows
from tests.faults.processes.points import Journal, Points
from tests.faults.processes.watched_desk import Watch
from tests.support.headless_desk import QUICK, Hands
from tests.support.people_made import address
from tests.support.running_server import PASSWORD


class DeskOrders(msgspec.Struct, frozen=True):
    """What a desk's process is started with."""

    profile: Path
    url: str
    person: str
    journal: Path
    log: Path
    armed: str = ""
    """A point, from the very start."""


def run_desk(pipe: Connection, orders: DeskOrders) -> None:
    """The process's life. Orders come as (verb, *values); each is answered, the last one by the end of the pipe."""
    with orders.log.open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    journal = Journal(orders.journal, f"desk-{orders.person}")
    points = Points(journal)
    points.arm(orders.armed)
    watch = Watch(journal, points)
    watch.put_on()
    asyncio.run(_live(pipe, orders, watch))


async def _live(pipe: Connection, orders: DeskOrders, watch: Watch) -> None:
    config = DesktopConfig(orders.profile, orders.url, address(orders.person), PASSWORD, times=QUICK)
    desk = build_desk(config, Changes())
    # What an earlier life had on disk when it was killed, before it could say so.
    found = desk.reader.position()
    watch.took(found, found.feed.seq, ())
    orderly = Orderly(Hands(desk), watch)

    def obey() -> None:
        try:
            verb, *values = pipe.recv()
        except EOFError:
            desk.stop()
            asyncio.get_running_loop().remove_reader(pipe.fileno())
            return
        pipe.send(orderly.do(verb, values))

    asyncio.get_running_loop().add_reader(pipe.fileno(), obey)
    await desk.run()
    desk.close()


class Orderly:
    """Carries out orders at a desk, and writes down what its person sees."""

    def __init__(self, hands: Hands, watch: Watch) -> None:
        self._hands = hands
        self._desk = hands.desk
        self._watch = watch
        self._verbs: dict[str, Callable[..., Any]] = {
            "arm": watch.points.arm,
            "write": self.write,
            "press": self.press,
            "read": self.read,
            "look": self.look,
            "state": self.state,
            "dump": self.dump,
            "offline": self._desk.set_work_offline,
            "sockets": lambda: watch.network.sockets,
        }

    def do(self, verb: str, values: list[Any]) -> Any:
        return self._verbs[verb](*values)

    def write(self, booking: str, text: str) -> str | None:
        """None where the desk refused."""
        self._watch.seen = self.look(booking).effects if self._holds(booking) else ()
        with contextlib.suppress(IntentRefused):
            return self._hands.write(booking, text)
        return None

    def press(self, booking: str, choice: int) -> str | None:
        """Presses one of the buttons that can be pressed; None where there is none."""
        if not self._holds(booking):
            return None
        self._watch.seen = self.look(booking).effects
        buttons = [name for name in self._hands.detail(booking).buttons if name not in {"decline", "cancel"}]
        with contextlib.suppress(IntentRefused):
            return self._hands.press(booking, buttons[choice % len(buttons)]) if buttons else None
        return None

    def read(self, booking: str) -> bool:
        """The newest line held was on the screen for long enough."""
        if not self._holds(booking):
            return False
        position = max((line.position or 0 for line in self._hands.talk(booking).lines), default=0)
        me = self._hands.me.user_id
        process = self._watch.journal.process
        shown = Displayed(at=time.time(), process=process, user=me, booking=booking, position=position)
        self._watch.journal.write(shown)
        return mark_read(self._hands.context, booking, position)

    def look(self, booking: str) -> Looked:
        """The position first, for the cache's thread may move it meanwhile; then the buttons, for what leaves them for
        the conversation is then seen there."""
        at = time.time()
        position = self._desk.reader.position().feed
        detail = self._hands.detail(booking)
        talk = self._hands.talk(booking)
        stored = [line for line in talk.lines if line.position is not None and line.op_id is not None]
        unsent = [line for line in talk.lines if line.position is None and line.op_id is not None]
        pending = [press.op_id for press in detail.pending] + [card.op_id for card in detail.conflicts]
        looked = Looked(
            at=at,
            process=self._watch.journal.process,
            user=self._hands.me.user_id,
            epoch=position.epoch,
            cursor=position.seq,
            booking=booking,
            version=detail.booking.version,
            status=detail.booking.status,
            effects=tuple(str(line.op_id) for line in stored),
            overlay=(*(str(line.op_id) for line in unsent), *pending),
            glyphs={str(line.op_id): str(line.delivery) for line in (*stored, *unsent) if line.delivery is not None},
            whole=not talk.more,
        )
        self._watch.journal.write(looked)
        return looked

    def state(self) -> tuple[str, str | None, int, int]:
        """(phase, epoch, cursor, operations on their way)."""
        position = self._desk.feed.position
        return self._desk.link.phase, position.epoch, position.seq, self._desk.outbox.counts().queued

    def dump(self) -> None:
        position = self._desk.reader.position().feed
        dumped = ClientDump(
            at=time.time(),
            process=self._watch.journal.process,
            user=self._hands.me.user_id,
            epoch=position.epoch,
            cursor=position.seq,
            rows=published_rows(self._desk.reader._connection),
            ops=outbox_lines(self._desk.outbox._connection),
        )
        self._watch.journal.write(dumped)

    def _holds(self, booking: str) -> bool:
        return self._desk.me is not None and self._desk.reader.booking(booking) is not None
