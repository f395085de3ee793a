"""Qt's fixtures, for this folder only: the engine's tests must not need Qt."""

from tests.support.qt_quiet import _no_window_left_behind, desk, icons, look, run_on_qt, words

__all__ = ["_no_window_left_behind", "desk", "icons", "look", "run_on_qt", "words"]
