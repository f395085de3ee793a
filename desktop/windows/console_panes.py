"""Makes the console's panes and puts them side by side."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from desktop.item_models.bookings_model import BookingsModel
from desktop.widgets.banner_bar import BannerBar
from desktop.widgets.booking_list import BookingList
from desktop.widgets.booking_row import BookingRow
from desktop.widgets.bubble_paint import BubblePainter
from desktop.widgets.bubble_shape import BubbleShapes
from desktop.widgets.composer import Composer
from desktop.widgets.conversation_head import ConversationHead
from desktop.widgets.conversation_pane import ConversationPane
from desktop.widgets.conversation_view import ConversationView
from desktop.widgets.facts_pane import FactsPane
from desktop.widgets.status_bar import StatusBar
from desktop.widgets.status_pill import PillPainter
from desktop.widgets.top_bar import TopBar
from desktop.widgets.view_rail import ViewRail
from desktop.windows.surroundings import Surroundings

WIDTHS = (196, 344, 560, 316)


@dataclass(frozen=True)
class ConsolePanes:
    top: TopBar
    banners: BannerBar
    rail: ViewRail
    bookings: BookingList
    model: BookingsModel
    conversation: ConversationPane
    facts: FactsPane
    status: StatusBar
    splitter: QSplitter
    whole: QWidget


def make_panes(around: Surroundings, parent: QWidget) -> ConsolePanes:
    """Everything the console shows, connected to nothing yet."""
    look, icons, words, statuses = around.look, around.icons, around.words, around.statuses
    rail = ViewRail(look, icons, around.sentences, statuses, words("rail.name"))
    model = BookingsModel(around.desk.booking_lines, around.sentences.booking, parent)
    row = BookingRow(look, words, around.moments, PillPainter(look, statuses), parent)
    bookings = BookingList(look, icons, words, row, model)
    shapes = BubbleShapes(look, words, around.moments, around.sentences)
    view = ConversationView(
        shapes, BubblePainter(look, words, around.sentences), around.sentences, words("conversation.name")
    )
    head = ConversationHead(look, icons, words, statuses)
    conversation = ConversationPane(look, icons, words, head, view, Composer(look, icons, words))
    facts = FactsPane(look, icons, words, statuses)
    splitter = _side_by_side(around, rail, bookings, conversation, facts)
    top, banners, status = TopBar(look, icons, words), BannerBar(look, icons, words), StatusBar(look, icons, words)
    whole = QWidget(parent)
    layout = QVBoxLayout(whole)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(top)
    layout.addWidget(banners)
    layout.addWidget(splitter, 1)
    layout.addWidget(status)
    return ConsolePanes(top, banners, rail, bookings, model, conversation, facts, status, splitter, whole)


def _side_by_side(around: Surroundings, *panes: QWidget) -> QSplitter:
    """The conversation takes what room there is; the others keep theirs, and each can be folded away."""
    splitter = QSplitter(Qt.Orientation.Horizontal)
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(True)
    least = (150, 264, 320, 248)
    for place, pane in enumerate(panes):
        pane.setMinimumWidth(least[place])
        splitter.addWidget(pane)
        splitter.setStretchFactor(place, 1 if place == 2 else 0)
    splitter.setCollapsible(2, False)
    splitter.setSizes([around.look.px(width) for width in WIDTHS])
    return splitter
