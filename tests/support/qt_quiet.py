"""Fixtures for tests with Qt: bundled looks, a loop of its own for each test, and no window left behind."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar, cast

import pytest
import qasync
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from desktop.widgets.icons import Icons
from desktop.widgets.look import Look
from desktop.widgets.words import Words
from tests.support.paper_console import make_icons, make_look, make_words, workflows
from tests.support.paper_desk import PaperDesk

T = TypeVar("T")
PATIENCE = 100.0
"""Seconds a coroutine under test may take."""


@pytest.fixture(autouse=True)
def _no_window_left_behind(qapp: QApplication) -> Iterator[None]:
    """A test that shows a window gives it to qtbot or closes it: the next test starts on an empty screen."""
    qapp.setStyle("Fusion")
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    yield
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    left = [window for window in qapp.topLevelWidgets() if window.isVisible()]
    for window in left:
        window.close()
        window.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    if left:
        pytest.fail(f"windows left open: {', '.join(type(window).__name__ for window in left)}")


@pytest.fixture
def look(qapp: QApplication) -> Look:
    return make_look()


@pytest.fixture
def icons() -> Icons:
    return make_icons()


@pytest.fixture
def words() -> Words:
    return make_words()


@pytest.fixture
def desk() -> PaperDesk:
    return PaperDesk(workflows())


@pytest.fixture
def run_on_qt(qapp: QApplication) -> Iterator[Callable[[Coroutine[Any, Any, T]], T]]:
    """Runs a coroutine on Qt's own loop, made for this test and closed with it.

    Never wait through qtbot inside such a coroutine: a loop within the loop hangs (packaging.md 5).
    """
    qapp.setQuitOnLastWindowClosed(False)  # as app.py does: otherwise the loop ends with the window (qasync 39)
    loop = cast("asyncio.AbstractEventLoop", qasync.QEventLoop(qapp, already_running=False))

    def run(task: Coroutine[Any, Any, T]) -> T:
        return loop.run_until_complete(asyncio.wait_for(task, PATIENCE))

    yield run
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.close()
    asyncio.set_event_loop(None)
    if left:
        pytest.fail(f"tasks left running: {', '.join(task.get_name() for task in left)}")
