"""A desk's files at work in a process whose writes are recorded; arguments: FOLDER SEED.

Each operation that the outbox has promised to keep is named in the folder's file `promised`, right after the promise.
"""

import asyncio
import os
import random
import sys
from pathlib import Path

from desktop.store.outbox_moves import Outcome
from desktop.store.profile import Profile
from tests.support.desk_builders import ANN, EPOCH, booking_row, fresh_profile, item, line, message_row

SESSIONS = 3
CLICKS = 6
PROMISED = "promised"


def work(folder: Path, seed: int) -> None:
    dice = random.Random(seed)
    promised = os.open(folder / PROMISED, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for session in range(SESSIONS):
        profile = fresh_profile(folder)
        asyncio.run(_session(profile, promised, dice, session))
        if session < SESSIONS - 1:  # the last one is never closed
            profile.close()
    os._exit(0)


async def _session(profile: Profile, promised: int, dice: random.Random, session: int) -> None:
    await profile.worker.run(lambda cache: cache.own(ANN.user_id, "staff"))
    if session == 0:
        await _snapshot(profile)
    for click in range(CLICKS):
        booking = f"b{dice.randrange(3)}"
        text = f"{session}.{click} " + "x" * dice.randrange(3_000)
        op = profile.outbox.add(line(booking, text), booking)
        os.write(promised, f"{op.op_id}\n".encode())
        if dice.random() < 0.5:
            for claimed in profile.lanes.claim(ANN.user_id):
                outcome = Outcome(epoch=EPOCH, seq=session * 100 + click + 10)
                profile.outbox.move(claimed.op_id, "applied", "applied", outcome)
        seq = session * 100 + click + 10
        news = [item(seq, "messages", message_row(booking, text, "operator", position=seq))]
        await profile.worker.run(lambda cache, news=news, seq=seq: cache.apply(news, seq))  # type: ignore[misc]
    await profile.back_up_outbox()


async def _snapshot(profile: Profile) -> None:
    await profile.worker.stage(lambda staging: staging.begin())
    await profile.worker.stage(lambda staging: staging.stage("bookings", [booking_row(f"b{n}") for n in range(3)]))
    await profile.worker.stage(lambda staging: staging.finish(EPOCH, 5, "2026-11-21T00:00:00.000Z"))


if __name__ == "__main__":
    work(Path(sys.argv[1]), int(sys.argv[2]))
