"""Puts the real console window on a paper desk: for looks, and for tests that press real keys."""

from collections.abc import Callable, Coroutine
from functools import cache
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QWidget

from contract.actors import Lang
from contract.moments import to_ms
from contract.workflow import Workflow
from contract.workflow_file import load_workflow
from desktop.intents.desk_port import DeskPort
from desktop.widgets.fonts import load_fonts
from desktop.widgets.icons import Icons
from desktop.widgets.look import Look
from desktop.widgets.moments import Moments
from desktop.widgets.row_sentences import RowSentences
from desktop.widgets.status_pill import Statuses
from desktop.widgets.toast import Toast
from desktop.widgets.words import Words, load_words
from desktop.windows.appearance import Appearance
from desktop.windows.console_window import ConsoleWindow
from desktop.windows.surroundings import Spawn, Surroundings
from desktop.windows.window_memory import WindowMemory
from tests.support.paper_desk import PaperDesk
from tests.support.sample_desk_data import NOW

RESOURCES = Path(__file__).resolve().parents[2] / "resources"


@cache
def workflows() -> dict[str, Workflow]:
    """The five real ones."""
    files = (RESOURCES / "workflows").glob("*.yaml")
    return {file.stem: load_workflow(file.read_text(encoding="utf-8"), file.name) for file in sorted(files)}


@cache
def families() -> tuple[str, ...]:
    return load_fonts(RESOURCES / "fonts")


def make_look(dark: bool = False, zoom: float = 1.0) -> Look:
    look = Look(RESOURCES / "style", families(), dark, zoom)
    look.apply()
    return look


def make_words(lang: Lang = "en") -> Words:
    return load_words(RESOURCES / "translations", lang)


def make_icons() -> Icons:
    return Icons(RESOURCES / "icons")


def now() -> float:
    """The sample data's present, in seconds since 1970."""
    return to_ms(NOW) / 1000


def make_moments(words: Words, clock: Callable[[], float] = now) -> Moments:
    return Moments(words, clock)


def run_now(task: Coroutine[Any, Any, None]) -> None:
    """Runs a coroutine that never has to wait, as the paper desk's do not."""
    try:
        task.send(None)
    except StopIteration:
        return
    raise AssertionError("a paper desk never lets anyone wait")


def make_surroundings(
    desk: DeskPort,
    look: Look,
    window: QWidget,
    lang: Lang = "en",
    spawn: Spawn = run_now,
    clock: Callable[[], float] = now,
) -> Surroundings:
    words = make_words(lang)
    moments, statuses = make_moments(words, clock), Statuses(desk.workflows, words)
    sentences = RowSentences(words, moments, statuses)
    return Surroundings(desk, look, make_icons(), words, moments, statuses, sentences, spawn, Toast(window))


def make_console(
    desk: PaperDesk, profile: Path, lang: Lang = "en", dark: bool = False, zoom: float = 1.0
) -> ConsoleWindow:
    """The console, not yet shown, as wide as a usual screen."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setStyle("Fusion")
    app.setLayoutDirection(Qt.LayoutDirection.RightToLeft if lang == "ar" else Qt.LayoutDirection.LeftToRight)
    memory = WindowMemory(profile)
    memory.keep("zoom", zoom)
    look = make_look(dark, zoom)
    appearance = Appearance(look, memory, "dark" if dark else "light")
    look.apply()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    return ConsoleWindow(lambda window: make_surroundings(desk, look, window, lang), memory, appearance)
