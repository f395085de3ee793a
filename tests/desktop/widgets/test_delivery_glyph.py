"""The delivery glyphs: each state its own shape, told apart without colour (console features 5.4)."""

from itertools import combinations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from contract.delivery import Delivery
from desktop.widgets.delivery_glyph import DRAFT, glyph_colour, glyph_width, glyph_words, paint_glyph
from desktop.widgets.look import Look
from desktop.widgets.words import Words

STATES = [*(state.value for state in Delivery), DRAFT]


def drawn(state: str) -> QImage:
    """Black on white, so that only the shape is left to tell."""
    image = QImage(44, 26, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    paint_glyph(painter, QRectF(3, 3, glyph_width(state, 20), 20), state, QColor("black"))
    painter.end()
    return image


def ink(image: QImage) -> set[tuple[int, int]]:
    return {
        (x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).lightness() < 128
    }


@pytest.mark.parametrize("state", STATES)
def test_that_every_state_draws_something_within_its_box(state: str) -> None:
    marks = ink(drawn(state))
    assert len(marks) > 20
    assert all(2 <= x <= 4 + glyph_width(state, 20) and 2 <= y <= 24 for x, y in marks)


@pytest.mark.parametrize(("one", "other"), list(combinations(STATES, 2)))
def test_that_no_two_states_look_alike_without_colour(one: str, other: str) -> None:
    first, second = ink(drawn(one)), ink(drawn(other))
    assert len(first ^ second) > 0.3 * min(len(first), len(second))


def test_that_delivered_and_read_differ_by_more_than_colour() -> None:
    assert len(ink(drawn(Delivery.READ))) > 1.3 * len(ink(drawn(Delivery.DELIVERED)))


def test_that_trouble_is_red_waiting_is_amber_and_read_is_blue(look: Look) -> None:
    colours = look.colours
    assert glyph_colour(Delivery.FAILED, colours) == glyph_colour(Delivery.CONFLICT, colours) == colours.danger
    assert glyph_colour(Delivery.QUEUED, colours) == glyph_colour(Delivery.HELD, colours) == colours.warning
    assert glyph_colour(Delivery.READ, colours) == colours.accent
    assert glyph_colour(Delivery.SENT, colours) == glyph_colour(Delivery.DELIVERED, colours) == colours.secondary


@pytest.mark.parametrize("state", STATES)
def test_that_every_state_has_words(state: str, words: Words) -> None:
    assert glyph_words(state, words)
