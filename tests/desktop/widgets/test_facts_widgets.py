"""The right pane's parts: buttons and preview, the press that can be taken back, conflict card and dialog."""

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from contract.delivery import Delivery
from desktop.state.lines import PendingPress
from desktop.state.overtaken import Choice
from desktop.widgets.action_buttons import ActionButtons, ButtonFace
from desktop.widgets.conflict_card import ConflictBox
from desktop.widgets.conflict_words import ConflictWords, OfferedChoice
from desktop.widgets.fact_rows import FactRows
from desktop.widgets.icons import Icons
from desktop.widgets.look import Look
from desktop.widgets.pending_strip import PendingStrip
from desktop.widgets.press_dialog import AskedValue, PressDialog, PressWords
from desktop.widgets.press_preview import PressPreview
from desktop.widgets.words import Words
from tests.support.sample_desk_data import NOW

FACES = [ButtonFace("accept", "Accept Booking"), ButtonFace("decline", "Decline", danger=True, asks=True)]


@pytest.fixture
def buttons(qtbot: QtBot, look: Look, words: Words) -> ActionButtons:
    made = ActionButtons(look, words)
    qtbot.addWidget(made)
    made.show_buttons(FACES)
    made.show()
    return made


def test_that_the_nth_key_presses_the_nth_button(buttons: ActionButtons, qtbot: QtBot) -> None:
    with qtbot.waitSignal(buttons.pressed) as told:
        buttons.press_nth(1)
    assert told.args == ["decline"]
    with qtbot.assertNotEmitted(buttons.pressed):
        buttons.press_nth(7)


def test_that_a_button_that_cannot_be_pressed_says_why_and_does_nothing(buttons: ActionButtons, qtbot: QtBot) -> None:
    buttons.show_buttons([ButtonFace("accept", "Accept", denied="Needs a connection")])
    assert buttons.shown[0].toolTip() == "Needs a connection"
    with qtbot.assertNotEmitted(buttons.pressed):
        buttons.press_nth(0)


def test_that_a_button_with_questions_ends_in_an_ellipsis(buttons: ActionButtons) -> None:
    assert [button.text() for button in buttons.shown] == ["Accept Booking", "Decline…"]


def test_that_the_focus_on_a_button_asks_for_its_preview(buttons: ActionButtons, qtbot: QtBot) -> None:
    buttons.activateWindow()
    buttons.shown[0].setFocus()
    with qtbot.waitSignal(buttons.looked_at, check_params_cb=lambda name: name == "decline") as told:
        buttons.shown[1].setFocus()
    assert told.args == ["decline"]


def test_that_the_same_buttons_again_leave_the_widgets_alone(buttons: ActionButtons) -> None:
    buttons.shown[1].setFocus()
    before = list(buttons.shown)
    buttons.show_buttons(list(FACES))
    assert buttons.shown == before


def test_that_a_preview_runs_in_the_customers_direction(qtbot: QtBot, words: Words) -> None:
    preview = PressPreview(words)
    qtbot.addWidget(preview)
    preview.show_text("Will post", "✅ قَبِل فريقنا حجزك")
    assert preview._text.layoutDirection() == Qt.LayoutDirection.RightToLeft
    preview.show_text("Will post", "✅ Accepted")
    assert preview._text.layoutDirection() == Qt.LayoutDirection.LeftToRight


def press(undo_until: float | None, delivery: Delivery = Delivery.QUEUED) -> PendingPress:
    return PendingPress("op-1", "accept", "accepted", NOW, delivery, undo_until)


def strip(qtbot: QtBot, look: Look, words: Words, pending: PendingPress) -> PendingStrip:
    made = PendingStrip(look, words, pending, "Accept Booking")
    qtbot.addWidget(made)
    made.show()
    return made


def test_that_a_fresh_press_can_be_undone_for_as_long_as_it_is_held(qtbot: QtBot, look: Look, words: Words) -> None:
    made = strip(qtbot, look, words, press(time.time() + 4.4))
    assert made._text.text() == "Accept Booking: 5 s to undo"
    with qtbot.waitSignal(made.undone) as told:
        qtbot.mouseClick(made._undo, Qt.MouseButton.LeftButton)
    assert told.args == ["op-1"]


def test_that_undo_goes_away_when_its_time_is_over(qtbot: QtBot, look: Look, words: Words) -> None:
    made = strip(qtbot, look, words, press(time.time() + 0.15))
    qtbot.waitUntil(lambda: not made._undo.isVisible(), timeout=20_000)
    assert "queued" in made._text.text()


