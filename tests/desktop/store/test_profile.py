"""Opening a profile: one process, encrypted files, damage mended where it can be and never passed over in silence."""

import asyncio
import subprocess
import sys
import textwrap

import pytest

from desktop.store.errors import ProfileInUse, ProfileUnusable
from desktop.store.keys import KeyFile
from desktop.store.outbox_moves import Outcome
from desktop.store.sqlcipher import connect
from tests.support.desk_builders import ANN, EPOCH, MACHINE, booking_row, fresh_profile, item, line, message_row

SECRET = "the-customers-secret"
PAGE = 4096


def spoil(path, page, offset=100):
    """Turns a few bytes of one page."""
    content = bytearray(path.read_bytes())
    for index in range(8):
        content[page * PAGE + offset + index] ^= 0xFF
    path.write_bytes(content)


def pages(path):
    return path.stat().st_size // PAGE


def filled(folder, count=40):
    """A closed profile with `count` queued lines, whose files hold everything (no -wal is left)."""
    profile = fresh_profile(folder)
    for number in range(count):
        profile.outbox.add(line("a", f"{number} {SECRET} " + "x" * 400), "a")
    profile.close()


def test_that_nothing_readable_is_on_disk(tmp_path):
    profile = fresh_profile(tmp_path)
    profile.outbox.add(line("a", SECRET), "a")
    profile.outbox.drafts.save(ANN.user_id, "a", SECRET)

    async def fill():
        await profile.worker.run(lambda cache: cache.own(ANN.user_id, "staff"))
        row = message_row("a", SECRET)
        await profile.worker.run(lambda cache: cache.apply([item(1, "messages", row)], 1))

    asyncio.run(fill())
    for closed in (False, True):
        if closed:
            profile.close()
        for file in tmp_path.iterdir():
            content = file.read_bytes()
            assert SECRET.encode() not in content, file.name
            assert not (content.startswith(b"SQLite format 3") and file.name != "leader.lock"), file.name


def test_that_a_second_process_is_turned_away_and_let_in_after_a_kill(tmp_path):
    program = f"""
        import sys, time
        from pathlib import Path
        from tests.support.desk_builders import fresh_profile
        profile = fresh_profile(Path({str(tmp_path)!r}))
        print("open", flush=True)
        time.sleep(60)
    """
    other = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "open\n"
    with pytest.raises(ProfileInUse, match="already running"):
        fresh_profile(tmp_path)
    other.kill()
    other.wait()
    other.stdout.close()
    fresh_profile(tmp_path).close()


def test_that_a_folder_that_cannot_be_one_is_refused_in_words(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ProfileUnusable, match="cannot be used"):
        fresh_profile(tmp_path / "file")


def test_that_any_page_of_the_outbox_may_be_damaged_and_what_can_be_read_is_saved_and_said(tmp_path):
    filled(tmp_path / "whole")
    connection = connect(
        tmp_path / "whole" / "outbox.db", KeyFile(tmp_path / "whole" / "key", MACHINE).read(), durable=True
    )
    root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'outbox'").fetchone()[0]
    connection.close()
    count = pages(tmp_path / "whole" / "outbox.db")
    assert count > 5
    for page in range(count):
        folder = tmp_path / f"page-{page}"
        filled(folder)
        for backup in folder.glob("outbox.backup*"):
            backup.unlink()
        spoil(folder / "outbox.db", page)
        profile = fresh_profile(folder)
        kept = [op.payload.text.split()[0] for op in profile.outbox.unfinished()]
        [(told, values)] = profile.notices
        assert told == "outbox_salvaged_partly" or (told == "outbox_salvaged" and len(kept) == 40), page
        assert values["kept"] == len(kept)
        assert kept == sorted(kept, key=int)
        assert list(folder.glob("outbox.db.damaged-*"))
        # Without its first page a file, without its root a table, has no way in: that is what backups are for.
        assert page in {0, root - 1} or len(kept) >= 30, page
        profile.close()


def test_that_the_copy_made_while_running_has_what_was_queued_since_the_start(tmp_path):
    profile = fresh_profile(tmp_path)
    profile.outbox.add(line("a", "queued since"), "a")
    asyncio.run(profile.back_up_outbox())
    profile.close()
    for page in range(pages(tmp_path / "outbox.db")):
        spoil(tmp_path / "outbox.db", page)
    profile = fresh_profile(tmp_path)
    assert [op.payload.text for op in profile.outbox.unfinished()] == ["queued since"]
    profile.close()


def test_that_the_last_backup_fills_what_the_damaged_file_has_lost(tmp_path):
    filled(tmp_path)
    fresh_profile(tmp_path).close()
    for page in range(pages(tmp_path / "outbox.db")):
        spoil(tmp_path / "outbox.db", page)
    profile = fresh_profile(tmp_path)
    assert len(profile.outbox.unfinished()) == 40
    profile.close()


