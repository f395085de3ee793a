"""What the server looks after now and then."""

import asyncio
from pathlib import Path

import pytest

import server.app
from server.app import Application
from server.config import ServerConfig


def test_that_after_a_look_that_fails_the_next_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.app, "_SWEEP_SECONDS", 0.001)
    looks = 0

    async def look() -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise ValueError

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
