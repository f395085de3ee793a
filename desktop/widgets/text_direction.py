"""Which way a paragraph runs: judged by its words, not by the code, mention or link it happens to begin with."""

import re
import unicodedata

from PySide6.QtCore import Qt

LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\u2068\u2069\"]+[^\s<>\u2068\u2069\".,;:!?)\]'’]", re.IGNORECASE)
_NEUTRAL = re.compile(
    r"[\u2066-\u2068][^\u2069]*\u2069"  # what is isolated has no say outside
    r"|\b(?:https?://|www\.)\S+"  # links
    r"|\b[\w.+-]+@[\w-]+\.\w+"  # addresses
    r"|@\w+"  # mentions
    r"|\b[A-Z]+[-_]?\d+\b"  # booking codes
    r"|\d+",
    re.IGNORECASE,
)
_CODE = re.compile(r"\b[A-Z]{2,}[-_]?\d{2,}\b|\b(?:https?://|www\.)\S+|\+?\d[\d\s:./-]{3,}\d")
_FIRST_STRONG, _END = "\u2068", "\u2069"


def runs_right_to_left(text: str, otherwise: bool = False) -> bool:
    """Whether the first strong character that is neither code, mention, link nor number is a right-to-left one.

    Qt alone takes the first strong character of all, and so turns "REQ123 مرحبا" the wrong way (console features 2.6).
    """
    if text.isascii():
        return otherwise and not any(character.isalpha() for character in _NEUTRAL.sub(" ", text))
    for character in _NEUTRAL.sub(" ", text):
        kind = unicodedata.bidirectional(character)
        if kind in ("R", "AL"):
            return True
        if kind == "L":
            return False
    return otherwise


def direction_of(text: str, otherwise: bool = False) -> Qt.LayoutDirection:
    """The same as Qt's value."""
    return Qt.LayoutDirection.RightToLeft if runs_right_to_left(text, otherwise) else Qt.LayoutDirection.LeftToRight


def with_isolated_codes(text: str) -> str:
    """`text` with codes, links and phone numbers wrapped in isolates, so that they stay whole inside Arabic."""
    return _CODE.sub(lambda found: f"{_FIRST_STRONG}{found[0]}{_END}", text)


def one_line(text: str) -> str:
    """`text` for a single-line place: runs of white space become one space."""
    return " ".join(text.split())
