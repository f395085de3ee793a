"""The table of results says what the runs said, and the page keeps what people wrote on it."""

import msgspec

from tests.faults.report import LAST, Result, last_results, note, table, write_down

USUAL = Result(
    tier=5,
    command="make torture KILLS=1000",
    started="2026-11-21T16:20:00+00:00",
    seconds=12.4,
    operations=1_234,
    faults={"link cut": 3, "desk killed": 1_000},
    checked=1_000,
    violations=0,
)


def result(**values):
    return msgspec.structs.replace(USUAL, **values)


def test_that_the_last_result_of_each_tier_and_part_is_kept_in_order(tmp_path, capsys):
    found = tmp_path / "output" / "results.jsonl"
    wanted = [result(tier=3, operations=7), result(part="PostgreSQL"), result(part="SQLite", violations=2)]
    for one in (result(part="SQLite", operations=1), wanted[2], wanted[1], result(tier=3), wanted[0]):
        note(one, found)
    assert last_results(found) == wanted
    assert "desk killed 1,000, link cut 3" in capsys.readouterr().out


def test_that_nothing_run_is_no_result(tmp_path):
    assert last_results(tmp_path / "nothing") == []


def test_that_the_table_counts_operations_faults_and_violations():
    _, row, *_ = table([result(violations=2)]).splitlines()
    assert row.split() == [*"5 real processes, kill -9 2026-11-21 16:20 12 s 1,234 1,003 1,000 2".split()]


def test_that_recording_replaces_the_last_run_and_nothing_else(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"# Method\n\nAs it is.\n\n{LAST}\n\nolder\n")
    write_down([result()], [("load_before", "0.1")], page)
    text = page.read_text()
    assert text.startswith(f"# Method\n\nAs it is.\n\n{LAST}\n\nload before 0.1.\n\n| tier |")
    assert "older" not in text
    assert "| 1,234 | 1,003 | 1,000 | 0 |" in text
