"""Measures one row of a conversation: where its bubble, text, time, name and buttons stand at a given width."""

from dataclasses import dataclass, field, replace

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont

from contract.delivery import Delivery
from desktop.item_models.conversation_rows import ConversationRow
from desktop.state.lines import MessageLine
from desktop.widgets.delivery_glyph import glyph_width
from desktop.widgets.look import SMALL, TINY, Look
from desktop.widgets.message_text import MessageText
from desktop.widgets.moments import Moments
from desktop.widgets.row_sentences import RowSentences
from desktop.widgets.words import Words

_TEXT = 13.5
_ACTIONS = {
    Delivery.FAILED: ("retry", "edit", "discard"),
    Delivery.HELD: ("send_now", "discard"),
}
KEPT = 3_000
"""Shapes remembered before starting over."""


@dataclass(frozen=True, slots=True)
class Action:
    """A word under a bubble that can be pressed."""

    name: str
    label: str
    box: QRectF


@dataclass(frozen=True, slots=True)
class BubbleShape:
    """Places are relative to the row's top left corner, and already mirrored where the window is."""

    row: ConversationRow
    height: int
    box: QRectF
    text: MessageText | None = None
    text_at: QPointF = field(default_factory=QPointF)
    text_width: float = 0.0
    meta: QRectF | None = None
    meta_words: str = ""
    name: QRectF | None = None
    avatar: QRectF | None = None
    error: QRectF | None = None
    actions: tuple[Action, ...] = ()
    plain: bool = False
    """Without a filled bubble: a removed message."""


