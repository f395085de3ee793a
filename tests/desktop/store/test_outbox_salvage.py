"""What a person took back stays taken back, however much of it older copies of the outbox still have."""

import asyncio
import shutil

import msgspec

from desktop.store.outbox_file import BACKUPS
from desktop.store.outbox_store import KEPT_SENT
from tests.support.desk_builders import ANN, fresh_profile, line

PAGE = 4096


def spoil(path, pages):
    content = bytearray(path.read_bytes())
    for page in pages:
        content[page * PAGE + 100] ^= 0xFF
    path.write_bytes(content)


def pages(path):
    return range(path.stat().st_size // PAGE)


def waiting(profile):
    return [op.payload.text.split()[0] for op in profile.outbox.unfinished()]


def test_that_what_was_discarded_is_not_brought_back_by_a_damaged_file_that_opens_as_it_was_before(tmp_path):
    profile = fresh_profile(tmp_path / "live")
    given_up = profile.outbox.add(line("a", "never mind"), "a")
    mended = profile.outbox.add(line("a", "misspelt"), "a")
    profile.close()
    profile = fresh_profile(tmp_path / "live")
    profile.outbox.move(given_up.op_id, "discarded", "a person")
    profile.outbox.rewrite(msgspec.structs.replace(line("a", "spelt"), op_id=mended.op_id))
    profile.outbox.add(line("a", "newer"), "a")
    asyncio.run(profile.back_up_outbox())
    shutil.copytree(tmp_path / "live", tmp_path / "p")
    profile.close()
    (tmp_path / "p" / "outbox.db-wal").unlink()
    profile = fresh_profile(tmp_path / "p")
    assert [key for key, _ in profile.notices] == ["outbox_salvaged"]
    assert waiting(profile) == ["spelt", "newer"]
    profile.close()


def test_that_a_discarded_operation_stays_so_although_the_copy_that_says_so_is_not_the_newest(tmp_path):
    profile = fresh_profile(tmp_path / "live")
    given_up = profile.outbox.add(line("a", "never mind"), "a")
    profile.close()
    shutil.copytree(tmp_path / "live", tmp_path / "p")
    profile = fresh_profile(tmp_path / "live")
    profile.outbox.move(given_up.op_id, "discarded", "a person")
    asyncio.run(profile.back_up_outbox())
    profile.close()
    shutil.copy(tmp_path / "live" / "outbox.copy.db", tmp_path / "p" / BACKUPS[4])
    profile = fresh_profile(tmp_path / "p")
    kept = [profile.outbox.add(line("a", f"{number} " + "x" * 900), "a") for number in range(20)]
    profile.close()
    spoil(tmp_path / "p" / "outbox.db", [max(pages(tmp_path / "p" / "outbox.db"))])
    profile = fresh_profile(tmp_path / "p")
    assert profile.notices
    assert "never" not in waiting(profile)
    assert len(waiting(profile)) > len(kept) // 2
    profile.close()


def test_that_a_sent_draft_and_a_session_that_was_signed_out_of_do_not_return(tmp_path):
    profile = fresh_profile(tmp_path)
    profile.outbox.drafts.save(ANN.user_id, "a", "sent since")
    profile.outbox.drafts.save(ANN.user_id, "b", "still a draft")
    profile.outbox.facts.put("tokens", "of a session")
    profile.close()
    profile = fresh_profile(tmp_path)
    profile.outbox.drafts.clear(ANN.user_id, "a", "text")
    profile.outbox.facts.put("tokens", None)
    for number in range(20):
        profile.outbox.add(line("a", f"{number} " + "x" * 900), "a")
    profile.close()
    spoil(tmp_path / "outbox.db", [max(pages(tmp_path / "outbox.db"))])
    profile = fresh_profile(tmp_path)
    assert profile.notices
    assert profile.outbox.drafts.text(ANN.user_id, "a") == ""
    assert profile.outbox.drafts.text(ANN.user_id, "b") == "still a draft"
    assert profile.outbox.facts.get("tokens") is None
    profile.close()


def test_that_what_was_discarded_and_forgotten_long_ago_does_not_return_from_an_old_copy(tmp_path):
    now = [0.0]
    profile = fresh_profile(tmp_path, clock=lambda: now[0])
    given_up = profile.outbox.add(line("a", "never mind"), "a")
    asyncio.run(profile.back_up_outbox())
    profile.outbox.move(given_up.op_id, "discarded", "a person")
    profile.close()
    now[0] = KEPT_SENT + 1.0
    for _ in range(len(BACKUPS) + 1):  # by then only the copy made while running has it
        fresh_profile(tmp_path, clock=lambda: now[0]).close()
    spoil(tmp_path / "outbox.db", pages(tmp_path / "outbox.db"))
    profile = fresh_profile(tmp_path, clock=lambda: now[0])
    assert profile.notices
    assert waiting(profile) == []
    profile.close()


def test_that_the_trail_of_what_was_saved_is_told_once(tmp_path):
    profile = fresh_profile(tmp_path)
    ops = [profile.outbox.add(line("a", f"{number} " + "x" * 900), "a") for number in range(20)]
    profile.close()
    fresh_profile(tmp_path).close()
    spoil(tmp_path / "outbox.db", [max(pages(tmp_path / "outbox.db"))])
    profile = fresh_profile(tmp_path)
    assert profile.notices
    assert [why for *_, why in profile.outbox.trail(ops[0].op_id)] == ["click"]
    profile.close()
