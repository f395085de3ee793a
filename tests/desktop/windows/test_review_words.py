"""What the question after an outage says: both sides, what the customer has seen, the text behind it."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel

from desktop.state.overtaken import Sight, TextAfter
from desktop.widgets.review_dialog import ReviewDialog
from desktop.windows.console_window import ConsoleWindow
from tests.support import sample_desk_data as sample
from tests.support.paper_desk import PaperDesk


def text_of(dialog: ReviewDialog) -> str:
    return " ".join(part.text() for part in dialog.findChildren(QLabel) if part.isVisible())


def test_that_it_says_both_sides_what_the_customer_has_seen_and_what_becomes_of_the_text(
    console: ConsoleWindow, asked: ReviewDialog
) -> None:
    said, moments = text_of(asked), console.around.moments
    pressed, cancelled = moments.when(sample.ago(75)), moments.when(sample.ago(190))
    for part in (
        f"What you did · {pressed}",
        "Accepted ⇢ Deployed",
        "“Team Arrived” waits, and is asked about next.",
        "“Team on the way”: refused; nobody has it.",
        "Has not seen your press",
        f"What happened · {cancelled}, Sami Darwish",
        "Accepted → Cancelled",
        "“customer called”",
        "Your booking has been cancelled: customer called",
        "Has read it, by",
        "Keep Cancelled; drop my “Deploy Team”; keep my text as a note for colleagues (suggested)",
        "Keep Cancelled; drop my “Deploy Team” and my text",
    ):
        assert part in said, (part, said)


@pytest.mark.parametrize(
    ("sight", "said"),
    [
        (Sight("read"), "Has read it."),
        (Sight("delivered", sample.ago(20)), "Has received it, by"),
        (Sight("not_yet"), "No sign yet"),
        (Sight(), "Not known whether they have seen it."),
        (Sight("theirs"), "Did it themselves."),
    ],
)
def test_that_no_more_is_said_of_the_customer_than_is_known(
    desk: PaperDesk, asked: ReviewDialog, sight: Sight, said: str
) -> None:
    desk.conflicts["b-249"] = [replace(desk.conflicts["b-249"][0], sight=sight)]
    desk.changes.conversation_changed("b-249")
    assert said in text_of(asked)


def test_that_a_long_line_is_quoted_by_its_beginning_on_one_line(desk: PaperDesk, asked: ReviewDialog) -> None:
    long = (TextAfter("l-1", "On the way\n" + "and on " * 1_000, "waiting"),)
    desk.conflicts["b-249"] = [replace(desk.conflicts["b-249"][0], texts=long)]
    desk.changes.conversation_changed("b-249")
    assert "“On the way and on" in text_of(asked)
    assert "…”: not sent yet." in text_of(asked)
    assert len(text_of(asked)) < 2_000


def test_that_a_screen_reader_hears_the_conflict_and_each_choice_with_its_number(asked: ReviewDialog) -> None:
    for part in (asked.choices, asked.comparison):
        assert "Sami Darwish made it Cancelled" in part.accessibleName()
    assert asked.choices.radios[1].accessibleName() == "2: Keep Cancelled; drop my “Deploy Team” and my text"
    nameless = [part for part in (asked.alike, asked.apply, asked.skip, asked.back, asked.later) if not part.text()]
    assert nameless == []
