"""The table in docs/supabase.md is held to what was seen."""

from tests.compat.matrix import BEGIN, END, LACKS, WORKS, Cell, differences, page_with

ROW, SECOND = "Rows: upsert", "Rows: `rpc`"
NEWEST, PLAIN = "supabase-js 2.119.0", "phoenix 1.8.16"
SEEN = (
    Cell(SECOND, NEWEST, WORKS, ("test_rows.py", 9)),
    Cell(ROW, NEWEST, WORKS, ("test_rows.py", 3)),
    Cell(ROW, PLAIN, LACKS, ("test_rows.py", 3)),
)
PAGE = page_with(f"before\n{BEGIN}old{END}\nafter\n", SEEN)


def test_that_the_page_keeps_its_words_and_takes_the_rows_in_the_order_of_the_tests() -> None:
    assert PAGE.startswith("before\n") and PAGE.endswith("\nafter\n") and "old" not in PAGE
    assert PAGE.index("| upsert | ✓ |") < PAGE.index("| `rpc` | ✓ |")


def test_that_a_page_that_says_what_was_seen_has_no_differences() -> None:
    assert differences(PAGE, SEEN, whole=True) == []


def test_that_a_cell_that_was_seen_otherwise_is_told() -> None:
    other = [Cell(ROW, PLAIN, WORKS, ("test_rows.py", 3))]
    assert differences(PAGE, other, whole=False) == [f"{ROW}, {PLAIN}: seen ✓, the page says –"]


def test_that_a_cell_that_nobody_saw_is_told_after_a_whole_run_alone() -> None:
    assert differences(PAGE, SEEN[:2], whole=False) == []
    assert differences(PAGE, SEEN[:2], whole=True) == [f"{ROW}, {PLAIN}: on the page, and no test saw it"]
