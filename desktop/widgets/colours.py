"""The colour roles of the desk, read from the one file that holds every colour."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtGui import QColor

Pair = tuple[QColor, QColor]
"""A fill and the text on it."""


class Colours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One theme. `waiting` has four steps of age, `priority` one colour for each of 1 to 4 (console features 5.18)."""

    window: QColor
    surface: QColor
    raised: QColor
    hover: QColor
    selected: QColor
    hairline: QColor
    text: QColor
    secondary: QColor
    secondary_on_tint: QColor
    disabled: QColor
    accent: QColor
    accent_hover: QColor
    on_accent: QColor
    ok: QColor
    warning: QColor
    danger: QColor
    border: QColor
    focus: QColor
    own_bubble: QColor
    their_bubble: QColor
    note_text: QColor
    note_fill: QColor
    note_edge: QColor
    on_note_edge: QColor
    waiting: tuple[QColor, QColor, QColor, QColor]
    priority: tuple[QColor, QColor, QColor, QColor]
    scroll: QColor
    scroll_hover: QColor
    chips: dict[str, Pair]
    banners: dict[str, Pair]
    avatars: dict[str, Pair]


def _colour(shape: type[Any], value: Any) -> Any:
    if shape is QColor and isinstance(value, str) and QColor.isValidColorName(value):
        return QColor(value)
    raise ValueError(f"{value!r} is no colour")


def load_colours(file: Path) -> tuple[Colours, Colours]:
    """The light and the dark theme; msgspec.ValidationError names the role that is missing or no colour."""
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    light, dark = (msgspec.convert(tables[name], Colours, dec_hook=_colour) for name in ("light", "dark"))
    return light, dark
