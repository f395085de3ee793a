"""Lays out a message's text: every paragraph in its own direction, links found, measured once for a width."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QTextCharFormat, QTextLayout, QTextLine, QTextOption

from desktop.widgets.text_direction import LINK, direction_of, with_isolated_codes

_STEP, _LOOSE = 1.42, 1.62
"""From line to line, in font sizes: for faces like Inter, and for tall ones like Arabic, which ask for far more."""


@dataclass(frozen=True, slots=True)
class _Paragraph:
    layout: QTextLayout
    right_to_left: bool
    top: float
    height: float
    links: tuple[tuple[int, int, str], ...]
    """Start, length and address, in the laid out text."""


class MessageText:
    """A text at a width. `width` and `height` are what it takes, `last_width` what its last line takes of that."""

    def __init__(self, text: str, font: QFont, max_width: float, link: QColor, right_to_left: bool = False) -> None:
        self._max = max_width
        self._paragraphs: list[_Paragraph] = []
        self.width = 0.0
        self.height = 0.0
        self.last_width = 0.0
        for paragraph in text.split("\n"):
            self._add(paragraph, font, link, right_to_left)
        self.width = math.ceil(self.width)
        self.ends_right_to_left = self._paragraphs[-1].right_to_left

    def _add(self, text: str, font: QFont, link: QColor, otherwise: bool) -> None:
        direction = direction_of(text, otherwise)
        right_to_left = direction == Qt.LayoutDirection.RightToLeft
        shown = with_isolated_codes(text) if right_to_left else text
        layout = QTextLayout(shown, font)
        option = QTextOption()
        option.setTextDirection(direction)
        option.setAlignment(Qt.AlignmentFlag.AlignLeft if not right_to_left else Qt.AlignmentFlag.AlignRight)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.setCacheEnabled(True)
        links = tuple((found.start(), len(found[0]), found[0]) for found in LINK.finditer(shown))
        layout.setFormats([_link_format(start, length, link) for start, length, _ in links])
        height = self._break(layout, font)
        self._paragraphs.append(_Paragraph(layout, right_to_left, self.height, height, links))
        self.height += height

    def _break(self, layout: QTextLayout, font: QFont) -> float:
        layout.beginLayout()
        height = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(self._max)
            step = font.pixelSize() * (_LOOSE if line.height() > font.pixelSize() * _LOOSE else _STEP)
            line.setPosition(QPointF(0, height + (step - line.height()) / 2))
            height += step
            self.last_width = line.naturalTextWidth()
            self.width = max(self.width, self.last_width)
        layout.endLayout()
        return height

    def paint(self, painter: QPainter, at: QPointF, box_width: float) -> None:
        """Draws with its top left corner at `at`; right-to-left paragraphs end at `box_width`."""
        for paragraph in self._paragraphs:
            paragraph.layout.draw(painter, QPointF(at.x() + self._shift(paragraph, box_width), at.y() + paragraph.top))

    def link_at(self, point: QPointF, box_width: float) -> str | None:
        """The address under a point relative to the text's corner."""
        for paragraph in self._paragraphs:
            if not paragraph.top <= point.y() < paragraph.top + paragraph.height:
                continue
            x, y = point.x() - self._shift(paragraph, box_width), point.y() - paragraph.top
            line = _line_at(paragraph.layout, y)
            if line is None or not line.naturalTextRect().contains(QPointF(x, line.y() + 1)):
                return None
            place = line.xToCursor(x)
            return next((url for start, length, url in paragraph.links if start <= place <= start + length), None)
        return None

    def _shift(self, paragraph: _Paragraph, box_width: float) -> float:
        return box_width - self._max if paragraph.right_to_left else 0.0


def _line_at(layout: QTextLayout, y: float) -> QTextLine | None:
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        if line.y() <= y < line.y() + line.height():
            return line
    return None


def _link_format(start: int, length: int, colour: QColor) -> QTextLayout.FormatRange:
    shape = QTextCharFormat()
    shape.setForeground(colour)
    shape.setFontUnderline(True)
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = start, length, shape
    return made
