"""What each kind of trouble with the server or the disk calls for, the same for socket and polling."""

from collections.abc import Callable

import structlog

from desktop.network.errors import Busy, ContractBroken, NetworkError, NotSignedIn, Refused, Unreachable
from desktop.store.errors import Damaged, DiskFull, Outdated, StoreError, Unavailable
from desktop.sync.parts import Parts

REFUSED_RETRY = 15.0
"""Seconds. A refusal or a misunderstanding does not mend itself; but a server may be upgraded."""
log = structlog.get_logger()


class Troubles:
    def __init__(self, parts: Parts) -> None:
        self._session = parts.session
        self._profile = parts.profile
        self._link = parts.link
        self._changes = parts.changes
        self._disk_retry = parts.times.disk_retry
        self.on_rebuilt: Callable[[], None] = _nothing
        """Called when the cache has become another, with nothing in it."""

    async def meet(self, error: NetworkError | StoreError, token: str | None = None) -> float:
        """Does what can be done and says for how many seconds nothing should be tried. `token` is the one that was
        used. Raises StoreError for what no waiting mends."""
        log.info("trouble", kind=type(error).__name__, why=str(error))
        match error:
            case Busy():
                return error.retry_after or 0.0
            case Unreachable() | Outdated():
                return 0.0
            case NotSignedIn():
                return await self._renew(token)
            case Refused():
                return REFUSED_RETRY
            case ContractBroken():
                self._changes.notice("contract_broken", what=str(error))
                return REFUSED_RETRY
            case DiskFull():
                self._link.disk(full=True)
                return self._disk_retry
            case Unavailable():
                return self._disk_retry
            case Damaged():
                return await self._rebuild_cache(error)
            case _:
                raise error

    async def _rebuild_cache(self, error: Damaged) -> float:
        """Where there is no room for a new one, the damaged one answers with what it has until there is."""
        try:
            rebuilt = await self._profile.rebuild_cache()
        except (DiskFull, Unavailable) as trouble:
            return await self.meet(trouble)
        if rebuilt:
            self.on_rebuilt()
            self._changes.notice("cache_rebuilt", reason=str(error))
            self._changes.bookings_changed(None)
        return 0.0

    async def _renew(self, token: str | None) -> float:
        """A server that takes no token however fresh must not be asked without pause; nor one that is not there."""
        try:
            if token is not None:
                await self._session.renew(token)
        except NetworkError as error:
            log.info("token not renewed", why=str(error))
        except (DiskFull, Unavailable) as error:
            return await self.meet(error)
        return 1.0


def _nothing() -> None:
    return
