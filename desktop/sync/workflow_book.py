"""Keeps the workflows as the server has them: the buttons here are the buttons there."""

import asyncio

import structlog

from contract.frames import Frame
from desktop.network.errors import NetworkError
from desktop.network.socket import SyncSocket
from desktop.sync.parts import Parts

log = structlog.get_logger()


class WorkflowBook:
    """A passenger of the socket: looks once per socket, for a server that was replaced has cut the old one."""

    def __init__(self, parts: Parts) -> None:
        self._http = parts.http
        self._profile = parts.profile
        self._changes = parts.changes

    def take(self, frame: Frame) -> None:
        """Nothing comes back."""

    async def serve(self, socket: SyncSocket) -> None:
        try:
            await self.refresh()
        except NetworkError as error:
            log.info("workflows not refreshed", why=str(error))
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
            workflows, new_tag = found
            await self._profile.worker.run(lambda cache: cache.put_workflows(workflows, new_tag or ""))
            self._profile.reader.read_workflows()
            self._changes.bookings_changed(None)
