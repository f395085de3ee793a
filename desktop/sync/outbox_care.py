"""Copies the outbox while the desk runs, and ends the engine where the outbox turns out to be damaged."""

import asyncio
from collections.abc import Callable

import structlog

from desktop.store.errors import OutboxDamaged, StoreError
from desktop.sync.parts import Parts
from desktop.sync.poke import Poke

BACK_UP_EVERY = 60.0
log = structlog.get_logger()


class OutboxCare:
    """A start salvages what is damaged. Until then nothing more is written: a good page beside a bad one would take it,
    and nobody knows whether it could be read again."""

    def __init__(self, parts: Parts, stop: Callable[[], None]) -> None:
        self._profile = parts.profile
        self._link = parts.link
        self._changes = parts.changes
        self._stop = stop
        self.damage: OutboxDamaged | None = None
        """Once it is known."""
        self.changed = Poke()

    def found(self, error: OutboxDamaged) -> None:
        """Somebody, perhaps a painting window, has met a damaged page: it is told of at the engine's end (see tell)."""
        if self.damage is None:
            log.error("outbox damaged", why=str(error))
            self.damage = error
            self._stop()

    def tell(self) -> None:
        """At the engine's end."""
        if self.damage is not None:
            self._link.outbox_damaged()
            self._changes.notice("outbox_damaged")

    async def back_up(self) -> None:
        """Once a minute, if there was anything: a damaged outbox then has lost little that its copy does not have."""
        while True:
            await self.changed.wait()
            await asyncio.sleep(BACK_UP_EVERY)
            try:
                await self._profile.back_up_outbox()
            except OutboxDamaged:
                raise
            except StoreError as error:
                log.warning("outbox not copied", why=str(error))
                self.changed()
