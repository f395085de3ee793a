"""What the palette finds."""

from desktop.item_models.palette_rows import PaletteRow, matching

ROWS = [
    PaletteRow("outbox", "Outbox", "Ctrl+Shift+O"),
    PaletteRow("work", "Work offline, on and off"),
    PaletteRow("light", "Light or dark"),
]


def keys(typed: str) -> list[str]:
    return [row.key for row in matching(ROWS, typed)]


def test_that_every_typed_word_must_occur() -> None:
    assert keys("off on") == ["work"]
    assert keys("off dark") == []


def test_that_a_word_that_begins_with_what_was_typed_comes_first() -> None:
    assert keys("o")[0] == "outbox"
    assert set(keys("o")) == {"outbox", "work", "light"}


def test_that_nothing_typed_offers_everything_up_to_the_limit() -> None:
    assert len(matching(ROWS * 9, "", most=5)) == 5
