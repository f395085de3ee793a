"""A conversation as rows: days, the unread line, and runs of one sender."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from desktop.item_models.conversation_rows import ConversationRow, conversation_rows
from tests.support.sample_talk import message, omars_lines


def day_of(at: str) -> date:
    return datetime.fromisoformat(at).astimezone(UTC).date()


def kinds(rows: list[ConversationRow]) -> list[str]:
    return [row.kind for row in rows]


def place_of(rows: list[ConversationRow], wanted: Callable[[ConversationRow], bool]) -> int:
    return next(place for place, row in enumerate(rows) if wanted(row))


def test_that_every_day_begins_with_its_name_once() -> None:
    rows = conversation_rows(omars_lines(), None, day_of)
    assert [row.day for row in rows if row.kind == "day"] == [date(2026, 11, 19), date(2026, 11, 20)]
    assert kinds(rows)[0] == "day"


def test_that_the_unread_line_stands_before_the_first_unread_and_counts_the_customers_lines_after_it() -> None:
    rows = conversation_rows(omars_lines(), 110, day_of)
    place = place_of(rows, lambda row: row.kind == "unread")
    after = rows[place + 1].line
    assert after is not None
    assert after.text == "Hello, when will they be here?"
    assert rows[place].unread == 2


def test_that_nothing_unread_shows_no_unread_line() -> None:
    assert "unread" not in kinds(conversation_rows(omars_lines(), None, day_of))


def test_that_lines_of_one_sender_close_together_are_one_run() -> None:
    lines = [message(number, "customer", "…", 100 - number) for number in range(3)]
    rows = [row for row in conversation_rows(lines, None, day_of) if row.line]
    assert [(row.begins_group, row.ends_group) for row in rows] == [(True, False), (False, False), (False, True)]


def test_that_a_pause_of_five_minutes_or_another_sender_begins_a_new_run() -> None:
    lines = [message(1, "customer", "…", 900), message(2, "customer", "…", 500), message(3, "staff", "…", 499)]
    rows = [row for row in conversation_rows(lines, None, day_of) if row.line]
    assert all(row.begins_group and row.ends_group for row in rows)


def test_that_a_note_never_joins_the_lines_around_it() -> None:
    lines = [message(1, "staff", "a", 30), message(2, "staff", "b", 20, kind="note"), message(3, "staff", "c", 10)]
    assert all(row.begins_group for row in conversation_rows(lines, None, day_of) if row.line)


def test_that_a_line_keeps_its_key_when_its_ticks_climb() -> None:
    lines = omars_lines()
    before = [row.key for row in conversation_rows(lines, 110, day_of)]
    lines[-1] = replace(lines[-1], delivery=None)
    assert [row.key for row in conversation_rows(lines, 110, day_of)] == before