class BubbleShapes:
    """Measures rows and remembers them by row and width (10,000 rows are never measured twice)."""

    def __init__(self, look: Look, words: Words, moments: Moments, sentences: RowSentences) -> None:
        self._look = look
        self._words = words
        self._moments = moments
        self._sentences = sentences
        self._known: dict[tuple[str, int], BubbleShape] = {}
        look.changed.connect(self._known.clear)

    def of(self, row: ConversationRow, width: int) -> BubbleShape:
        known = self._known.get((row.key, width))
        if known is None or known.row is not row:
            if len(self._known) > KEPT:
                self._known.clear()
            known = self._known[row.key, width] = self._measure(row, width)
        return known

    def _measure(self, row: ConversationRow, width: int) -> BubbleShape:
        if row.line is None:
            height = self._look.px(44 if row.kind == "day" else 34)
            return BubbleShape(row, height, QRectF(0, 0, width, height))
        if row.line.side == "system":
            return self._system(row, row.line, width)
        shape = self._note(row, row.line, width) if row.line.kind == "note" else self._bubble(row, row.line, width)
        return self._mirrored(shape, width) if self._words.right_to_left else shape

    def _laid_out(self, text: str, font: QFont, room: float) -> MessageText:
        return MessageText(text, font, room, self._look.colours.accent, self._words.right_to_left)

    def _system(self, row: ConversationRow, line: MessageLine, width: int) -> BubbleShape:
        """Centred, in a quiet frame, its time behind it."""
        px = self._look.px
        meta_words, meta_width = self._meta(line)
        room = min(px(520), width - px(80)) - meta_width
        text = self._laid_out(self._sentences.text(line), self._look.font(SMALL), room)
        full = text.width + meta_width + px(8) + px(28)
        box = QRectF((width - full) / 2, px(8), full, text.height + px(12))
        start = px(14) + (meta_width + px(8) if self._words.right_to_left else 0)
        meta_left = box.left() + px(14) if self._words.right_to_left else box.right() - px(14) - meta_width
        meta = QRectF(meta_left, box.bottom() - px(6) - px(16), meta_width, px(16))
        at = QPointF(box.left() + start, box.top() + px(6))
        return BubbleShape(row, round(box.bottom() + px(8)), box, text, at, text.width, meta, meta_words)

    def _note(self, row: ConversationRow, line: MessageLine, width: int) -> BubbleShape:
        """The full width, so that nobody takes it for something the customer sees."""
        px = self._look.px
        meta_words, meta_width = self._meta(line)
        box_width = width - px(40)
        text = self._laid_out(self._sentences.text(line), self._look.font(_TEXT), box_width - px(32))
        name = QRectF(px(36), px(16), box_width - px(32) - meta_width, px(16))
        box = QRectF(px(20), px(8), box_width, text.height + px(34))
        meta = QRectF(box.right() - px(16) - meta_width, name.top(), meta_width, px(16))
        at = QPointF(px(36), name.bottom() + px(2))
        shape = BubbleShape(row, 0, box, text, at, box_width - px(32), meta, meta_words, name)
        return self._with_error(shape, line, width)

    def _bubble(self, row: ConversationRow, line: MessageLine, width: int) -> BubbleShape:
        px = self._look.px
        theirs = line.side == "customer"
        top = float(px(10 if row.begins_group else 1))
        name = None
        if row.begins_group and not line.mine:
            name = QRectF(0, top, 0, px(18))
            top = name.bottom() + px(2)
        meta_words, meta_width = self._meta(line)
        room = min(px(540), width * 0.74) - px(28)
        text = self._laid_out(self._sentences.text(line), self._look.font(_TEXT), room)
        beside = text.last_width + px(12) + meta_width
        joined = beside <= room and not text.ends_right_to_left
        inner = max(text.width, beside) if joined else max(text.width, meta_width)
        height = text.height + px(14) + (0 if joined else px(16))
        left = px(52) if theirs else width - px(20) - inner - px(28)
        box = QRectF(left, top, inner + px(28), height)
        meta = QRectF(box.right() - px(14) - meta_width, box.bottom() - px(7) - px(16), meta_width, px(16))
        if name is not None:
            side = px(4)
            name = QRectF(box.left() + side if theirs else px(20), name.top(), width - px(24) - side - px(52), px(18))
            name = QRectF(name.left(), name.top(), name.width() if theirs else box.right() - px(20) - side, px(18))
        avatar = QRectF(px(16), box.bottom() - px(28), px(28), px(28)) if theirs and row.ends_group else None
        at = QPointF(box.left() + px(14), box.top() + px(7))
        shape = BubbleShape(row, 0, box, text, at, inner, meta, meta_words, name, avatar, plain=line.removed)
        return self._with_error(shape, line, width)

    def _meta(self, line: MessageLine) -> tuple[str, float]:
        """The clock and what else stands beside it, with the glyph's room."""
        px = self._look.px
        said = self._moments.clock(line.at)
        if line.edited and not line.removed:
            said = f"{self._words('conversation.edited')} · {said}"
        width = self._look.metrics(TINY, 400, tabular=True).horizontalAdvance(said) + 1
        if line.delivery is not None and not line.removed:
            width += px(5) + glyph_width(line.delivery, px(13))
        return said, width

    def _with_error(self, shape: BubbleShape, line: MessageLine, width: int) -> BubbleShape:
        """Adds the reason of a refusal and what can be done, below the bubble."""
        px = self._look.px
        bottom = shape.box.bottom() + px(1)
        names = _ACTIONS.get(line.delivery, ()) if line.delivery else ()
        if not names:
            return replace(shape, height=round(bottom + px(1)))
        metrics = self._look.metrics(SMALL, 600)
        right, actions = width - float(px(20)), list[Action]()
        for name in reversed(names):
            label = self._words(f"conversation.{name}")
            taken = metrics.horizontalAdvance(label) + px(12)
            actions.insert(0, Action(name, label, QRectF(right - taken, bottom + px(2), taken, px(24))))
            right -= taken
        error = QRectF(px(20), bottom + px(2), right - px(28), px(24)) if line.error else None
        return replace(shape, height=round(bottom + px(30)), error=error, actions=tuple(actions))

    def _mirrored(self, shape: BubbleShape, width: int) -> BubbleShape:
        def turned(box: QRectF) -> QRectF:
            return QRectF(width - box.right(), box.top(), box.width(), box.height())

        box = turned(shape.box)
        return replace(
            shape,
            box=box,
            text_at=QPointF(box.left() + self._look.px(14), shape.text_at.y()),
            meta=turned(shape.meta)
            if shape.meta and shape.row.line and shape.row.line.kind == "note"
            else self._meta_at(shape, box),
            name=turned(shape.name) if shape.name else None,
            avatar=turned(shape.avatar) if shape.avatar else None,
            error=turned(shape.error) if shape.error else None,
            actions=tuple(replace(action, box=turned(action.box)) for action in shape.actions),
        )

    def _meta_at(self, shape: BubbleShape, box: QRectF) -> QRectF | None:
        """Beside left-to-right text the time keeps its place at the right, below anything else it ends the line."""
        if shape.meta is None:
            return None
        inset = shape.box.right() - shape.meta.right()
        left = box.right() - inset - shape.meta.width()
        return QRectF(left, shape.meta.top(), shape.meta.width(), shape.meta.height())
