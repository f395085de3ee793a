"""The whole program against a real server: signs in, shows, answers, and starts again without a network."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import msgspec
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.app import Program, _lead_or_show
from desktop.config import DesktopConfig
from desktop.intents.desk_port import SignInFailed
from desktop.state.changes import Changes
from desktop.store.leader_lock import LeaderLock
from desktop.sync.desk import Desk, build_desk
from desktop.windows.console_window import ConsoleWindow
from desktop.windows.last_chance import LastChance
from desktop.windows.sign_in_window import SignInWindow
from tests.support.running_server import RunningServer, running_server
from tests.support.scripted_desk import ScriptedDesk

ROOT = Path(__file__).resolve().parents[3]
EMAIL, PASSWORD, CODE = "operator@fieldline.demo", "demo-demo", "REQ1759286674249"
Run = Callable[[Coroutine[Any, Any, None]], None]
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)", extend=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("server"), demo=True) as started:
        yield started


async def until(found: Callable[[], Any], seconds: float = 40.0) -> None:
    async with asyncio.timeout(seconds):
        while not found():
            await asyncio.sleep(0.02)


async def with_program(
    config: DesktopConfig, story: Callable[[Program, LastChance], Awaitable[None]], desk: Desk | None = None
) -> None:
    """Runs the program while the story is told in it, then closes its window and sees it end."""
    chance = LastChance()
    program = Program(config, chance, desk)
    running = asyncio.ensure_future(program.run())
    try:
        await until(lambda: program._windows or running.done())
        await story(program, chance)
    finally:
        for window in list(program._windows):
            window.close()
        assert await asyncio.wait_for(running, 20) == 0
    assert chance.count == 0, "something failed unseen: see the log"


def console_of(program: Program) -> ConsoleWindow | None:
    window = program._windows[0]
    return window if isinstance(window, ConsoleWindow) else None


async def with_booking_open(program: Program) -> tuple[ConsoleWindow, str]:
    """The console, live, and the booking that is open in it."""
    console = console_of(program)
    assert console is not None
    desk = console.around.desk
    await until(lambda: desk.link.phase == "live" and desk.find_booking(CODE))
    booking_id = desk.find_booking(CODE)
    assert booking_id is not None
    console.open_booking(booking_id)
    return console, booking_id


def test_that_an_operator_answers_and_the_server_has_it(server: RunningServer, tmp_path: Path, run_on_qt: Run) -> None:
    async def story(program: Program, chance: LastChance) -> None:
        console, _ = await with_booking_open(program)
        box = console.panes.conversation.composer.input
        QTest.keyClicks(box, "Hello from operator")
        QTest.keyClick(box, Qt.Key.Key_Return)
        newest = console.panes.conversation.view.rows.rows[-1].line
        assert newest is not None
        assert newest.text == "Hello from operator"

        def sent() -> bool:
            line = console.panes.conversation.view.rows.rows[-1].line
            return line is not None and line.position is not None

        await until(sent)
        assert console.panes.status.badge.text.startswith("Live")

    run_on_qt(with_program(DesktopConfig(tmp_path, server.url, EMAIL, PASSWORD), story))
    answer = httpx.post(f"{server.url}/auth/v1/token?grant_type=password", json={"email": EMAIL, "password": PASSWORD})
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    said = server.get("/api/messages", params={"bookingId": CODE}, headers=headers).json()
    assert [line["message"] for line in said["messages"]].count("Hello from operator") == 1


def test_that_someone_new_signs_in_by_the_window_after_a_wrong_password(
    server: RunningServer, tmp_path: Path, run_on_qt: Run
) -> None:
    async def story(program: Program, chance: LastChance) -> None:
        window = program._windows[0]
        assert isinstance(window, SignInWindow)
        window.form.fill(server.url, EMAIL)
        window.form.password.setText("not-the-password")
        QTest.keyClick(window.form.password, Qt.Key.Key_Return)
        await until(window.form._errors[window.form.password].text)
        window.form.password.setText(PASSWORD)
        QTest.keyClick(window.form.password, Qt.Key.Key_Return)
        await until(lambda: console_of(program))
        console = console_of(program)
        assert console is not None
        await until(lambda: console.panes.model.total)

    run_on_qt(with_program(DesktopConfig(tmp_path), story))


def test_that_an_address_nobody_answers_at_is_said(tmp_path: Path, run_on_qt: Run) -> None:
    async def story(program: Program, chance: LastChance) -> None:
        window = program._windows[0]
        assert isinstance(window, SignInWindow)
        window.form.fill("http://127.0.0.1:9", EMAIL)
        window.form.password.setText(PASSWORD)
        QTest.keyClick(window.form.password, Qt.Key.Key_Return)
        await until(lambda: "cannot be reached" in window.form._trouble.text())

    run_on_qt(with_program(DesktopConfig(tmp_path), story))


@pytest.mark.parametrize("set_to", [None, "en"], ids=["nothing set", "another one set"])
def test_that_another_language_comes_at_once_with_the_booking_still_open(
    server: RunningServer, tmp_path: Path, run_on_qt: Run, set_to: Literal["en"] | None
) -> None:
    async def story(program: Program, chance: LastChance) -> None:
        console, booking_id = await with_booking_open(program)
        console.language_chosen.emit("ar")
        arabic = console_of(program)
        assert arabic is not None and arabic is not console
        assert arabic.isRightToLeft()
        assert arabic.conversation_side.booking_id == booking_id
        await until(lambda: arabic.panes.model.total)

    run_on_qt(with_program(DesktopConfig(tmp_path, server.url, EMAIL, PASSWORD, lang=set_to), story))


def start(profile: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-m", "desktop", "--profile", str(profile), *arguments]
    environment = {**kept, "QT_QPA_PLATFORM": "offscreen", **env}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100, check=False)


def test_that_a_command_speaks_through_the_open_window_and_a_second_start_brings_it_forward(
    server: RunningServer, tmp_path: Path, run_on_qt: Run
) -> None:
    async def story(program: Program, chance: LastChance) -> None:
        console, _ = await with_booking_open(program)
        console.around.desk.set_work_offline(True)
        done = await asyncio.to_thread(start, tmp_path, "send", CODE, "From a script")
        assert (done.returncode, done.stderr) == (0, "")
        newest = console.panes.conversation.view.rows.rows[-1].line
        assert newest is not None
        assert (f"{newest.op_id} queued\n", newest.text) == (done.stdout, "From a script")
        console.showMinimized()
        done = await asyncio.to_thread(start, tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert not console.isMinimized()

    run_on_qt(with_program(DesktopConfig(tmp_path, server.url, EMAIL, PASSWORD), story))


def test_that_a_window_takes_over_from_a_command_that_goes_on_through_it(
    server: RunningServer, tmp_path: Path, run_on_qt: Run
) -> None:
    command = ScriptedDesk(tmp_path, server.url, more={"FIELDLINE_EMAIL": EMAIL, "FIELDLINE_PASSWORD": PASSWORD})
    with command.tailing(CODE) as tail:
        tail.next_object(60)
        desk = asyncio.run(_lead_or_show(DesktopConfig(tmp_path, server.url)))
        assert desk is not None

        async def story(program: Program, chance: LastChance) -> None:
            console, booking_id = await with_booking_open(program)
            console.around.desk.send_message(booking_id, "From the window", False)
            said = await asyncio.to_thread(tail.next_object, 60)
            assert said["text"] == "From the window"

        run_on_qt(with_program(DesktopConfig(tmp_path, server.url), story, desk))


def colours_in(picture: Path) -> int:
    with Image.open(picture) as image:
        return len(image.convert("RGB").getcolors(maxcolors=1 << 20) or [])


def test_that_the_picture_of_a_desk_with_no_network_shows_what_was_there(server: RunningServer, tmp_path: Path) -> None:
    profile, first, second = tmp_path / "profile", tmp_path / "live.png", tmp_path / "offline.png"
    login = {"FIELDLINE_EMAIL": EMAIL, "FIELDLINE_PASSWORD": PASSWORD}
    done = start(profile, "--server", server.url, "--screenshot", str(first), **login)
    assert done.returncode == 0, done.stderr
    done = start(profile, "--server", "http://127.0.0.1:9", "--screenshot", str(second))
    assert done.returncode == 0, done.stderr
    assert colours_in(first) > 300
    assert colours_in(second) > 300


def test_that_the_selftest_exits_with_nought(tmp_path: Path) -> None:
    done = start(tmp_path, "--selftest")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "encrypted store" in done.stdout


def test_that_an_address_that_is_none_is_refused_in_words(tmp_path: Path) -> None:
    done = start(tmp_path, "--server", "ftp://example.org")
    assert done.returncode == 1
    assert "no http:// or https://" in done.stderr


def test_that_a_command_that_has_the_profile_for_a_moment_keeps_nobody_from_another_server(
    run_on_qt: Run, tmp_path: Path
) -> None:
    async def story(program: Program, chance: LastChance) -> None:
        close = program._desk.close

        def close_and_be_overtaken() -> None:
            close()
            command = LeaderLock(tmp_path / "leader.lock")
            asyncio.get_running_loop().call_later(0.3, command.release)

        program._desk.close = close_and_be_overtaken  # type: ignore[method-assign]
        with pytest.raises(SignInFailed) as failed:
            await program._sign_in("http://127.0.0.1:9", EMAIL, PASSWORD)
        assert failed.value.trouble == "unreachable"
        assert program._server_url == "http://127.0.0.1:9"
        assert program._desk.outbox.counts().queued == 0

    config = DesktopConfig(tmp_path, "http://127.0.0.1:7")
    run_on_qt(with_program(config, story))


def test_that_what_became_of_a_damaged_outbox_waits_for_a_window_that_can_say_it(
    run_on_qt: Run, tmp_path: Path
) -> None:
    desk = build_desk(DesktopConfig(tmp_path), Changes())
    values: dict[str, object] = {"kept": 3, "damaged_file": "outbox.db.damaged-1"}
    desk.outbox.facts.put("salvage_untold", msgspec.json.encode(("outbox_salvaged", values)).decode())
    desk.parts.profile.notices.append(("outbox_salvaged", values))

    async def story(program: Program, chance: LastChance) -> None:
        await asyncio.sleep(0.2)
        assert isinstance(program._windows[0], SignInWindow)
        assert desk.outbox.facts.get("salvage_untold") is not None, "nobody has been told"
        program._show_console()
        console = console_of(program)
        assert console is not None
        assert console.around.toast.text == console.around.words("notice.outbox_salvaged", **values)
        assert desk.outbox.facts.get("salvage_untold") is None
        program._show_console()
        assert not console_of(program).around.toast.text  # type: ignore[union-attr]

    run_on_qt(with_program(DesktopConfig(tmp_path), story, desk))
