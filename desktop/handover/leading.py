"""Leads the profile or asks whoever does: one process holds it, every other hands its request over."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from desktop.handover.asking import Hear, LeaderGone, ask
from desktop.handover.meeting_point import NoLeader
from desktop.handover.requests import AnyRequest, Ended
from desktop.store.errors import ProfileInUse
from desktop.sync.desk import Desk

PATIENCE = 10.0
"""Seconds in which a leader that is just starting, or just leaving, may be waited for."""
_PAUSE = 0.1


async def lead_or_ask(
    open_desk: Callable[[], Desk],
    profile_dir: Path,
    request: Callable[[], AnyRequest],
    server: str | None,
    hear: Hear,
) -> Desk | Ended:
    """The desk, which this process then leads; or the leader's last answer. A leader that goes away in the middle is
    followed by the next one, or by this process; `request` is then asked for anew. Raises ProfileInUse when somebody
    holds the profile and does not answer, and what else `open_desk` raises."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while True:
        try:
            return open_desk()
        except ProfileInUse:
            try:
                ended = await ask(profile_dir, request(), server, hear)
                if ended.outcome != "aside":
                    return ended
            except LeaderGone:
                end = loop.time() + PATIENCE
            except NoLeader as error:
                if loop.time() > end:
                    raise ProfileInUse("Fieldline runs with this profile, and does not answer.") from error
        await asyncio.sleep(_PAUSE)
