"""The outbox: on disk before the screen changes, its trail complete, each person's apart."""

import subprocess
import sys
import textwrap

import pytest

from contract.operations import EditMessage
from desktop.state.op_state import IllegalMove
from desktop.state.pending import FeedPosition
from desktop.store.outbox_moves import Outcome
from desktop.store.outbox_store import KEPT_SENT
from tests.support.desk_builders import ANN, BEN, fresh_profile, line, operation, press

BOOKING = "00000000-0000-7000-8000-0000000000b1"


def states(profile):
    return [op.state for op in profile.outbox.unfinished()]


def test_that_what_was_added_is_there_after_a_kill(tmp_path):
    program = f"""
        import os
        from pathlib import Path
        from tests.support.desk_builders import fresh_profile, line
        profile = fresh_profile(Path({str(tmp_path)!r}))
        for number in range(50):
            profile.outbox.add(line({BOOKING!r}, f"line {{number}}"), {BOOKING!r})
        os.kill(os.getpid(), 9)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False, timeout=60)
    assert done.returncode == -9
    profile = fresh_profile(tmp_path)
    assert [op.payload.text for op in profile.outbox.unfinished()] == [f"line {number}" for number in range(50)]
    profile.close()


def test_that_an_operation_comes_back_as_it_was_put_in(profile):
    put = press(BOOKING, "accept", "pending", note="gate 4")
    profile.outbox.add(put, BOOKING)
    got = profile.outbox.get(put.op_id)
    assert got is not None
    assert got.operation == put
    assert (got.author_id, got.lane, got.state) == (ANN.user_id, BOOKING, "queued")


def test_that_sending_takes_the_draft_away_in_the_same_commit(profile):
    drafts = profile.outbox.drafts
    drafts.save(ANN.user_id, BOOKING, "Hello")
    drafts.save(ANN.user_id, BOOKING, "a note", "note")
    profile.outbox.add(line(BOOKING), BOOKING, clear_draft="text")
    assert (drafts.text(ANN.user_id, BOOKING), drafts.text(ANN.user_id, BOOKING, "note")) == ("", "a note")


def test_that_one_person_never_sees_or_sends_what_another_queued(profile):
    profile.outbox.add(line(BOOKING, "Ann's"), BOOKING)
    profile.outbox.author_id = BEN.user_id
    profile.outbox.add(line(BOOKING, "Ben's"), BOOKING)
    assert [op.payload.text for op in profile.outbox.unfinished()] == ["Ben's"]
    assert [op.payload.text for op in profile.lanes.claim(BEN.user_id)] == ["Ben's"]
    assert profile.lanes.claim(BEN.user_id) == []
    profile.outbox.author_id = ""
    assert profile.outbox.unfinished() == []


def test_that_every_move_leaves_its_line_in_the_trail(profile, clock):
    op = profile.outbox.add(line(BOOKING), BOOKING)
    profile.lanes.claim(ANN.user_id)
    clock[0] += 2
    profile.outbox.move(op.op_id, "not_taken", "unreachable")
    profile.lanes.claim(ANN.user_id)
    profile.outbox.move(op.op_id, "applied", "applied", Outcome(epoch="e1", seq=7))
    assert [(before, after, why) for _, before, after, why in profile.outbox.trail(op.op_id)] == [
        (None, "queued", "click"),
        ("queued", "sending", "sender"),
        ("sending", "queued", "unreachable"),
        ("queued", "sending", "sender"),
        ("sending", "sent", "applied"),
    ]


def test_that_an_illegal_move_changes_nothing(profile):
    op = profile.outbox.add(line(BOOKING), BOOKING)
    with pytest.raises(IllegalMove):
        profile.outbox.move(op.op_id, "applied", "out of nothing")
    assert states(profile) == ["queued"]
    assert len(profile.outbox.trail(op.op_id)) == 1


def test_that_a_press_made_on_a_press_that_fails_waits_and_goes_on_when_that_goes_on(profile):
    first = profile.outbox.add(press(BOOKING, "accept"), BOOKING)
    profile.outbox.add(line(BOOKING, "chat goes on"), BOOKING)
    profile.outbox.add(press(BOOKING, "deploy", "accepted"), BOOKING)
    profile.outbox.add(press(BOOKING, "arrive", "deployed"), BOOKING)
    profile.lanes.claim(ANN.user_id)
    profile.outbox.move(first.op_id, "unacceptable", "forbidden")
    assert states(profile) == ["failed", "queued", "blocked", "blocked"]
    profile.outbox.move(first.op_id, "confirmed", "retry")
    assert states(profile) == ["queued", "queued", "queued", "queued"]


def test_that_a_press_made_on_one_that_waits_for_a_yes_waits_with_it(profile):
    held = profile.outbox.add(press(BOOKING, "accept", "pending"), BOOKING, held=True)
    profile.outbox.add(press(BOOKING, "assign", "accepted"), BOOKING)
    profile.outbox.add(press(BOOKING, "deploy", "assigned"), BOOKING)
    assert states(profile) == ["held", "blocked", "blocked"]
    assert profile.lanes.claim(ANN.user_id) == []
    profile.outbox.move(held.op_id, "confirmed", "a person")
    assert states(profile) == ["queued", "queued", "queued"]


def test_that_a_press_made_on_a_press_given_up_needs_a_person(profile):
    first = profile.outbox.add(press(BOOKING, "accept"), BOOKING)
    profile.outbox.add(press(BOOKING, "deploy", "accepted"), BOOKING)
    profile.outbox.add(press(BOOKING, "arrive", "deployed"), BOOKING)
    profile.outbox.move(first.op_id, "discarded", "undone")
    assert states(profile) == ["needs_decision", "blocked"]


def test_that_the_change_of_a_line_given_up_goes_with_it(profile):
    written = profile.outbox.add(line(BOOKING, "Helo"), BOOKING)
    change = profile.outbox.add(operation(BOOKING, EditMessage(written.op_id, "Hello"), "message.edit"), BOOKING)
    profile.outbox.move(written.op_id, "discarded", "by hand")
    assert states(profile) == []
    assert profile.outbox.trail(change.op_id)[-1][2] == "discarded"


def test_that_only_what_never_left_can_be_rewritten(profile):
    op = profile.outbox.add(line(BOOKING, "Helo"), BOOKING)
    better = operation(BOOKING, op.payload.__class__("Hello"))
    profile.outbox.rewrite(type(op.operation)(op.op_id, "message.send", BOOKING, better.payload))
    assert profile.outbox.unfinished()[0].payload.text == "Hello"
    profile.lanes.claim(ANN.user_id)
    profile.outbox.move(op.op_id, "not_taken", "unreachable")
    with pytest.raises(KeyError):
        profile.outbox.rewrite(op.operation)


def test_that_a_superseding_operation_ends_the_old_one_in_the_same_commit(profile):
    old = profile.outbox.add(press(BOOKING, "accept"), BOOKING)
    new = press(BOOKING, "decline", "pending", reason="full")
    profile.outbox.add(new, BOOKING, supersedes=old.op_id)
    assert [op.op_id for op in profile.outbox.unfinished()] == [new.op_id]
    assert profile.outbox.trail(old.op_id)[-1][3] == f"superseded by {new.op_id}"


def test_that_a_sent_operation_shows_until_the_feed_has_passed_it(profile):
    op = profile.outbox.add(line(BOOKING), BOOKING)
    profile.lanes.claim(ANN.user_id)
    profile.outbox.move(op.op_id, "applied", "applied", Outcome(epoch="e1", seq=7))
    assert profile.outbox.showing([BOOKING], FeedPosition("e1", 6))[BOOKING][0].op_id == op.op_id
    assert profile.outbox.showing([BOOKING], FeedPosition("e1", 7)) == {}


def test_that_counts_tell_waiting_from_deciding_from_failed(profile):
    profile.outbox.add(line(BOOKING), BOOKING)
    profile.outbox.add(press(BOOKING, "accept"), BOOKING, held=True)
    failed = profile.outbox.add(line("b2"), "b2")
    stale = profile.outbox.add(press("b3", "accept"), "b3")
    profile.lanes.claim(ANN.user_id)
    profile.outbox.move(failed.op_id, "unacceptable", "text_too_long")
    profile.outbox.move(stale.op_id, "refused", "stale", Outcome(code="stale"))
    counts = profile.outbox.counts()
    assert (counts.queued, counts.decisions, counts.failed) == (1, 2, 1)


def test_that_what_is_finished_is_kept_as_long_as_a_restore_may_need_it(profile, clock):
    op = profile.outbox.add(line(BOOKING), BOOKING)
    waiting = profile.outbox.add(line("b2"), "b2")
    profile.lanes.claim(ANN.user_id)
    profile.outbox.move(op.op_id, "applied", "applied", Outcome(epoch="e1", seq=7))
    profile.outbox.move(waiting.op_id, "not_taken", "unreachable")
    clock[0] += KEPT_SENT - 1
    profile.outbox.prune()
    assert [each.op_id for each in profile.outbox.sent_before("e2")] == [op.op_id]
    clock[0] += 2
    profile.outbox.prune()
    assert profile.outbox.sent_before("e2") == []
    assert profile.outbox.trail(op.op_id) == []
    assert [each.op_id for each in profile.outbox.unfinished()] == [waiting.op_id]
