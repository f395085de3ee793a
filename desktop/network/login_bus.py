"""What logind tells on the system's message bus: the computer is about to sleep, it is awake again; and the hold on
sleep that leaves time for a goodbye (systemd.io/INHIBITOR_LOCKS)."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusFastError

from desktop.network.errors import BusLost

LOGIND, PATH, INTERFACE = "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager"
_BUS, _BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
_WORD = (PATH, INTERFACE, "PrepareForSleep", "b")
_RULE = f"type='signal',sender='{LOGIND}',path='{PATH}',interface='{INTERFACE}',member='PrepareForSleep'"
_HOLD = ("sleep", "Fieldline", "Leaves the server", "delay")
_ANSWER_SECONDS = 5.0
_MOST_WORDS = 8
_FAILURES = (OSError, EOFError, TimeoutError, DBusFastError)


class LoginBus:
    """All of it raises BusLost once the bus is gone."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self._words: asyncio.Queue[Message] = asyncio.Queue(_MOST_WORDS)
        bus.add_message_handler(self._hear)

    def _hear(self, message: Message) -> None:
        told = (message.path, message.interface, message.member, message.signature)
        if message.message_type is MessageType.SIGNAL and told == _WORD and not self._words.full():
            self._words.put_nowait(message)

    async def subscribe(self) -> None:
        await self._ask(_BUS, _BUS_PATH, _BUS, "AddMatch", _RULE)

    async def about_to_sleep(self) -> bool:
        """The next word: True before the computer sleeps, False when it is awake. Anybody may send such a signal
        straight to us: only logind's own counts."""
        while True:
            word = await self._words.get()
            owner = await self._ask(_BUS, _BUS_PATH, _BUS, "GetNameOwner", LOGIND)
            if owner.body == [word.sender]:
                return bool(word.body[0])

    async def hold_sleep(self) -> contextlib.ExitStack:
        """Has logind wait with sleeping (five seconds as a rule) until the stack is closed. Where it does not grant
        that, sleep comes without waiting."""
        held = contextlib.ExitStack()
        granted = await self._ask(LOGIND, PATH, INTERFACE, "Inhibit", *_HOLD)
        for descriptor in granted.unix_fds:
            held.callback(os.close, descriptor)
        return held

    async def ended(self) -> None:
        """Never returns."""
        await _hung_up(self._bus)
        raise BusLost("The bus has hung up.")

    async def _ask(self, service: str, path: str, interface: str, member: str, *words: str) -> Message:
        question = Message(service, path, interface, member, signature="s" * len(words), body=list(words))
        # An end that has arrived is noticed first: the library leaves the failure of a write to nobody.
        for _ in range(2):
            await asyncio.sleep(0)
        if not self._bus.connected:
            raise BusLost("The bus has hung up.")
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await self._bus.call(question)
        except _FAILURES as error:
            raise BusLost(f"No answer to {member}: {error!r}") from error


@contextlib.asynccontextmanager
async def login_bus(address: str) -> AsyncIterator[LoginBus]:
    """`address` as D-Bus writes it: unix:path=/run/dbus/system_bus_socket. Raises BusLost where there is none."""
    try:
        bus = MessageBus(address, negotiate_unix_fd=True)
        async with asyncio.timeout(_ANSWER_SECONDS):
            await bus.connect()
    except _FAILURES as error:
        raise BusLost(f"No bus: {error!r}") from error
    try:
        found = LoginBus(bus)
        await found.subscribe()
        yield found
    finally:
        bus.disconnect()
        await _hung_up(bus)


async def _hung_up(bus: MessageBus) -> None:
    """Whichever side did, and why ever."""
    with contextlib.suppress(*_FAILURES):
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
