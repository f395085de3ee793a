"""How everything looks right now: colours, type and measures, handed to every widget and changed in one place."""

import re
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication

from desktop.widgets.colours import Colours, load_colours

BODY = 13.0
SMALL = 12.0
TINY = 11.0
_PX = re.compile(r"(\d+)px")
_TOKEN = re.compile(r"@([a-z_]+)(?:\.([a-z]+)\.(\d))?")


class Look(QObject):
    """Colours and measures of the moment. Whoever paints listens to `changed` and asks again."""

    changed = Signal()

    def __init__(self, style_folder: Path, families: tuple[str, ...], dark: bool = False, zoom: float = 1.0) -> None:
        super().__init__()
        self._light, self._dark = load_colours(style_folder / "colours.toml")
        self._sheet = (style_folder / "fieldline.qss").read_text(encoding="utf-8")
        self._families = list(families)
        self._fonts: dict[tuple[float, int, bool], QFont] = {}
        self._metrics: dict[tuple[float, int, bool], QFontMetricsF] = {}
        self.dark = dark
        self.zoom = zoom

    @property
    def colours(self) -> Colours:
        return self._dark if self.dark else self._light

    def px(self, length: float) -> int:
        """A length of the drawing, at the operator's zoom."""
        return round(length * self.zoom)

    def font(self, size: float = BODY, weight: int = 400, tabular: bool = False) -> QFont:
        """A face of the bundled family; `tabular` digits do not jump when a clock ticks."""
        key = (size, weight, tabular)
        if key not in self._fonts:
            font = QFont(self._families)
            font.setPixelSize(max(8, round(size * self.zoom)))
            font.setWeight(QFont.Weight(weight))
            font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
            if tabular:
                font.setFeature(QFont.Tag("tnum"), 1)
            self._fonts[key] = font
        return self._fonts[key]

    def metrics(self, size: float = BODY, weight: int = 400, tabular: bool = False) -> QFontMetricsF:
        """The measures of that face, kept: asking Qt for them anew costs more than using them."""
        key = (size, weight, tabular)
        if key not in self._metrics:
            self._metrics[key] = QFontMetricsF(self.font(size, weight, tabular))
        return self._metrics[key]

    def change(self, dark: bool | None = None, zoom: float | None = None) -> None:
        """Another theme or size, at once and everywhere."""
        self.dark = self.dark if dark is None else dark
        self.zoom = self.zoom if zoom is None else min(1.5, max(0.8, zoom))
        self._fonts.clear()
        self._metrics.clear()
        self.apply()
        self.changed.emit()

    def apply(self) -> None:
        """Gives the application its palette, font and style sheet."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setPalette(self.palette())
            app.setFont(self.font())
            app.setStyleSheet(self.sheet())

    def sheet(self) -> str:
        """The style sheet with this theme's colours and this zoom's lengths in place."""
        scaled = _PX.sub(lambda found: f"{self.px(int(found[1])) or 1}px", self._sheet)
        return _TOKEN.sub(lambda found: self._token(found[1], found[2], found[3]), scaled)

    def _token(self, role: str, name: str | None, part: str | None) -> str:
        value = getattr(self.colours, role)
        colour = value[name][int(part)] if name and part else value
        return colour.name() if isinstance(colour, QColor) else ""

    def palette(self) -> QPalette:
        """Fusion's palette: what the style sheet does not name is drawn from this."""
        colours, palette, role = self.colours, QPalette(), QPalette.ColorRole
        pairs = {
            role.Window: colours.window,
            role.WindowText: colours.text,
            role.Base: colours.surface,
            role.AlternateBase: colours.window,
            role.Text: colours.text,
            role.Button: colours.raised,
            role.ButtonText: colours.text,
            role.ToolTipBase: colours.text,
            role.ToolTipText: colours.surface,
            role.PlaceholderText: colours.secondary,
            role.Highlight: colours.accent,
            role.HighlightedText: colours.on_accent,
            role.Link: colours.accent,
            role.LinkVisited: colours.accent,
            role.Mid: colours.hairline,
            role.Accent: colours.accent,
        }
        for name, colour in pairs.items():
            palette.setColor(name, colour)
        for name in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, name, colours.disabled)
        return palette
