"""How often is asked where no socket can be had: every two seconds beside an open conversation, else every thirty."""

import asyncio
import selectors
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from desktop.config import SyncTimes
from desktop.sync.polling import Polling


class SteppedSelector(selectors.SelectSelector):
    """Does not wait: the time that it should have waited has passed at once."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout or 0.0
        return super().select(0)


class SteppedLoop(asyncio.SelectorEventLoop):
    """Its clock goes only from one timer to the next."""

    def __init__(self) -> None:
        self._steps = SteppedSelector()
        super().__init__(self._steps)

    def time(self) -> float:
        return self._steps.now


async def _done(*_: Any) -> None:
    """What goes well at once."""


class Asked:
    """A polling with nothing to say to it, and when it asked."""

    def __init__(self) -> None:
        self.at: list[float] = []
        self.acknowledged = 0
        link = SimpleNamespace(
            facts=SimpleNamespace(may_poll=True, polling=True),
            happened=lambda event: None, at=lambda *_: None, server_moment=lambda: "",
        )  # fmt: skip
        marks = SimpleNamespace(unconfirmed=lambda author, epoch: {})
        session = SimpleNamespace(signed_in=True, me=None, authorised=self._authorised)
        parts: Any = SimpleNamespace(
            http=None, session=session, link=link, times=SyncTimes(), clock=None, device_id="d",
            profile=SimpleNamespace(outbox=SimpleNamespace(marks=marks, author_id="olga")),
        )  # fmt: skip
        feed: Any = SimpleNamespace(
            belong_to=_done, pull=self._pull, finish_earlier_work=_done, settle_history=lambda: None,
            position=SimpleNamespace(epoch="e", seq=7), head=7,
        )  # fmt: skip
        connection: Any = SimpleNamespace(joined=None)
        nobody: Any = None
        self.parts, self.feed = parts, feed
        self.polling = Polling(parts, feed, connection, nobody, nobody)

    async def _authorised(self, *_: Any) -> None:
        self.acknowledged += 1

    async def _pull(self) -> None:
        self.at.append(asyncio.get_running_loop().time())

    async def pauses(self, count: int) -> list[float]:
        """Between so many further polls."""
        first = len(self.at)
        while len(self.at) < first + count + 1:
            await asyncio.sleep(0.5)
        return [round(later - one, 3) for one, later in zip(self.at[first:-1], self.at[first + 1 :], strict=True)]


def told(story: Callable[[Asked], Any]) -> None:
    async def whole() -> None:
        asked = Asked()
        running = asyncio.ensure_future(asked.polling.run())
        await story(asked)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    with asyncio.Runner(loop_factory=SteppedLoop) as runner:
        runner.run(whole())


def test_that_an_open_conversation_is_asked_after_every_two_seconds_and_lists_every_thirty() -> None:
    async def story(asked: Asked) -> None:
        assert await asked.pauses(3) == [30.0, 30.0, 30.0]
        asked.polling.chat_open = True
        asked.polling.stir()
        assert await asked.pauses(3) == [2.0, 2.0, 2.0]
        asked.polling.chat_open = False
        asked.polling.stir()
        assert await asked.pauses(2) == [30.0, 30.0]

    told(story)


def test_that_a_conversation_opened_meanwhile_is_not_waited_for() -> None:
    async def story(asked: Asked) -> None:
        await asked.pauses(1)
        asked.polling.chat_open = True
        asked.polling.stir()
        began = asyncio.get_running_loop().time()
        await asked.pauses(1)
        assert asked.at[-2] - began < 1.0

    told(story)


def test_that_what_was_acknowledged_is_told_again_only_of_another_person_or_another_history() -> None:
    """The same number and the same marks are other news then."""

    async def story(asked: Asked) -> None:
        await asked.pauses(2)
        assert asked.acknowledged == 1
        asked.parts.profile.outbox.author_id = "anna"
        await asked.pauses(2)
        assert asked.acknowledged == 2
        asked.feed.position.epoch = "after a restore"
        await asked.pauses(2)
        assert asked.acknowledged == 3

    told(story)
