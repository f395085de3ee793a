"""A day away: a desktop that was in step is closed, very much happens at the server, and it starts again."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

from desktop.config import DesktopConfig
from desktop.state.changes import Changes
from desktop.sync.desk import Desk, build_desk
from tests.bench import programs, shapes
from tests.bench.contestants import fieldline
from tests.bench.contestants.fieldline import Fieldline
from tests.bench.contestants.town import build_town
from tests.bench.desktop.probing import probe
from tests.bench.load_client import Load, LoadFailed, Pace, measure

EMAIL, PASSWORD = "away@bench.example", "one-day-away"
PATIENCE = 60.0


def day_away(changes: int, folder: Path) -> dict[str, Any]:
    """What the probe says of the start after at least `changes` changes, all in sight of the desktop's operator."""
    shape = shapes.writers(16, rooms_each=320)
    data, profile = folder / "away-data", folder / "away-profile"
    town = build_town(data, [shape])
    command = [sys.executable, "-m", "server", "user", "add", EMAIL, "--role", "operator", "--name", "Away"]
    command += ["--password-stdin", "--data", str(data)]
    subprocess.run(command, input=PASSWORD, text=True, check=True, capture_output=True, cwd=programs.HERE.parents[1])
    with fieldline.serving_town(data, town) as server:
        asyncio.run(_in_step(DesktopConfig(profile, server.url, EMAIL, PASSWORD)))
        _much_happens(server, shape, changes)
        return probe("catch_up", profile)


async def _in_step(config: DesktopConfig) -> None:
    """Signs in, takes the snapshot, and is closed once it is live."""
    desk = build_desk(config, Changes())
    running = asyncio.ensure_future(desk.run())
    try:
        async with asyncio.timeout(PATIENCE):
            await _until_live(desk)
    except TimeoutError:
        raise LoadFailed(f"the desktop never got live: {desk.link}") from None
    finally:
        desk.stop()
        await running
        desk.close()


async def _until_live(desk: Desk) -> None:
    live = asyncio.Event()
    stop = desk.changes.listen(link=lambda link: live.set() if link.phase == "live" else None)
    await live.wait()
    stop()


def _much_happens(server: Fieldline, shape: shapes.Shape, changes: int) -> None:
    begun = server.head(shape)
    while server.head(shape) - begun < changes:
        pace = Pace(window=16, fan=1, measure_ms=2000, warm_ms=0)
        measure(Load(server.dialect, server.clients(shape), shape.publishers, pace, server.pid))
