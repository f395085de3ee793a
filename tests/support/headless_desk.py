"""The desktop's engine without its window, at work against a real server, with a person's hands."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec

from contract.delivery import Delivery
from desktop.config import DesktopConfig, SyncTimes
from desktop.intents.context import IntentContext, intent_context
from desktop.intents.press_transition import press_transition
from desktop.intents.send_message import send_message
from desktop.state.changes import Changes
from desktop.state.lines import BookingDetail, Conversation, Me
from desktop.sync.clock import Clock
from desktop.sync.desk import Desk, build_desk
from tests.support.people_made import address
from tests.support.running_server import PASSWORD

QUICK = SyncTimes(
    heartbeat=0.5,
    dead_after=1.0,
    request=5.0,
    undo=0.0,
    poll_chat=0.2,
    poll_lists=0.5,
    acknowledge=0.1,
    wake_tick=0.05,
    listen_after=0.05,
    backoff_first=0.05,
    backoff_cap=0.4,
    disk_retry=0.2,
    audit_rest=0.3,
)
"""Everything in the same order as in life, in less of it."""


class Hands:
    """Someone at a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.context: IntentContext = intent_context(desk)
        self.notices: list[tuple[str, dict[str, Any]]] = []
        self.phases: list[str] = [desk.link.phase]
        desk.changes.listen(notice=lambda key, values: self.notices.append((key, values)), link=self._on_link)

    def _on_link(self, link: Any) -> None:
        if self.phases[-1] != link.phase:
            self.phases.append(link.phase)

    @property
    def me(self) -> Me:
        assert self.desk.me is not None
        return self.desk.me

    def write(self, booking_id: str, text: str) -> str:
        return send_message(self.context, booking_id, text)

    def press(self, booking_id: str, transition: str, **values: str) -> str:
        return press_transition(self.context, booking_id, transition, values)

    def talk(self, booking_id: str) -> Conversation:
        return self.desk.reader.conversation(booking_id, self.me, 500)

    def texts(self, booking_id: str, kind: str = "text") -> list[str]:
        return [line.text for line in self.talk(booking_id).lines if line.kind == kind]

    def deliveries(self, booking_id: str) -> list[Delivery | None]:
        return [line.delivery for line in self.talk(booking_id).lines if line.mine]

    def detail(self, booking_id: str) -> BookingDetail:
        found = self.desk.reader.detail(booking_id, self.me)
        assert found is not None
        return found

    def status(self, booking_id: str) -> str:
        return self.detail(booking_id).booking.status

    async def until(self, holds: Callable[[], Any], seconds: float = 20.0) -> float:
        """Waits until `holds()`; returns the seconds it took."""
        return await until(holds, seconds, lambda: f"{self.desk.link} {self.notices}")

    async def live(self, seconds: float = 30.0) -> float:
        return await self.until(lambda: self.desk.link.phase == "live", seconds)

    async def sent(self, seconds: float = 30.0) -> float:
        """Nothing is on its way any more."""
        return await self.until(lambda: self.desk.outbox.counts().queued == 0, seconds)


async def until(
    holds: Callable[[], Any], seconds: float = 20.0, tell: Callable[[], str] = str, pause: float = 0.005
) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()
    while not holds():
        if loop.time() - began > seconds:
            raise AssertionError(f"still not so after {seconds} s: {tell()}")
        await asyncio.sleep(pause)
    return loop.time() - began


@contextlib.asynccontextmanager
async def at_work(
    profile: Path,
    url: str,
    name: str | None = "operator",
    times: SyncTimes = QUICK,
    clock: Clock | None = None,
    system_bus: str | None = None,
) -> AsyncIterator[Hands]:
    """A desk that signs in as `name` (see people_made) and runs until the end of the block; None: with no password in
    its settings, as whoever signed in there before."""
    email, password = (None, None) if name is None else (address(name), PASSWORD)
    config = DesktopConfig(profile, url, email, password, times=times, system_bus=system_bus)
    desk = build_desk(config, Changes(), clock)
    hands = Hands(desk)
    running = asyncio.ensure_future(desk.run())
    try:
        yield hands
    finally:
        desk.stop()
        await running
        desk.close()


def quicker(**values: float) -> SyncTimes:
    return msgspec.structs.replace(QUICK, **values)
