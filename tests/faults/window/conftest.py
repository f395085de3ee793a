"""Qt's fixtures, and the stage: one window over engine and store, for all the histories of one test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.faults.window.stage import Stage
from tests.support.qt_quiet import _no_window_left_behind

__all__ = ["_no_window_left_behind"]


@pytest.fixture
def stage(qapp: QApplication, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.close()
