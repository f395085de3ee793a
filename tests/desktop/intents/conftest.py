"""A desk without a network: what intents do happens on this side alone."""

import asyncio

import pytest

from desktop.config import DesktopConfig
from desktop.intents.context import intent_context
from desktop.state.changes import Changes
from desktop.sync.clock import Clock
from desktop.sync.desk import build_desk
from tests.support.desk_builders import ANN, booking_row, item, workflow

BOOKING = "00000000-0000-7000-8000-0000000000b1"


class QuietDesk:
    """A desk with one pending protection booking, Ann signed in, and a wall clock that the test turns."""

    def __init__(self, folder):
        self.now = 1_700_000_000.0
        self.changes = Changes()
        self.desk = build_desk(
            DesktopConfig(profile_dir=folder), self.changes, Clock(lambda: self.now, lambda: self.now)
        )
        self.desk.session.me = ANN
        self.desk.outbox.author_id = ANN.user_id
        self.context = intent_context(self.desk)
        self.told = []
        self.changes.listen(outbox=lambda: self.told.append("outbox"), conversation=self.told.append)
        self.write(lambda cache: cache.own(ANN.user_id, "staff"))
        self.write(lambda cache: cache.put_workflows({name: workflow(name) for name in ("protection", "techcare")}))
        self.desk.reader.read_workflows()
        self.feed("bookings", booking_row(BOOKING))

    def write(self, job):
        return asyncio.run(self.desk.worker.run(job))

    def feed(self, table, row):
        seq = self.desk.reader.position().feed.seq + 1
        self.write(lambda cache: cache.apply([item(seq, table, row)], seq))

    def be_live(self, live=True):
        self.desk.parts.link.happened("signed_in")
        self.desk.parts.link.happened("joined" if live else "lost")

    def ops(self):
        return self.desk.outbox.unfinished()

    def claim(self):
        return self.desk.parts.profile.lanes.claim(ANN.user_id)


@pytest.fixture
def quiet(tmp_path):
    found = QuietDesk(tmp_path)
    yield found
    found.desk.close()
