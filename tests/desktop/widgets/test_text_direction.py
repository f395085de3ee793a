"""Which way a paragraph runs: Qt alone gets the first three of these wrong."""

import pytest

from desktop.widgets.text_direction import LINK, one_line, runs_right_to_left, with_isolated_codes


@pytest.mark.parametrize(
    "text",
    [
        "REQ1759286674249 هل وصل الفريق؟",
        "@Ali مرحبا",
        "https://example.org/a/b انظر هنا",
        "+971 50 123 4567 رقمي",
        "مرحبا John",
        "P1، الأكثر إلحاحًا",
        "\u2068Omar Khalid\u2069 يكتب…",
    ],
)
def test_that_arabic_runs_right_to_left_whatever_code_or_link_it_begins_with(text: str) -> None:
    assert runs_right_to_left(text)


@pytest.mark.parametrize("text", ["Hello مرحبا", "REQ123 arrived", "@Ali hello", "👍 thanks شكرا"])
def test_that_latin_text_runs_left_to_right(text: str) -> None:
    assert not runs_right_to_left(text)


def test_that_a_text_without_letters_follows_its_surroundings() -> None:
    assert runs_right_to_left("12:30 👍", otherwise=True)
    assert not runs_right_to_left("12:30 👍", otherwise=False)


def test_that_codes_and_phone_numbers_are_isolated_and_the_text_is_unchanged_otherwise() -> None:
    text = "رقم الحجز REQ1759286674249 والهاتف +971 50 123 4567"
    shown = with_isolated_codes(text)
    assert "\u2068REQ1759286674249\u2069" in shown
    assert "\u2068+971 50 123 4567\u2069" in shown
    assert shown.replace("\u2068", "").replace("\u2069", "") == text


def test_that_a_link_ends_before_the_full_stop() -> None:
    found = LINK.search("see https://example.org/a?b=1. Thanks")
    assert found is not None
    assert found[0] == "https://example.org/a?b=1"


def test_that_one_line_has_no_breaks() -> None:
    assert one_line("a\n\n b\tc ") == "a b c"
