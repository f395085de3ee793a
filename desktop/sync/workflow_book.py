"""Keeps the workflows as the server has them: the buttons here are the buttons there."""

import asyncio

import structlog

from contract.frames import Frame
from contract.workflow import Workflow
from desktop.network.errors import Busy, NetworkError
from desktop.network.socket import SyncSocket
from desktop.sync.backoff import Backoff
from desktop.sync.parts import Parts
from desktop.sync.uninterrupted import uninterrupted

log = structlog.get_logger()


class WorkflowBook:
    """A passenger of the socket: looks once per socket, for a server that was replaced has cut the old one; but until
    it has been told."""

    def __init__(self, parts: Parts) -> None:
        self._http = parts.http
        self._profile = parts.profile
        self._changes = parts.changes
        self._times = parts.times

    def take(self, frame: Frame) -> None:
        """Nothing comes back."""

    async def serve(self, socket: SyncSocket) -> None:
        backoff = Backoff(self._times.heartbeat, self._times.audit)
        while True:
            try:
                await self.refresh()
                break
            except NetworkError as error:
                log.info("workflows not refreshed", why=str(error))
                await asyncio.sleep(backoff.failed(error.retry_after if isinstance(error, Busy) else None))
        await asyncio.Event().wait()

    async def have_some(self) -> None:
        """The first time, before anything else: without workflows no booking has a button. Raises as refresh does."""
        if not self._profile.reader.workflows:
            await self.refresh()

    async def refresh(self) -> None:
        """Raises Unreachable, Refused, ContractBroken."""
        tag = await self._profile.worker.run(lambda cache: cache.workflows_tag())
        found = await self._http.workflows(tag)
        if found is not None:
            await uninterrupted(self._put(*found))

    async def _put(self, workflows: dict[str, Workflow], tag: str | None) -> None:
        """The tag is on disk with them: what is not shown now would never be asked for again."""
        await self._profile.worker.run(lambda cache: cache.put_workflows(workflows, tag or ""))
        self._profile.reader.read_workflows()
        self._changes.bookings_changed(None)
