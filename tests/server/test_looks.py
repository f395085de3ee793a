"""What the server looks after now and then: a look that fails is not the last."""

import asyncio
from pathlib import Path

import pytest

import server.app
from server.app import Application
from server.config import ServerConfig

FAILS = "this look fails"


def test_that_a_look_that_fails_is_logged_and_the_next_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(server.app, "_SWEEP_SECONDS", 0.001)
    looks = 0

    async def look() -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise ValueError(FAILS)

    async def story() -> None:
        app = Application(ServerConfig(), tmp_path)
        async with app.background:
            task = app.background.spawn(app._now_and_then(look))
            async with asyncio.timeout(20):
                while looks < 3:
                    await asyncio.sleep(0.001)
            task.cancel()
        app.store.close()
        app._passwords.close()

    asyncio.run(story())
    assert FAILS in capsys.readouterr().out
