"""Loads the bundled typefaces, so that the desk looks the same on a machine that has none."""

from pathlib import Path

from PySide6.QtGui import QFontDatabase

FAMILIES = ("Inter", "Fieldline Arabic", "Noto Color Emoji")
"""Asked in this order for every character; what none of them has (Chinese, say) comes from the system."""


class FontMissing(Exception):
    """A bundled typeface could not be loaded."""


def load_fonts(folder: Path) -> tuple[str, ...]:
    """Registers every .ttf of `folder`; returns the families there are now. Raises FontMissing."""
    found: set[str] = set()
    for file in sorted(folder.glob("*.ttf")):
        number = QFontDatabase.addApplicationFont(str(file))
        if number < 0:
            raise FontMissing(f"{file.name} cannot be loaded")
        found.update(QFontDatabase.applicationFontFamilies(number))
    missing = [family for family in FAMILIES if family not in found]
    if missing:
        raise FontMissing(f"not in {folder}: {', '.join(missing)}")
    return FAMILIES
