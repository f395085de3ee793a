"""Answers requests from the one desk that leads the profile: what goes where, and what a failure is called."""

from collections.abc import Awaitable, Callable

from desktop.handover.following import follow
from desktop.handover.preparing import NotNow
from desktop.handover.requests import (
    AnyAnswer,
    AnyRequest,
    Ended,
    Life,
    Outbox,
    Press,
    Send,
    Show,
    Sync,
    Tail,
)
from desktop.handover.standing import stand, tell_life, tell_outbox
from desktop.handover.watch import Watch
from desktop.handover.writing import press, send
from desktop.intents.context import IntentRefused
from desktop.store.errors import DiskFull, OutboxDamaged, StoreError
from desktop.sync.desk import Desk

Say = Callable[[AnyAnswer], Awaitable[None]]
_OUTBOX_DAMAGED = (
    "The outbox on this computer is damaged. Close Fieldline and start it again: it saves what can be read. "
    "Look there before you ask for the same again."
)


class Answering:
    """`show` brings the window to the front and is done, or says that there is none."""

    def __init__(self, desk: Desk, show: Callable[[], Ended]) -> None:
        self._desk = desk
        self._show = show

    @property
    def server_url(self) -> str:
        """Whose desk this is; empty where that is not known yet."""
        return self._desk.parts.http.server_url

    async def answer(self, request: AnyRequest, say: Say) -> Ended:
        """`say` gets each answer but the last, which is returned."""
        watch, care = Watch(self._desk.changes), self._desk.outbox_care
        try:
            if care.damage is not None and not isinstance(request, Show):
                raise care.damage
            ended = await self._dispatch(request, watch, say)
            if care.damage is not None and isinstance(request, Outbox | Life):
                raise care.damage  # met on the way, it was answered with nothing, which is no answer
            return ended
        except OutboxDamaged as error:
            care.found(error)
            return Ended("unusable", _OUTBOX_DAMAGED)
        except NotNow as error:
            return Ended(error.outcome, str(error)) if care.damage is None else Ended("unusable", _OUTBOX_DAMAGED)
        except IntentRefused as error:
            return Ended("refused", error.message)
        except DiskFull as error:
            return Ended(
                "disk_full", f"The disk takes no more ({error}): nothing was kept. Free some space and try again."
            )
        except StoreError as error:
            return Ended("unusable", f"The profile cannot be used: {error}.")
        finally:
            watch.stop()

    async def _dispatch(self, request: AnyRequest, watch: Watch, say: Say) -> Ended:
        match request:
            case Show():
                return self._show()
            case Send():
                return await send(self._desk, watch, request, say)
            case Press():
                return await press(self._desk, watch, request, say)
            case Tail():
                return await follow(self._desk, watch, request, say)
            case Outbox():
                return await tell_outbox(self._desk, watch, say)
            case Sync():
                return await stand(self._desk, watch, request, say)
            case Life():
                return await tell_life(self._desk, watch, request, say)
