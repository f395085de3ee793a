"""Requests answered by a desk that has no network: what is done, what is refused, and by which word."""

import asyncio

import pytest

from contract.ids import new_id
from desktop.config import DesktopConfig
from desktop.handover.answering import Answering
from desktop.handover.requests import Ended, Life, Outbox, Press, Send, Sync
from desktop.state.changes import Changes
from desktop.sync.desk import build_desk
from tests.support.desk_builders import ANN, booking_row, item, workflow

BOOKING = "00000000-0000-7000-8000-0000000000b1"
CODE = "REQ1759286674249"


class Asking:
    """Ann's desk, which holds one pending booking and reaches nobody."""

    def __init__(self, folder):
        self.desk = build_desk(DesktopConfig(folder), Changes())
        self.answers = []

    def sign_in(self):
        self.desk.session.me = ANN
        self.desk.outbox.author_id = ANN.user_id
        asyncio.run(self._fill())
        for event in ("signed_in", "failed"):
            self.desk.parts.link.happened(event)

    async def _fill(self):
        await self.desk.feed.belong_to(ANN)
        await self.desk.worker.run(lambda cache: cache.put_workflows({"protection": workflow()}))
        row = booking_row(BOOKING, code=CODE)
        await self.desk.worker.run(lambda cache: cache.apply([item(1, "bookings", row)], 1))
        self.desk.reader.read_workflows()

    def ask(self, request):
        self.answers.clear()

        async def say(answer):
            self.answers.append(answer)

        return asyncio.run(Answering(self.desk, lambda: Ended("done")).answer(request, say))


@pytest.fixture
def asking(tmp_path):
    found = Asking(tmp_path)
    yield found
    found.desk.close()


def test_that_a_line_is_on_disk_under_the_askers_own_id_and_asked_again_is_not_done_again(asking):
    asking.sign_in()
    request = Send(new_id(), CODE, "Hello", 0.0)
    for _ in range(2):
        assert asking.ask(request).outcome == "not_yet"
        assert [(answer.op_id, answer.state) for answer in asking.answers] == [(request.op_id, "queued")]
    assert asking.ask(Outbox()) == Ended("done")
    assert [(line.op_id, line.booking_code, line.what) for line in asking.answers] == [(request.op_id, CODE, "Hello")]


def test_that_a_button_is_pressed_without_time_for_an_undo(asking):
    asking.sign_in()
    request = Press(new_id(), BOOKING, "accept", wait=0.0)
    assert asking.ask(request).outcome == "not_yet"
    assert asking.desk.outbox.get(request.op_id).hold_until <= asking.desk.parts.clock.wall()


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (Send(new_id(), CODE, "  "), "empty"),
        (Send(new_id(), CODE, "x" * 9_000), "longer than 8,000"),
        (Press(new_id(), CODE, "teleport"), "no such"),
        (Life(new_id()), "No operation"),
    ],
    ids=["no-text", "long-text", "no-step", "no-operation"],
)
def test_that_what_cannot_be_is_refused_in_words_and_nothing_is_kept(asking, request_, says):
    asking.sign_in()
    ended = asking.ask(request_)
    assert ended.outcome == "refused"
    assert says in ended.message
    assert asking.answers == []
    assert asking.desk.outbox.unfinished() == []


def test_that_an_unknown_booking_offline_is_not_called_missing(asking):
    asking.sign_in()
    ended = asking.ask(Send(new_id(), "REQ0000000000", "Hello"))
    assert ended.outcome == "not_yet"


def test_that_without_anybody_signed_in_every_request_says_how_to_begin(asking):
    for request in (Send(new_id(), CODE, "Hello"), Outbox(), Sync(), Life(new_id())):
        ended = asking.ask(request)
        assert ended.outcome == "sign_in"
        assert "FIELDLINE_EMAIL" in ended.message
