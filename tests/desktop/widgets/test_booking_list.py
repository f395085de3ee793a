"""The bookings pane by its keys, and what its rows say."""

from array import array
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from desktop.item_models.bookings_model import BookingsModel
from desktop.widgets.booking_list import BookingList
from desktop.widgets.booking_row import BookingRow, _fitting_code
from desktop.widgets.icons import Icons
from desktop.widgets.look import Look
from desktop.widgets.row_sentences import RowSentences
from desktop.widgets.status_pill import PillPainter, Statuses
from desktop.widgets.words import Words
from tests.support.paper_console import make_moments, workflows
from tests.support.sample_desk_data import booking_lines

LINES = booking_lines()


@pytest.fixture
def sentences(words: Words) -> RowSentences:
    return RowSentences(words, make_moments(words), Statuses(workflows(), words))


@pytest.fixture
def shown(qtbot: QtBot, look: Look, icons: Icons, words: Words, sentences: RowSentences) -> BookingList:
    model = BookingsModel(lambda numbers: [LINES[number] for number in numbers], sentences.booking)
    pills = PillPainter(look, Statuses(workflows(), words))
    made = BookingList(look, icons, words, BookingRow(look, words, make_moments(words), pills, None), model)  # type: ignore[arg-type]
    model.setParent(made)
    qtbot.addWidget(made)
    model.set_order(array("q", range(len(LINES))))
    made.resize(340, 600)
    made.show_view("All", len(LINES))
    made.show_rows()
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.focus_rows()
    return made


def test_that_j_and_k_move_and_stop_at_the_ends(shown: BookingList, qtbot: QtBot) -> None:
    qtbot.keyClick(shown.view, "k")
    assert shown.current_id() == LINES[0].id
    qtbot.keyClick(shown.view, "j")
    qtbot.keyClick(shown.view, "j")
    assert shown.current_id() == LINES[2].id


def test_that_moving_opens_nothing_and_enter_does(shown: BookingList, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(shown.booking_chosen):
        qtbot.keyClick(shown.view, "j")
    with qtbot.waitSignal(shown.booking_chosen) as told:
        qtbot.keyClick(shown.view, Qt.Key.Key_Return)
    assert told.args == [LINES[1].id]


@pytest.mark.parametrize(("key", "signal"), [("r", "reply_wanted"), ("n", "note_wanted"), ("a", "take_wanted")])
def test_that_letters_act_on_the_chosen_row(shown: BookingList, qtbot: QtBot, key: str, signal: str) -> None:
    with qtbot.waitSignal(getattr(shown, signal)) as told:
        qtbot.keyClick(shown.view, key)
    assert told.args == [LINES[0].id]


def test_that_a_slash_leads_to_the_filter_and_letters_there_are_letters(shown: BookingList, qtbot: QtBot) -> None:
    qtbot.keyClick(shown.view, "/")
    assert shown.filter.hasFocus()
    with qtbot.assertNotEmitted(shown.take_wanted):
        qtbot.keyClicks(shown.filter, "ja")
    assert shown.filter.text() == "ja"
    qtbot.keyClick(shown.filter, Qt.Key.Key_Escape)
    assert shown.filter.text() == ""
    assert shown.view.hasFocus()


def test_that_the_title_is_followed_by_the_whole_count_not_the_listed_part(shown: BookingList) -> None:
    shown.show_view("All", 100_000)
    assert shown._count.text() == "100,000"


def test_that_every_row_paints_in_both_themes_without_a_word_from_qt(shown: BookingList, look: Look) -> None:
    for dark in (False, True):
        look.change(dark=dark)
        assert not shown.grab().isNull()


def test_that_a_rows_sentence_says_everything_the_eye_gets(sentences: RowSentences) -> None:
    said = sentences.booking(LINES[1])
    for part in (
        "Priority 2",
        "Huda",
        "Accepted, becoming Deployed",
        "waiting 22 minutes 4",
        "needs answer",
        "1 unread",
        "Lina",
    ):
        assert part in said
    assert "draft" in sentences.booking(replace(LINES[1], has_draft=True))


def test_that_a_code_keeps_its_end_when_there_is_no_room(look: Look) -> None:
    metrics = QFontMetricsF(look.font(11))
    code = "REQ1759286674249"
    assert _fitting_code(code, metrics, 500) == code
    assert _fitting_code(code, metrics, 80) == "REQ…4249"
    assert _fitting_code(code, metrics, 40) == "…4249"
    assert _fitting_code(code, metrics, 5) == ""


def test_that_the_keys_wait_at_an_empty_list_for_its_rows(shown: BookingList, qtbot: QtBot) -> None:
    """A first start: the list is empty until the server has answered, and J must not end up in the filter."""
    shown.show_empty("Getting your bookings", "")
    shown.focus_rows()
    assert not shown.filter.hasFocus()
    shown.show_rows()
    assert shown.view.hasFocus()
    qtbot.keyClick(shown.view, "j")
    assert shown.current_id() == LINES[1].id
    assert shown.filter.text() == ""


def test_that_a_filter_without_matches_keeps_the_keys(shown: BookingList, qtbot: QtBot) -> None:
    shown.focus_filter()
    qtbot.keyClicks(shown.filter, "zzz")
    shown.show_empty("Nothing matches", "")
    qtbot.keyClick(shown.filter, Qt.Key.Key_Return)
    assert shown.filter.hasFocus()
