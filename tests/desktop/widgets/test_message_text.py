"""How a message is laid out: width, direction of each paragraph, links under the mouse."""

from PySide6.QtCore import QPointF

from desktop.widgets.look import Look
from desktop.widgets.message_text import MessageText


def laid_out(look: Look, text: str, width: float = 300) -> MessageText:
    return MessageText(text, look.font(14), width, look.colours.accent)


def test_that_a_short_text_takes_only_its_own_width(look: Look) -> None:
    text = laid_out(look, "Hello")
    assert 0 < text.width < 60
    assert text.last_width <= text.width


def test_that_a_long_text_wraps_within_the_width(look: Look) -> None:
    text = laid_out(look, "word " * 60)
    assert text.width <= 300
    assert text.height > 5 * laid_out(look, "word").height


def test_that_a_word_longer_than_the_line_is_broken(look: Look) -> None:
    assert laid_out(look, "x" * 400).width <= 300


def test_that_every_paragraph_has_its_own_direction(look: Look) -> None:
    assert laid_out(look, "Hello\nمرحبا").ends_right_to_left
    assert not laid_out(look, "مرحبا\nHello").ends_right_to_left


def test_that_a_link_is_found_where_it_is_and_nowhere_else(look: Look) -> None:
    text = laid_out(look, "see https://example.org/x now")
    found = {x: text.link_at(QPointF(x, 8), text.width) for x in range(0, int(text.width), 4)}
    assert found[0] is None
    assert "https://example.org/x" in found.values()
    assert found[max(found)] is None


def test_that_a_link_in_an_arabic_line_is_found_too(look: Look) -> None:
    text = laid_out(look, "انظر https://example.org/x الآن")
    found = {text.link_at(QPointF(x, 8), text.width) for x in range(0, int(text.width), 4)}
    assert "https://example.org/x" in found