def test_that_a_held_press_waits_for_a_yes_or_a_no(qtbot: QtBot, look: Look, words: Words) -> None:
    made = strip(qtbot, look, words, press(None, Delivery.HELD))
    with qtbot.waitSignal(made.confirmed):
        qtbot.mouseClick(made._yes, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(made.dropped):
        qtbot.mouseClick(made._no, Qt.MouseButton.LeftButton)


def offered(made: PendingStrip) -> list[str]:
    return [button.text() for button in made.findChildren(QPushButton) if button.isVisible()]


def test_that_a_refused_press_says_so_and_why_and_can_be_tried_again(qtbot: QtBot, look: Look, words: Words) -> None:
    refused = PendingPress("op-1", "accept", "accepted", NOW, Delivery.FAILED, None, error="Your role may not do this.")
    made = strip(qtbot, look, words, refused)
    assert made.state == Delivery.FAILED
    assert made._text.text() == "Accept Booking: not done. Your role may not do this."
    assert offered(made) == ["Retry", "Drop"]
    with qtbot.waitSignal(made.confirmed) as told:
        qtbot.mouseClick(made._yes, Qt.MouseButton.LeftButton)
    assert told.args == ["op-1"]


def test_that_a_press_behind_an_undecided_one_can_only_be_dropped(qtbot: QtBot, look: Look, words: Words) -> None:
    behind = PendingPress("op-1", "accept", "accepted", NOW, Delivery.HELD, None, waits_for_another=True)
    made = strip(qtbot, look, words, behind)
    assert "before it" in made._text.text()
    assert offered(made) == ["Drop"]


def test_that_a_conflict_says_who_what_when_and_offers_the_legal_steps(
    qtbot: QtBot, look: Look, icons: Icons, words: Words
) -> None:
    keep, again = Choice("keep"), Choice("step", transition="reopen")
    said = ConflictWords(
        "op-9", "REQ1 changed", "You pressed Accept at 14:05.", "Sami made it Cancelled at 14:03.", "Cancelled stands.",
        (OfferedChoice(keep, "Keep Cancelled", "", ""), OfferedChoice(again, "Re-open instead", "", "")),
    )  # fmt: skip
    box = ConflictBox(look, icons, words, said)
    qtbot.addWidget(box)
    texts = " ".join(part.text() for part in box.findChildren(QLabel))
    assert "Sami made it Cancelled at 14:03." in texts
    assert [button.text() for button in box.buttons] == ["Keep Cancelled", "Re-open instead"]
    for button, choice in zip(box.buttons, (keep, again), strict=True):
        with qtbot.waitSignal(box.decided) as told:
            button.click()
        assert told.args == ["op-9", choice]


@pytest.fixture
def dialog(qtbot: QtBot, look: Look, words: Words) -> Iterator[PressDialog]:
    parent = QWidget()
    qtbot.addWidget(parent)
    said = PressWords("Decline", "REQ1 · Omar", "Will post:", danger=True)
    made = PressDialog(words, said, [AskedValue("reason", "Reason")], lambda given: f"Sorry: {given['reason']}", parent)
    made.show()
    yield made
    made.close()


def test_that_the_dialog_shows_what_will_be_posted_while_the_reason_is_typed(dialog: PressDialog, qtbot: QtBot) -> None:
    qtbot.keyClicks(dialog.inputs["reason"], "no team")
    assert dialog._preview._text.text() == "Sorry: no team"


def test_that_the_dialog_does_not_agree_without_what_is_required(dialog: PressDialog, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(dialog.agreed):
        dialog.agree_button.click()
    assert dialog._error.isVisible()
    qtbot.keyClicks(dialog.inputs["reason"], "no team")
    with qtbot.waitSignal(dialog.agreed) as told:
        qtbot.keyClick(dialog.inputs["reason"], Qt.Key.Key_Return)
    assert told.args == [{"reason": "no team"}]


@pytest.fixture
def direction(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[None]:
    qapp.setLayoutDirection(request.param)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.mark.parametrize(
    ("direction", "side"),
    [(Qt.LayoutDirection.LeftToRight, "left"), (Qt.LayoutDirection.RightToLeft, "right")],
    ids=["English", "Arabic"],
    indirect=["direction"],
)
@pytest.mark.usefixtures("direction")
def test_that_a_code_and_a_latin_name_stand_where_the_dialogs_language_begins(
    qtbot: QtBot, words: Words, side: str
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    made = PressDialog(words, PressWords("رفض", "REQ1 · Omar", ""), [], lambda _: "", parent)
    made.show()
    [line] = [one for one in made.findChildren(QLabel) if one.text() == "REQ1 · Omar"]
    picture = line.grab().toImage()
    ground = picture.pixelColor(picture.width() // 2, 0)
    inked = [x for x in range(picture.width()) for y in range(picture.height()) if picture.pixelColor(x, y) != ground]
    assert ("left" if sum(inked) / len(inked) < picture.width() / 2 else "right") == side


def test_that_facts_without_a_value_are_left_out(qtbot: QtBot) -> None:
    rows = FactRows()
    qtbot.addWidget(rows)
    rows.show_facts([("Code", "REQ1"), ("Where", ""), ("Phone", "+971")])
    assert rows.shown == [("Code", "REQ1"), ("Phone", "+971")]
    rows.show_facts([("Code", "REQ1")])
    assert rows.shown == [("Code", "REQ1")]


def test_that_customers_text_is_never_taken_for_markup(qtbot: QtBot) -> None:
    rows = FactRows()
    qtbot.addWidget(rows)
    rows.show_facts([("About", "<b>x</b><img src=a>")])
    assert rows.findChildren(QLabel)[1].textFormat() == Qt.TextFormat.PlainText
    assert not rows.findChildren(QPushButton)
