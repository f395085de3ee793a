"""Wires the desktop: settings, engine, looks and windows; the only place that makes parts and hands them out."""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, cast

import msgspec
import qasync
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from contract.actors import Lang
from desktop.config import DesktopConfig
from desktop.handover.answering import Answering
from desktop.handover.door import Door
from desktop.handover.leading import lead_or_ask
from desktop.handover.requests import AnyAnswer, Ended, Show
from desktop.intents.desk_port import SignInFailed
from desktop.intents.live_desk import LiveDesk
from desktop.resource_paths import resource_path
from desktop.state.changes import Changes
from desktop.store.errors import DiskFull, NoRoom, ProfileInUse, ProfileUnusable, StoreError, Unavailable
from desktop.store.store_check import check_store
from desktop.sync.desk import Desk, build_desk
from desktop.sync.sleep_watch import check_sleep_watch
from desktop.widgets.fonts import load_fonts
from desktop.widgets.icons import Icons
from desktop.widgets.look import Look
from desktop.widgets.moments import Moments
from desktop.widgets.row_sentences import RowSentences
from desktop.widgets.status_pill import Statuses
from desktop.widgets.toast import Toast
from desktop.widgets.words import load_words
from desktop.windows.appearance import Appearance
from desktop.windows.console_window import ConsoleWindow
from desktop.windows.language import language, turn
from desktop.windows.last_chance import LastChance
from desktop.windows.portrait import take_portrait
from desktop.windows.program_log import ProgramLog
from desktop.windows.sign_in_window import SignInWindow
from desktop.windows.surroundings import Surroundings
from desktop.windows.window_memory import WindowMemory

SWITCH_INTERVAL = 0.0005
"""Seconds after which the cache's thread lets the window's have the interpreter; by default it would wait ten times as
long, each time it comes back from Qt."""


def run(config: DesktopConfig) -> int:
    """The whole life of the program; gives its exit code."""
    if config.selftest:
        app = QApplication(["fieldline", "-platform", "offscreen"])
        return 0 if run_self_test(print) else 1
    app = _application()
    chance = LastChance()
    chance.install()
    try:
        desk = asyncio.run(_lead_or_show(config))
        if desk is None:
            return 0
        program = Program(config, chance, desk)
    except (ProfileInUse, ProfileUnusable) as error:
        _say_why_not(config, error)
        return 1
    written = ProgramLog(config.profile_dir)
    try:
        with asyncio.Runner(loop_factory=lambda: cast(asyncio.AbstractEventLoop, qasync.QEventLoop(app))) as runner:
            return runner.run(program.run())
    finally:
        written.close()


async def _lead_or_show(config: DesktopConfig, changes: Changes | None = None) -> Desk | None:
    """The profile's desk, for this process to lead; None when another one's window has come forward instead."""

    async def nothing(_: AnyAnswer) -> None:
        """Showing has no answers but the last."""

    open_desk = partial(build_desk, config, changes or Changes())
    found = await lead_or_ask(open_desk, config.profile_dir, Show, None, nothing)
    return None if isinstance(found, Ended) else found


def _say_why_not(config: DesktopConfig, error: StoreError) -> None:
    """The one window where there is no desk: what is wrong, and what to do about it."""
    lang = language("", config.lang, WindowMemory(config.profile_dir), None)
    words = load_words(resource_path("translations"), lang)
    turn(lang)
    no_room = isinstance(error, NoRoom)
    text = words("app.no_room", folder=str(config.profile_dir)) if no_room else str(error)
    QMessageBox.critical(None, words("app.name"), text)


def _application() -> QApplication:
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(["fieldline"])
    app.setApplicationName("fieldline")
    app.setApplicationDisplayName("Fieldline")
    app.setDesktopFileName("fieldline")
    app.setStyle("Fusion")
    app.setQuitOnLastWindowClosed(False)
    return app


def run_self_test(report: Callable[[str], None]) -> bool:
    """Runs every check, reports one line for each, and whether all passed."""
    from desktop.windows.self_checks import CHECKS  # noqa: PLC0415 - what it needs would slow down every start

    passed = True
    for name, check in {**CHECKS, "encrypted store": check_store, "sleep": check_sleep_watch}.items():
        try:
            report(f"ok      {name}: {check()}")
        except Exception as error:
            passed = False
            report(f"FAILED  {name}: {type(error).__name__}: {error}")
    return passed


