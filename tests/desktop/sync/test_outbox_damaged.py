"""An outbox that goes bad under a running desk: the engine ends and says so, the cache is left alone, nothing is
claimed to be kept, and the next start salvages."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from desktop.handover.answering import Answering
from desktop.handover.requests import AnyAnswer, Ended, Outbox, Show
from desktop.intents.desk_port import NotPossible
from desktop.intents.live_desk import LiveDesk
from desktop.store.outbox_file import OUTBOX_FILE
from desktop.sync.desk import Desk
from tests.support.desk_builders import ANN
from tests.support.headless_desk import until
from tests.support.one_booking_desk import BOOKING, open_desk
from tests.support.spoilt_outbox import spoil


@asynccontextmanager
async def at_work(folder: Path) -> AsyncIterator[tuple[Desk, "asyncio.Task[None]", list[str]]]:
    """A desk that runs, with a line in its outbox; and what it says to the person."""
    said: list[str] = []
    async with open_desk(folder) as (desk, _):
        LiveDesk(desk).send_message(BOOKING, "On our way", note=False)
        await desk.parts.profile.back_up_outbox()
        desk.changes.listen(notice=lambda key, _: said.append(key))
        running = asyncio.create_task(desk.run())
        await asyncio.sleep(0)
        try:
            yield desk, running, said
        finally:
            desk.stop()
            await asyncio.gather(running, return_exceptions=True)


def ask_the_reader(desk: Desk) -> None:
    number = desk.reader.row_number(BOOKING)
    assert desk.reader.booking_lines([number or 0], ANN) == []


def let_the_sender_look(desk: Desk) -> None:
    desk.parts.link.happened("signed_in")
    desk.parts.link.happened("joined")


def click(desk: Desk) -> None:
    with pytest.raises(NotPossible) as caught:
        LiveDesk(desk).send_message(BOOKING, "Hello", note=False)
    assert caught.value.code == "outbox_damaged"


@pytest.mark.parametrize("meet", [ask_the_reader, let_the_sender_look, click])
def test_that_a_damaged_outbox_ends_the_engine_and_leaves_the_cache(
    tmp_path: Path, meet: Callable[[Desk], None]
) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as (desk, running, said):
            spoil(desk, tmp_path)
            meet(desk)
            await until(running.done)
            assert running.exception() is None
            assert said.count("outbox_damaged") == 1
            assert "cache_rebuilt" not in said
            assert desk.link.outbox_damaged
            assert desk.link.phase not in {"live", "behind", "polling", "reconnecting"}
            assert desk.worker.file_number == 1
            assert desk.reader.booking(BOOKING) is not None

    asyncio.run(story())
    assert list(tmp_path.glob("cache*damaged*")) == []


def test_that_the_copy_that_finds_the_outbox_damaged_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.sync.outbox_care.BACK_UP_EVERY", 0.01)

    async def story() -> None:
        async with at_work(tmp_path) as (desk, running, said):
            monkeypatch.setattr(desk.parts.link, "counted", lambda _: None)
            desk.changes.outbox_changed()
            spoil(desk, tmp_path)
            await until(running.done)
            assert running.exception() is None
            assert "outbox_damaged" in said

    asyncio.run(story())


def test_that_nothing_is_taken_any_more_once_the_outbox_is_known_to_be_damaged(tmp_path: Path) -> None:
    """Also where the one page that is needed could still be written."""

    async def heard(_: AnyAnswer) -> None:
        return

    async def story() -> None:
        async with at_work(tmp_path) as (desk, running, _):
            healthy = (tmp_path / OUTBOX_FILE).read_bytes()
            spoil(desk, tmp_path)
            ask_the_reader(desk)
            await until(running.done)
            (tmp_path / OUTBOX_FILE).write_bytes(healthy)
            click(desk)
            with pytest.raises(NotPossible):
                LiveDesk(desk).save_draft(BOOKING, "half", note=False)
            assert LiveDesk(desk).draft(BOOKING, note=False) == ""
            ended = await Answering(desk, lambda: Ended("done")).answer(Outbox(), heard)
            assert ended.outcome == "unusable"
            assert "start it again" in ended.message
            shown = await Answering(desk, lambda: Ended("done")).answer(Show(), heard)
            assert shown.outcome == "done"

    asyncio.run(story())


def test_that_the_next_start_salvages_what_was_clicked(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_work(tmp_path) as (desk, running, _):
            spoil(desk, tmp_path)
            ask_the_reader(desk)
            await until(running.done)
        async with open_desk(tmp_path) as (desk, _):
            assert [op.payload.text for op in desk.outbox.unfinished()] == ["On our way"]

    asyncio.run(story())
