"""Who types in which booking, told from one kind of client to the other: our own (`typing:…`) and supabase-js apps."""

from collections.abc import Callable, Iterator

from contract.actors import Actor
from server.realtime.channels import Channel, TopicFamily

Hear = Callable[[str, Channel, Actor | None], None]
"""(booking's id, by which channel, who types there; None: nobody any more)."""


class TypingBoard:
    """Each family says what its channels do and hears of the others'. Owned by the loop's thread; nothing is stored."""

    def __init__(self) -> None:
        self._typing: dict[str, dict[Channel, Actor]] = {}
        self._families: list[tuple[TopicFamily, Hear]] = []

    def add(self, family: TopicFamily, hear: Hear) -> None:
        self._families.append((family, hear))

    def say(self, booking_id: str, channel: Channel, actor: Actor | None) -> None:
        """`actor` types there by this channel; None: it does so no more, or never did."""
        here = self._typing.get(booking_id, {})
        if here.get(channel) == actor:
            return
        if actor is not None:
            self._typing.setdefault(booking_id, {})[channel] = actor
        else:
            del here[channel]
            if not here:
                del self._typing[booking_id]
        for family, hear in self._families:
            if family is not channel.family:
                hear(booking_id, channel, actor)

    def elsewhere(self, booking_id: str | None, family: TopicFamily) -> Iterator[tuple[Channel, Actor]]:
        """Who types there by channels that are not this family's. Nobody types in no booking."""
        for channel, actor in self._typing.get(booking_id or "", {}).items():
            if channel.family is not family:
                yield channel, actor
