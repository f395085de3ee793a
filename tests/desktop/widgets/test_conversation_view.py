"""The scrolling conversation: who reads stays where they are, and what is pressed under a bubble is heard."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from contract.delivery import Delivery
from desktop.item_models.conversation_rows import ConversationRow, conversation_rows
from desktop.state.lines import MessageLine
from desktop.widgets.bubble_paint import BubblePainter
from desktop.widgets.bubble_shape import BubbleShapes
from desktop.widgets.conversation_view import ConversationView
from desktop.widgets.look import Look
from desktop.widgets.row_sentences import RowSentences
from desktop.widgets.status_pill import Statuses
from desktop.widgets.words import Words
from tests.support.paper_console import make_moments, make_words, workflows
from tests.support.sample_talk import message, omars_lines, unsent_lines


def view_of(qtbot: QtBot, look: Look, words: Words) -> ConversationView:
    moments = make_moments(words)
    sentences = RowSentences(words, moments, Statuses(workflows(), words))
    shapes = BubbleShapes(look, words, moments, sentences)
    view = ConversationView(shapes, BubblePainter(look, words, sentences), sentences, "Conversation")
    qtbot.addWidget(view)
    view.resize(600, 500)
    view.show()
    return view


@pytest.fixture
def view(qtbot: QtBot, look: Look, words: Words) -> ConversationView:
    return view_of(qtbot, look, words)


def rows(lines: Sequence[MessageLine], unread_from: int | None = None) -> list[ConversationRow]:
    return conversation_rows(lines, unread_from, make_moments(make_words()).day)


def talk(first: int, last: int) -> list[MessageLine]:
    return [message(number, "customer", f"Line {number}", 90_000 - number * 60) for number in range(first, last)]


def top_of(view: ConversationView, key: str) -> int:
    row = view.rows.row_of(key)
    assert row is not None
    return view.visualRect(view.rows.index(row)).top()


def test_that_a_conversation_opens_at_its_newest_line(view: ConversationView) -> None:
    view.show_rows(rows(talk(0, 60)), from_start=True)
    assert not view.is_away
    assert view.newest_shown() == 590


def test_that_a_conversation_with_unread_lines_opens_at_the_first_of_them(view: ConversationView) -> None:
    view.show_rows(rows(talk(0, 80), unread_from=200), from_start=True)
    assert view.is_away
    assert 0 <= top_of(view, "unread") < 60


def test_that_older_lines_coming_above_do_not_move_what_is_being_read(view: ConversationView) -> None:
    view.show_rows(rows(talk(50, 100)), from_start=True)
    view.verticalScrollBar().setValue(300)
    before = top_of(view, "m-60")
    view.show_rows(rows(talk(0, 100)))
    assert top_of(view, "m-60") == before


def test_that_a_new_line_below_does_not_pull_a_reader_of_old_lines_down(view: ConversationView) -> None:
    view.show_rows(rows(talk(0, 60)), from_start=True)
    view.verticalScrollBar().setValue(200)
    before = top_of(view, "m-10")
    view.show_rows(rows(talk(0, 62)))
    assert top_of(view, "m-10") == before
    assert view.is_away


def test_that_a_reader_at_the_end_is_taken_along(view: ConversationView) -> None:
    view.show_rows(rows(talk(0, 60)), from_start=True)
    view.show_rows(rows(talk(0, 63)))
    assert not view.is_away
    assert view.newest_shown() == 620


def test_that_leaving_the_end_and_coming_back_is_told(view: ConversationView, qtbot: QtBot) -> None:
    view.show_rows(rows(talk(0, 60)), from_start=True)
    with qtbot.waitSignal(view.bottom_left) as told:
        view.verticalScrollBar().setValue(100)
    assert told.args == [True]
    with qtbot.waitSignal(view.bottom_left) as told:
        view.to_newest()
    assert told.args == [False]


def test_that_nearing_the_top_asks_for_older_lines(view: ConversationView, qtbot: QtBot) -> None:
    view.show_rows(rows(talk(0, 60)), from_start=True)
    with qtbot.waitSignal(view.top_neared):
        view.verticalScrollBar().setValue(10)


def test_that_only_lines_in_sight_count_as_shown(view: ConversationView) -> None:
    view.show_rows(rows(talk(0, 60)), from_start=True)
    view.verticalScrollBar().setValue(0)
    shown = view.newest_shown()
    assert shown is not None
    assert 0 < shown < 300


def press(view: ConversationView, qtbot: QtBot, key: str, at: QPoint) -> None:
    row = view.rows.row_of(key)
    assert row is not None
    corner = view.visualRect(view.rows.index(row)).topLeft()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=corner + at)


@pytest.mark.parametrize("name", ["retry", "edit", "discard"])
def test_that_a_refused_line_offers_retry_edit_and_discard(view: ConversationView, qtbot: QtBot, name: str) -> None:
    view.show_rows(rows([*omars_lines(), *unsent_lines()]), from_start=True)
    row = view.rows.rows[-1]
    assert row.line is not None and row.line.delivery == Delivery.FAILED
    shape = view._shapes.of(row, view.viewport().width())
    action = next(action for action in shape.actions if action.name == name)
    with qtbot.waitSignal(view.action_pressed) as told:
        press(view, qtbot, row.key, action.box.center().toPoint())
    assert told.args == [name, row.line]


def test_that_a_line_on_its_way_offers_nothing_to_press(view: ConversationView) -> None:
    view.show_rows(rows([*omars_lines(), *unsent_lines()[:2]]), from_start=True)
    assert view._shapes.of(view.rows.rows[-1], 600).actions == ()


def test_that_a_link_in_a_line_can_be_pressed(view: ConversationView, qtbot: QtBot) -> None:
    view.show_rows(rows([message(1, "customer", "https://example.org/flight", 60)]), from_start=True)
    shape = view._shapes.of(view.rows.rows[-1], view.viewport().width())
    with qtbot.waitSignal(view.link_pressed) as told:
        press(view, qtbot, "m-1", (shape.text_at.toPoint() + QPoint(20, 8)))
    assert told.args == ["https://example.org/flight"]


def test_that_a_removed_line_keeps_its_place_but_not_its_text(view: ConversationView) -> None:
    view.show_rows(rows([message(1, "staff", "", 60, removed=True)]), from_start=True)
    index = view.rows.index(1)
    assert "This message was removed" in index.data(Qt.ItemDataRole.AccessibleTextRole)


def test_that_bubbles_stand_on_their_side_and_mirror_in_arabic(qtbot: QtBot, look: Look, words: Words) -> None:
    lines = [message(1, "customer", "Hello", 60), message(2, "staff", "Hello", 50)]
    for made, staff_right in ((view_of(qtbot, look, words), True), (view_of(qtbot, look, make_words("ar")), False)):
        made.show_rows(rows(lines), from_start=True)
        theirs, ours = (made._shapes.of(row, 600).box.center().x() for row in made.rows.rows if row.line)
        assert (ours > theirs) == staff_right


def test_that_text_of_a_bubble_can_be_selected_and_copied(view: ConversationView, qtbot: QtBot) -> None:
    view.show_rows(rows([message(1, "customer", "Corniche Road 4", 60)]), from_start=True)
    view.select_text("m-1")
    selector = view.viewport().findChild(type(view.viewport()), "")
    found = [child for child in view.viewport().children() if hasattr(child, "textCursor")]
    assert selector is not None
    assert found[0].textCursor().selectedText() == "Corniche Road 4"


def test_that_another_size_of_type_keeps_the_reader_at_the_end(view: ConversationView, look: Look) -> None:
    view.show_rows(rows(talk(0, 60)), from_start=True)
    look.change(zoom=1.5)
    view.relayout()
    assert not view.is_away