class Program:
    """The parts that live as long as the program, and the windows that come and go."""

    def __init__(self, config: DesktopConfig, chance: LastChance, desk: Desk | None = None) -> None:
        self._config, self._chance = config, chance
        self._memory = WindowMemory(config.profile_dir)
        self._icons = Icons(resource_path("icons"))
        self._look = Look(resource_path("style"), load_fonts(resource_path("fonts")))
        self._appearance = Appearance(self._look, self._memory, config.theme)
        self._look.apply()
        self._desk: Desk = desk or build_desk(config, Changes())
        self._changes = self._desk.changes
        self._windows: list[QWidget] = []
        self._chosen_lang = ""
        self._group: asyncio.TaskGroup | None = None
        self._over = asyncio.Event()
        self._desk_tasks: list[asyncio.Task[None]] = []
        self._exit_code = 0

    async def run(self) -> int:
        """Shows a window, runs the engine, and ends when the operator leaves."""
        self._chance.install_on(asyncio.get_running_loop())
        sys.setswitchinterval(SWITCH_INTERVAL)
        async with asyncio.TaskGroup() as group:
            self._group = group
            if self._desk.me is None and not self._desk.session.may_sign_in_alone:
                self._show_sign_in()
            else:
                self._show_console()
            self._start_desk()
            if self._config.screenshot is not None:
                self.spawn(self._portray())
            await self._over.wait()
            await self._stop_desk()
        self._desk.close()
        return self._exit_code

    def spawn(self, task: Coroutine[Any, Any, None]) -> None:
        """Starts a task of the windows in the one task group; its fault is reported and ends it alone."""
        if self._group is None or self._over.is_set():
            task.close()
        else:
            self._group.create_task(self._guarded(task))

    async def _guarded(self, task: Coroutine[Any, Any, None]) -> None:
        """The last chance of a task: its fault is written down and told, and ends it alone."""
        try:
            await task
        except Exception as error:
            self._chance.report(error)

    def come_forward(self) -> None:
        """The program was started again: this is the one that shows."""
        for window in self._windows:
            window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
            window.show()
            window.raise_()
            window.activateWindow()

    # --- windows -----------------------------------------------------------------------------------------------------

    @property
    def _lang(self) -> Lang:
        me = self._desk.me
        return language(self._chosen_lang, self._config.lang, self._memory, me.lang if me else None)

    def _surroundings(self, window: QWidget) -> Surroundings:
        words, desk = load_words(resource_path("translations"), self._lang), LiveDesk(self._desk)
        moments = Moments(words, lambda: time.time() + desk.link.clock_offset_ms / 1000)
        statuses, toast = Statuses(desk.workflows, words), Toast(window)
        sentences = RowSentences(words, moments, statuses)
        self._chance.tell = lambda: toast.say(words("app.fault"))
        return Surroundings(desk, self._look, self._icons, words, moments, statuses, sentences, self.spawn, toast)

    def _show_console(self) -> None:
        turn(self._lang)
        window = ConsoleWindow(self._surroundings, self._memory, self._appearance)
        window.language_chosen.connect(self._change_language)
        window.sign_in_wanted.connect(lambda: self._show_sign_in("sign_in.ended"))
        window.signed_out.connect(self._show_sign_in)
        window.closed.connect(lambda: self._closed(window))
        self._show_only(window)
        self._desk.tell_of_opening()

    def _show_sign_in(self, why: str = "") -> None:
        turn(self._lang)
        words = load_words(resource_path("translations"), self._lang)
        has_cache = self._desk.me is not None
        window = SignInWindow(self._look, self._icons, words, self.spawn, self._sign_in, has_cache)
        me = self._desk.me
        window.form.fill(self._server_url, me.email if me else self._memory.text("email", ""))
        if why:
            window.say(why)
        window.signed_in.connect(self._show_console)
        window.offline_wanted.connect(self._show_console)
        window.closed.connect(lambda: self._closed(window))
        self._show_only(window)

    def _show_only(self, window: QWidget) -> None:
        """The new window comes before the old one goes, so that there is always one."""
        old, self._windows = self._windows, [window]
        window.show()
        for gone in old:
            gone.close()
            gone.deleteLater()

    def _closed(self, window: QWidget) -> None:
        if window in self._windows:
            self._over.set()

    def _change_language(self, lang: str) -> None:
        """The same desk in another language: a new console in the old one's place, the booking still open."""
        self._chosen_lang = lang
        self._memory.keep("lang", lang)
        before = self._windows[0] if self._windows else None
        self._show_console()
        now = self._windows[0]
        if isinstance(before, ConsoleWindow) and isinstance(now, ConsoleWindow):
            booking_id = before.conversation_side.booking_id
            if booking_id is not None:
                now.open_booking(booking_id)

    # --- engine ------------------------------------------------------------------------------------------------------

    @property
    def _server_url(self) -> str:
        return self._desk.parts.http.server_url

    async def _sign_in(self, server: str, email: str, password: str) -> None:
        """Raises SignInFailed. Another server is another desk; what is unsent for the first must go there first."""
        if server != self._server_url:
            counts = self._desk.outbox.counts()
            unsent = counts.queued + counts.decisions
            if self._server_url and unsent:
                raise SignInFailed("unsent_elsewhere", self._server_url, unsent)
            await self._move_to(server)
        await LiveDesk(self._desk).sign_in(email, password)
        self._memory.keep("email", email)

    async def _move_to(self, server: str) -> None:
        """Raises SignInFailed where the disk takes no more; the desk is then as it was. A command makes room for it."""
        try:
            self._desk.outbox.facts.keep_server(server)
        except (DiskFull, Unavailable) as error:
            raise SignInFailed("disk_full", str(error)) from error
        await self._stop_desk()
        self._desk.close()
        found = await _lead_or_show(msgspec.structs.replace(self._config, server_url=server), self._changes)
        if found is None:
            self._over.set()
            raise SignInFailed("refused", "Another window of Fieldline has come forward.")
        self._desk = found
        self._start_desk()

    def _start_desk(self) -> None:
        """The engine, and the door by which other Fieldlines on this profile hand their requests over."""
        if self._group is not None:
            door = Door(self._config.profile_dir, Answering(self._desk, self._shown), self._guarded)
            tasks = (self._desk.run(), door.run())
            self._desk_tasks = [self._group.create_task(self._guarded(task)) for task in tasks]

    def _shown(self) -> Ended:
        self.come_forward()
        return Ended("done")

    async def _stop_desk(self) -> None:
        self._desk.stop()
        for task in self._desk_tasks[1:]:
            task.cancel()
        if self._desk_tasks:
            await asyncio.wait(self._desk_tasks)

    async def _portray(self) -> None:
        file = self._config.screenshot
        if file is not None and self._windows:
            written = await take_portrait(self._windows[0], file)
            self._exit_code = 0 if written else 1
        self._over.set()
