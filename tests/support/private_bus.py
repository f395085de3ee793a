"""A message bus of the tests' own (a real dbus-daemon), and on it one that plays logind: tells of sleep, holds it."""

import contextlib
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from dbus_fast import Message, MessageType, RequestNameReply
from dbus_fast.aio import MessageBus

from desktop.network.login_bus import INTERFACE, LOGIND, PATH

_CONFIGURATION = """<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>"""


class PrivateBus:
    def __init__(self, folder: Path) -> None:
        self.address = f"unix:path={folder / 'bus'}"
        configuration = folder / "bus.conf"
        configuration.write_text(_CONFIGURATION.format(socket=folder / "bus"))
        command = ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address=1"]
        self._daemon = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._daemon.stdout is not None
        assert self._daemon.stdout.readline(), "dbus-daemon has not started"

    def vanish(self) -> None:
        self._daemon.kill()
        self._daemon.wait()

    def close(self) -> None:
        assert self._daemon.stdout is not None
        self._daemon.stdout.close()


@contextlib.contextmanager
def private_bus(folder: Path) -> Iterator[PrivateBus]:
    bus = PrivateBus(folder)
    try:
        yield bus
    finally:
        bus.vanish()
        bus.close()


class FakeLogind:
    """Grants whoever asks a hold on sleep, and knows whether anybody has one still."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self._holds: list[int] = []
        self.asked: list[list[Any]] = []
        bus.add_message_handler(self._answer)

    def _answer(self, question: Message) -> bool:
        if question.message_type is not MessageType.METHOD_CALL or question.member != "Inhibit":
            return False
        self.asked.append(question.body)
        ours, theirs = os.pipe()
        os.set_blocking(ours, False)
        self._holds.append(ours)
        sent = self._bus.send(Message.new_method_return(question, "h", [0], [theirs]))
        sent.add_done_callback(lambda _: os.close(theirs))  # who asked has a copy of their own
        return True

    @property
    def is_held(self) -> bool:
        """Whether the other end of any hold is open: an end of file says that none is."""
        return any(_is_open(hold) for hold in self._holds)

    async def tell(self, *, asleep: bool) -> None:
        await self._bus.send(Message.new_signal(PATH, INTERFACE, "PrepareForSleep", "b", [asleep]))

    def close(self) -> None:
        for hold in self._holds:
            os.close(hold)


def _is_open(hold: int) -> bool:
    try:
        return os.read(hold, 1) != b""
    except BlockingIOError:
        return True


@contextlib.asynccontextmanager
async def connected(address: str) -> AsyncIterator[MessageBus]:
    bus = await MessageBus(address, negotiate_unix_fd=True).connect()
    try:
        yield bus
    finally:
        bus.disconnect()
        with contextlib.suppress(EOFError, OSError):  # the bus may have vanished first
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


@contextlib.asynccontextmanager
async def fake_logind(address: str) -> AsyncIterator[FakeLogind]:
    async with connected(address) as bus:
        logind = FakeLogind(bus)
        assert await bus.request_name(LOGIND) is RequestNameReply.PRIMARY_OWNER
        try:
            yield logind
        finally:
            logind.close()
