"""The life line of an operation: each step with the evidence that was had for it, and none without."""

import asyncio

import pytest

from desktop.config import DesktopConfig
from desktop.intents.context import intent_context
from desktop.intents.send_message import send_message
from desktop.state.changes import Changes
from desktop.store.outbox_moves import Outcome
from desktop.sync.desk import build_desk
from tests.support.desk_builders import ANN, BEN, CUSTOMER, booking_row, item, message_row, receipt_row, workflow

BOOKING = "00000000-0000-7000-8000-0000000000b1"


class Story:
    """Ann's desk without a network; what a server would say is put into its feed."""

    def __init__(self, folder):
        self.desk = build_desk(DesktopConfig(profile_dir=folder), Changes())
        self.desk.session.me = ANN
        self.desk.outbox.author_id = ANN.user_id
        asyncio.run(self.desk.feed.belong_to(ANN))
        asyncio.run(self.desk.worker.run(lambda cache: cache.put_workflows({"protection": workflow()})))
        self.feed("bookings", booking_row(BOOKING))

    def feed(self, table, row, op_id=None):
        seq = self.desk.feed.position.seq + 1
        asyncio.run(self.desk.feed._apply([item(seq, table, row, "insert", op_id)], seq))
        return seq

    def write(self, text="On my way", kind="text"):
        return send_message(intent_context(self.desk), BOOKING, text, kind)

    def attempt(self):
        self.desk.parts.profile.lanes.claim(ANN.user_id)

    def fail(self, op_id):
        self.desk.outbox.move(op_id, "not_taken", "unreachable")

    def answer(self, op_id, seq):
        self.desk.outbox.move(op_id, "applied", "applied", Outcome(epoch="e", seq=seq))

    def echo(self, op_id, position=5, **values):
        row = message_row(BOOKING, "On my way", "operator", position=position, id=op_id, op_id=op_id, **values)
        return row["created_at"], self.feed("messages", row, op_id)

    def marks(self, delivered, read, at, user=CUSTOMER, side="customer"):
        moments = {"delivered_at": at if delivered else None, "read_at": at if read else None}
        self.feed("receipts", receipt_row(BOOKING, user, side, delivered, read) | moments)

    def life(self, op_id):
        return self.desk.reader.life_line(op_id, ANN)

    def steps(self, op_id):
        return {step.name: step for step in self.life(op_id).steps}

    def known(self, op_id):
        return [name for name, step in self.steps(op_id).items() if step.at is not None]


@pytest.fixture
def story(tmp_path):
    found = Story(tmp_path)
    yield found
    found.desk.close()


def test_that_a_line_that_never_left_has_two_steps_with_evidence_and_four_without(story):
    op_id = story.write()
    assert story.known(op_id) == ["typed", "on_disk"]
    assert [step.proof for step in story.steps(op_id).values()] == ["click", "outbox", *["nothing"] * 4]


def test_that_attempts_are_counted_and_the_trail_says_what_became_of_each(story):
    op_id = story.write()
    story.attempt()
    story.fail(op_id)
    story.attempt()
    assert story.steps(op_id)["on_wire"].values == {"attempts": 2}
    assert [event.why for event in story.life(op_id).trail] == ["click", "sender", "unreachable", "sender"]
    assert story.life(op_id).state == "sending"


def test_that_stored_rests_on_the_verdict_until_the_feed_has_told_its_own_number(story):
    op_id = story.write()
    story.attempt()
    story.answer(op_id, 9)
    assert (story.steps(op_id)["stored"].proof, story.steps(op_id)["stored"].values) == ("verdict", {"seq": 9})
    at, seq = story.echo(op_id)
    stored = story.steps(op_id)["stored"]
    assert (stored.proof, stored.at, stored.values) == ("feed", at, {"seq": seq, "position": 5})


def test_that_delivered_and_read_keep_their_moment_when_the_marks_move_on(story):
    op_id = story.write()
    story.attempt()
    story.echo(op_id)
    story.marks(5, 0, "2026-11-21T10:00:00.000Z")
    assert story.known(op_id) == ["typed", "on_disk", "on_wire", "stored", "delivered"]
    story.marks(6, 6, "2026-11-21T11:00:00.000Z")
    story.marks(9, 9, "2026-11-21T12:00:00.000Z")
    steps = story.steps(op_id)
    assert steps["delivered"].at == "2026-11-21T10:00:00.000Z"
    assert (steps["read"].at, steps["read"].values["position"]) == ("2026-11-21T11:00:00.000Z", 6)


def test_that_a_mark_below_the_line_or_of_our_own_side_proves_nothing(story):
    op_id = story.write()
    story.attempt()
    story.echo(op_id)
    story.marks(4, 4, "2026-11-21T10:00:00.000Z")
    story.marks(9, 9, "2026-11-21T10:00:00.000Z", BEN.user_id, "staff")
    assert story.known(op_id)[-1] == "stored"


def test_that_a_note_and_a_button_have_no_readers(story):
    assert "read" not in story.steps(story.write("Gate 3 is shut", "note"))


def test_that_a_customers_line_is_told_from_what_is_held_of_it(story):
    row = message_row(BOOKING, "Where are you?", position=7, client_created_at="2026-11-21T09:00:00.000Z")
    story.feed("messages", row)
    story.marks(7, 0, "2026-11-21T10:00:00.000Z", BEN.user_id, "staff")
    found = story.life(row["id"])
    assert (found.state, found.what) == ("stored", "Where are you?")
    assert [(step.name, step.proof) for step in found.steps] == [
        ("typed", "author_clock"),
        ("stored", "row"),
        ("delivered", "receipt"),
        ("read", "nothing"),
    ]
    assert story.life("00000000-0000-7000-8000-00000000dead") is None


def test_that_a_restored_server_takes_its_evidence_with_it(story):
    op_id = story.write()
    story.attempt()
    story.answer(op_id, 9)
    story.echo(op_id)
    story.desk.outbox.move(op_id, "restored", "another epoch")
    assert story.desk.outbox.evidence.of(op_id) == {}