def test_that_each_start_leaves_a_copy_and_the_newest_five_are_kept_however_long_it_runs(tmp_path):
    for number in range(7):
        profile = fresh_profile(tmp_path)
        profile.outbox.add(line("a", f"of run {number}"), "a")
        asyncio.run(profile.back_up_outbox())
        profile.close()
    key = KeyFile(tmp_path / "key", MACHINE).read()
    held = []
    for copy in sorted(tmp_path.glob("outbox.backup-*.db")):
        connection = connect(copy, key, durable=False, read_only=True)
        held.append(connection.execute("SELECT count(*) FROM outbox").fetchone()[0])
        connection.close()
    assert held == [6, 5, 4, 3, 2]


def test_that_what_was_given_up_does_not_come_back_from_an_older_copy(tmp_path):
    profile = fresh_profile(tmp_path)
    given_up = profile.outbox.add(line("a", "never mind"), "a")
    asyncio.run(profile.back_up_outbox())
    profile.outbox.move(given_up.op_id, "discarded", "a person")
    profile.close()
    fresh_profile(tmp_path).close()
    for page in range(pages(tmp_path / "outbox.db")):
        spoil(tmp_path / "outbox.db", page)
    profile = fresh_profile(tmp_path)
    assert profile.notices[0] == ("outbox_salvaged_partly", profile.notices[0][1] | {"kept": 1})
    assert profile.outbox.unfinished() == []
    profile.close()


def test_that_an_outbox_that_is_no_database_at_all_is_kept_aside_and_said(tmp_path):
    fresh_profile(tmp_path).close()
    for backup in tmp_path.glob("outbox.backup*"):
        backup.unlink()
    (tmp_path / "outbox.db").write_bytes(b"not a database" * 1000)
    profile = fresh_profile(tmp_path)
    assert profile.notices[0][0] == "outbox_salvaged_partly"
    profile.close()


def test_that_a_damaged_cache_is_put_aside_and_the_outbox_untouched(tmp_path):
    filled(tmp_path)
    spoil(tmp_path / "cache.db", 0)
    profile = fresh_profile(tmp_path)
    assert [key for key, _ in profile.notices] == ["cache_rebuilt"]
    assert profile.reader.position().feed.epoch is None
    assert len(profile.outbox.unfinished()) == 40
    assert list(tmp_path.glob("cache.db.damaged-*"))
    profile.close()


def test_that_a_cache_without_content_is_no_first_start(tmp_path):
    profile = fresh_profile(tmp_path)
    profile.device_id()
    profile.close()
    (tmp_path / "cache.db").write_bytes(b"")
    profile = fresh_profile(tmp_path)
    assert [key for key, _ in profile.notices] == ["cache_rebuilt"]
    profile.close()


def test_that_damage_found_while_running_answers_with_nothing_and_can_be_rebuilt(tmp_path):
    profile = fresh_profile(tmp_path)

    async def fill():
        await profile.worker.run(lambda cache: cache.own(ANN.user_id, "staff"))
        rows = [item(number, "bookings", booking_row(f"b{number}")) for number in range(1, 400)]
        await profile.worker.run(lambda cache: cache.apply(rows, 400))

    asyncio.run(fill())
    profile.close()
    for page in range(pages(tmp_path / "cache.db") // 2, pages(tmp_path / "cache.db")):
        spoil(tmp_path / "cache.db", page)
    profile = fresh_profile(tmp_path)
    assert profile.notices == []
    found: list[object] = []
    profile.reader.on_damage = found.append
    numbers = profile.reader.order("all", "", ANN)
    lines = [profile.reader.booking_lines([number], ANN) for number in range(400)]
    assert found
    assert sum(map(len, lines)) < 399
    assert len(numbers) in {0, 399}

    async def mend():
        assert await profile.cache_is_sound() is False
        await profile.rebuild_cache()
        assert await profile.cache_is_sound() is True
        await profile.worker.run(lambda cache: cache.own(ANN.user_id, "staff"))
        await profile.worker.run(lambda cache: cache.apply([item(1, "bookings", booking_row("b1"))], 1))

    asyncio.run(mend())
    assert len(profile.reader.order("all", "", ANN)) == 1
    profile.close()


def test_that_a_lost_key_is_said_and_the_locked_files_are_kept(tmp_path):
    filled(tmp_path)
    (tmp_path / "key").write_bytes(b"rubbish")
    profile = fresh_profile(tmp_path)
    assert [key for key, _ in profile.notices] == ["profile_key_lost"]
    assert profile.outbox.unfinished() == []
    assert list(tmp_path.glob("outbox.db.locked-*"))
    profile.close()
    again = fresh_profile(tmp_path)
    assert [key for key, _ in again.notices] == ["profile_key_lost"], "the program ended before anybody was told"
    again.told()
    again.close()
    again = fresh_profile(tmp_path)
    assert again.notices == []
    again.close()


def test_that_opening_again_costs_nothing_and_loses_nothing(tmp_path):
    profile = fresh_profile(tmp_path)
    op = profile.outbox.add(line("a"), "a")
    profile.lanes.claim(ANN.user_id)
    profile.outbox.move(op.op_id, "applied", "applied", Outcome(epoch=EPOCH, seq=9))
    device = profile.device_id()
    profile.close()
    profile = fresh_profile(tmp_path)
    assert profile.notices == []
    assert profile.device_id() == device
    assert [each.op_id for each in profile.outbox.sent_before("other")] == [op.op_id]
    profile.close()
