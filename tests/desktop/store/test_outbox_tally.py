"""An outbox that lost operations in a way that SQLite does not see is found out by the tally beside it."""

import shutil

import pytest

from desktop.store.outbox_tally import OutboxTally
from tests.support.desk_builders import fresh_profile, line
from tests.support.paper_console import make_words


def killed_copy(folder, live, count=6):
    """The files of a desk as a kill leaves them: the last operations are only in the log."""
    profile = fresh_profile(live)
    ops = [profile.outbox.add(line("a", f"{number} " + "x" * 500), "a").op_id for number in range(count)]
    shutil.copytree(live, folder)
    profile.close()
    return ops


def texts(profile):
    return [op.payload.text.split()[0] for op in profile.outbox.unfinished()]


def test_that_a_kill_is_no_loss_and_nobody_is_told_anything(tmp_path):
    killed_copy(tmp_path / "p", tmp_path / "live")
    profile = fresh_profile(tmp_path / "p")
    assert texts(profile) == ["0", "1", "2", "3", "4", "5"]
    assert profile.notices == []
    profile.close()


def test_that_a_log_cut_short_is_told_of_and_the_rest_is_kept(tmp_path):
    killed_copy(tmp_path / "p", tmp_path / "live")
    log = tmp_path / "p" / "outbox.db-wal"
    log.write_bytes(log.read_bytes()[:-1])
    profile = fresh_profile(tmp_path / "p")
    [(key, values)] = profile.notices
    assert (key, values["kept"]) == ("outbox_salvaged_partly", 5)
    assert make_words()(f"notice.{key}", **values).startswith("The outbox was damaged. 5 items were saved")
    assert texts(profile) == ["0", "1", "2", "3", "4"]
    profile.close()
    again = fresh_profile(tmp_path / "p")
    assert again.notices == [(key, values)], "nobody was told: the program ended before its window was there"
    again.told()
    again.close()
    again = fresh_profile(tmp_path / "p")
    assert again.notices == [], "what was told once is not told at every start"
    again.close()


def test_that_an_outbox_without_content_is_no_new_one(tmp_path):
    profile = fresh_profile(tmp_path)
    for number in range(3):
        profile.outbox.add(line("a", f"{number} "), "a")
    profile.close()
    fresh_profile(tmp_path).close()  # a start makes a copy
    (tmp_path / "outbox.db").write_bytes(b"")
    profile = fresh_profile(tmp_path)
    assert [key for key, _ in profile.notices] == ["outbox_salvaged_partly"]
    assert texts(profile) == ["0", "1", "2"]
    profile.close()


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 12], ids=["empty", "short", "noise"])
def test_that_a_damaged_tally_raises_no_alarm(tmp_path, content):
    killed_copy(tmp_path / "p", tmp_path / "live")
    (tmp_path / "p" / "outbox.tally").write_bytes(content)
    profile = fresh_profile(tmp_path / "p")
    assert profile.notices == []
    profile.close()


def test_that_a_tally_is_read_as_it_was_noted(tmp_path):
    tally = OutboxTally(tmp_path / "tally")
    assert tally.read() == 0
    for number in (1, 7, 2**40):
        tally.note(number)
        assert OutboxTally(tmp_path / "tally").read() == number
