"""Finds words in the code that an operator would see and nobody could translate."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SHOWING = frozenset(
    "setText setToolTip setPlaceholderText setWindowTitle setAccessibleName setAccessibleDescription addAction addMenu "
    "QLabel QPushButton QAction label say setInformativeText setLabelText addButton setTitle showMessage".split()
)
_WORDY = re.compile(r"[^\W\d_]{2,}")


def literals_shown(file: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every string with a word in it that is given straight to something that shows it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        shown = node.args[1:] if name == "label" else node.args
        if name in SHOWING:
            yield from ((part.lineno, str(part.value)) for part in shown for part in _texts(part))


def _texts(node: ast.expr) -> Iterator[ast.Constant]:
    """The constant parts of an argument; keys inside words(…) are no texts."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _WORDY.search(node.value):
        yield node
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from _texts(part)
    elif isinstance(node, ast.BinOp):
        yield from _texts(node.left)
        yield from _texts(node.right)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def word_keys_used(file: Path) -> Iterator[str]:
    """Every key asked of the words in a file; a key put together at run time is given with a * for what varies."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and _is_words(node.func) and node.args:
            yield from _keys(node.args[0])


def _is_words(func: ast.expr) -> bool:
    return getattr(func, "id", "") == "words" or getattr(func, "attr", "") in ("words", "_words")


def _keys(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "*" for part in node.values)  # type: ignore[misc]
    elif isinstance(node, ast.IfExp):
        yield from _keys(node.body)
        yield from _keys(node.orelse)
