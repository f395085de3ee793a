"""Tells the story on a real server, the real desktop and a real browser, checks every claim, and writes the report."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread

import httpx

from demo import figures, scenes
from demo.crowd import Crowd
from demo.desk_door import KEPT_FREE, OPERATOR, PASSWORD, DeskDoor
from demo.desk_window import DeskWindow, Hands
from demo.latencies import Latencies
from demo.page import chromium
from demo.people import PEOPLE
from demo.report import Report
from demo.stage import MEASURED, NORA, Stage
from desktop import app
from desktop.config import Options, load_config
from tests.support.flaky_link import flaky_link
from tests.support.running_server import running_server
from tests.support.server_process import fresh


def tell(folder: Path) -> bool:
    """The whole story; pictures and report go to `folder`. Returns whether every claim held."""
    report = Report()
    started = time.monotonic()
    with ExitStack() as stack:
        server = stack.enter_context(running_server(folder, demo=True, launch=fresh))
        stack.enter_context(crowd_at_work(server.url))
        desk_link = stack.enter_context(flaky_link(server.url))
        page_link = stack.enter_context(flaky_link(server.url))
        http = stack.enter_context(httpx.Client(base_url=server.url, timeout=20))
        page = stack.enter_context(chromium())
        staff = DeskDoor(http)
        staff.sign_in()
        free_before = _left_alone(http)
        desk = DeskWindow(Hands())
        booking_id, measured_id = staff.take_booking(NORA), staff.take_booking(MEASURED)
        page_url = f"{page_link.url}/c/{staff.link(booking_id).rsplit('/', 1)[-1]}"
        stage = Stage(
            folder, server.url, staff, http, desk, desk_link, page, page_link, report, booking_id, measured_id
        )
        _with_desktop(folder, desk_link.url, desk, lambda: _play_or_show(stage, page_url))
        untouched = _left_alone(http) == free_before
        report.claim(f"Nobody touched {KEPT_FREE}, the customer account's booking", untouched, "same version and lines")
        _take_large_picture(stage)
        server.stop()
        errors = [line for line in server.log.read_text(encoding="utf-8").splitlines() if '"level": "error"' in line]
        report.claim("The server logged no error and stopped cleanly", not errors, f"{len(errors)} error lines")
    report.seconds = time.monotonic() - started
    report.write(folder)
    return report.holds


def _play_or_show(stage: Stage, page_url: str) -> None:
    """Where the story stops, both screens are kept as they stood."""
    try:
        _play(stage, page_url)
    except (TimeoutError, LookupError):
        stage.picture("stopped-desktop", "Where the story stopped: the desk")
        stage.picture("stopped-page", "Where the story stopped: the page", of_page=True)
        raise


def _play(stage: Stage, page_url: str) -> None:
    to_page = Latencies("status at the server → badge on the page", "≤ 2 s", 2000)
    lines = Latencies("customer's line → painted on the desktop", "p95 < 100 ms at the server's side; seeds: 1 s", 1000)
    presses = Latencies("operator's Return → bubble painted, after the commit to disk", "≤ 16 ms", 100)
    stage.report.latencies += [lines, presses, to_page]
    stage.desk.wait_open()
    stage.desk.dress(theme="light")
    stage.desk.open(stage.booking_id)
    stage.page.open(page_url)
    scenes.words_cross(stage)
    scenes.booking_is_accepted(stage, to_page)
    scenes.network_goes(stage)
    scenes.network_comes_back(stage, to_page)
    scenes.status_changes_at_a_sql_prompt(stage)
    scenes.ticks_climb(stage)
    scenes.screens_agree(stage)
    stage.desk.dress(theme="dark")
    stage.picture("5-desktop-dark", "Everything arrived, in the dark theme")
    stage.picture("6-page-back", "The page after the network came back", of_page=True)
    stage.desk.dress(lang="ar", theme="light")
    stage.picture("7-desktop-arabic", "The same desk in Arabic")
    stage.desk.dress(lang="en")
    figures.measure_lines(stage, lines)
    figures.measure_presses(stage, presses)


def _with_desktop(folder: Path, server_url: str, desk: DeskWindow, play: Callable[[], None]) -> None:
    """Runs the real desktop in this thread, and `play` in another until it is over; raises what `play` raised."""
    settings = {"FIELDLINE_EMAIL": OPERATOR, "FIELDLINE_PASSWORD": PASSWORD}
    config = load_config(Options(server=server_url, profile=str(folder / "profile")), settings)
    raised: list[BaseException] = []

    def played() -> None:
        try:
            play()
        except BaseException as error:
            raised.append(error)
            raise
        finally:
            desk.close()

    story = Thread(target=played, name="story", daemon=True)
    story.start()
    hook = sys.excepthook
    code = app.run(config)
    sys.excepthook = hook  # the desktop had taken it for its own log
    story.join(30)
    if raised:
        raise raised[0]
    if code:
        raise RuntimeError(f"the desktop ended with {code}")


def _take_large_picture(stage: Stage) -> None:
    """The installed program's own way to paint itself, at 150 %, from the profile that the story left."""
    path = stage.folder / "8-desktop-150.png"
    environment = os.environ | {"QT_SCALE_FACTOR": "1.5", "FIELDLINE_THEME": "light", "FIELDLINE_LANG": "en"}
    command = [sys.executable, "-m", "desktop", "--profile", str(stage.folder / "profile"), "--screenshot", str(path)]
    done = subprocess.run(command, env=environment, timeout=60, check=False)
    stage.report.claim("`fieldline --screenshot` paints at 150 %", done.returncode == 0 and path.exists(), path.name)
    stage.report.pictures.append((path.name, "The desk at 150 %"))


def _left_alone(http: httpx.Client) -> tuple[int, int]:
    tables = http.get(f"/sync/v1/bookings/{KEPT_FREE}").raise_for_status().json()["tables"]
    return tables["bookings"][0]["version"], len(tables["messages"])


@contextmanager
def crowd_at_work(server_url: str, calm: float = 1.0) -> Iterator[None]:
    """The scripted customers, in a thread of their own, until the end of the block."""
    loop = asyncio.new_event_loop()
    work = loop.create_task(Crowd(server_url, random.Random(7), calm).run(PEOPLE))

    def live() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(asyncio.wait([work]))
        loop.close()

    crowd = Thread(target=live, name="crowd", daemon=True)
    crowd.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(work.cancel)
        crowd.join(15)
