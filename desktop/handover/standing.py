"""Tells how things stand: the outbox, the desk as a whole until it is in step, the life of one operation."""

import asyncio
from collections.abc import Awaitable, Callable

from desktop.handover import requests
from desktop.handover.preparing import NotNow, somebody
from desktop.handover.requests import DeskStands, Ended, Event, Life, Step, Sync
from desktop.handover.watch import Watch
from desktop.state.op_state import WAITING
from desktop.sync.desk import Desk

_SESSION_OVER = "The session has ended. Sign in again with the window, or set FIELDLINE_EMAIL and FIELDLINE_PASSWORD."


async def tell_outbox(desk: Desk, watch: Watch, say: Callable[[requests.OutboxLine], Awaitable[None]]) -> Ended:
    me = await somebody(desk, watch)
    for line in desk.reader.outbox_lines(me):
        await say(
            requests.OutboxLine(
                op_id=line.op_id,
                booking_id=line.booking_id,
                booking_code=line.booking_code,
                kind=line.kind,
                what=line.what,
                state=line.state,
                created_at=line.created_at,
                attempts=line.attempts,
                error=line.error,
            )
        )
    return Ended("done")


async def tell_life(
    desk: Desk, watch: Watch, asked: Life, say: Callable[[requests.LifeLine], Awaitable[None]]
) -> Ended:
    me = await somebody(desk, watch)
    found = desk.reader.life_line(asked.op_id.strip().lower(), me)
    if found is None:
        return Ended("refused", f"No operation {asked.op_id} is known here.")
    await say(
        requests.LifeLine(
            op_id=found.op_id,
            kind=found.kind,
            booking_id=found.booking_id,
            booking_code=found.booking_code,
            state=found.state,
            what=found.what,
            error=found.error,
            steps=[Step(step.name, step.at, step.proof, dict(step.values)) for step in found.steps],
            trail=[Event(event.at, event.from_state, event.to_state, event.why) for event in found.trail],
        )
    )
    return Ended("done")


async def stand(desk: Desk, watch: Watch, asked: Sync, say: Callable[[DeskStands], Awaitable[None]]) -> Ended:
    """Once: until the desk is in step with the server and nothing is on its way by itself. Else it tells each change,
    and never ends."""
    await somebody(desk, watch)
    desk.try_now()
    if asked.once:
        await watch.until(lambda: _is_in_step(desk) or _is_signed_out(desk, watch), asked.wait)
        await say(_stands(desk))
        return _ended(desk, watch, asked.wait)
    told: DeskStands | None = None
    while True:
        now = _stands(desk)
        if told is None or (now.phase, now.queued, now.needs_person) != (told.phase, told.queued, told.needs_person):
            await say(now)
            told = now
        await watch.change()
        # Bursts of changes are one change to whoever reads.
        await asyncio.sleep(0.1)


def _ended(desk: Desk, watch: Watch, waited: float) -> Ended:
    if _is_signed_out(desk, watch):
        return Ended("sign_in", _SESSION_OVER)
    if not _is_in_step(desk):
        raise NotNow("not_yet", f"Not caught up with the server within {waited:g} seconds ({desk.link.phase}).")
    left = desk.outbox.unfinished()
    if left:
        return Ended("needs_person", f"{len(left)} in the outbox need a person: fieldline outbox.")
    return Ended("done")


def _is_in_step(desk: Desk) -> bool:
    link = desk.link
    behind = not desk.parts.link.is_live or link.cursor < link.head
    return not behind and not any(op.state in WAITING for op in desk.outbox.unfinished())


def _is_signed_out(desk: Desk, watch: Watch) -> bool:
    alone = desk.session.may_sign_in_alone and "sign_in_refused" not in watch.notices
    return not desk.session.signed_in and not alone


def _stands(desk: Desk) -> DeskStands:
    link = desk.link
    return DeskStands(link.phase, link.cursor, link.head, link.queued, link.decisions, link.as_of)
