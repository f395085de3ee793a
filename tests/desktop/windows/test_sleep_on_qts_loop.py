"""The window's loop is Qt's: it carries the system's message bus as asyncio's own does."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from desktop.network.errors import BusLost
from desktop.network.login_bus import login_bus
from tests.support.headless_desk import until
from tests.support.private_bus import fake_logind, private_bus


def test_that_qts_loop_hears_of_sleep_and_of_the_end_of_the_bus(
    tmp_path: Path, run_on_qt: Callable[[Coroutine[Any, Any, None]], None]
) -> None:
    async def story() -> None:
        async with fake_logind(bus.address) as logind, login_bus(bus.address) as heard:
            with await heard.hold_sleep():
                assert logind.is_held
                await logind.tell(asleep=True)
                assert await heard.about_to_sleep() is True
            await until(lambda: not logind.is_held)
            bus.vanish()
            with pytest.raises(BusLost):
                await heard.ended()

    with private_bus(tmp_path) as bus:
        run_on_qt(story())
