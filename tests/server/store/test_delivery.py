"""Who has what: a mark is written when it tells the other side something, and never moves back."""

from pathlib import Path
from typing import Any

import pytest

from contract.actors import Actor
from contract.ids import new_id
from server.actions.mark_delivered import mark_delivered
from server.actions.mark_read import mark_read
from server.store.tables import messages, receipts
from tests.support.engines import at_a_prompt
from tests.support.writing_desk import WritingDesk

OLGA = Actor(new_id(), "operator", "Olga")
OMAR = Actor(new_id(), "operator", "Omar")
BOT = Actor(new_id(), "chatbot", "Bot")


def delivered(desk: WritingDesk, actor: Actor, device: str, cursor: int | None = None) -> int:
    upto = desk.writer.head if cursor is None else cursor
    return int(desk.write(lambda tx: mark_delivered(tx, actor, device, upto)))


def read(desk: WritingDesk, actor: Actor, booking_id: str, position: int) -> bool:
    return bool(desk.write(lambda tx: mark_read(tx, actor, booking_id, position)))


def position(desk: WritingDesk, message_id: str) -> int:
    return int(desk.rows(messages, messages.c.id == message_id)[0]["position"])


def marks(desk: WritingDesk) -> dict[str, tuple[str, int, int]]:
    """User to (side, delivered, read)."""
    return {
        row["user_id"]: (row["side"], row["delivered_position"], row["read_position"]) for row in desk.rows(receipts)
    }


def conversation(desk: WritingDesk) -> tuple[Actor, str]:
    ann = desk.person("customer", "Ann")
    return ann, desk.booking(OLGA, customer_id=ann.user_id)


def test_that_the_first_device_of_the_other_side_writes_the_mark_and_the_others_do_not(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann, booking_id = conversation(desk)
        said = position(desk, desk.say(ann, booking_id))
        assert delivered(desk, OLGA, "olgas") == 1
        told = len(desk.changes())
        assert delivered(desk, OMAR, "omars") == 0
        assert delivered(desk, OLGA, "olgas") == 0
        assert marks(desk) == {OLGA.user_id: ("staff", said, 0)}
        assert len(desk.changes()) == told


def test_that_two_devices_in_one_commit_write_one_mark(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann, booking_id = conversation(desk)
        desk.say(ann, booking_id)
        head = desk.writer.head
        moved = desk.run(
            lambda tx: mark_delivered(tx, OLGA, "olgas", head), lambda tx: mark_delivered(tx, OMAR, "omars", head)
        )
        assert moved == [1, 0]


def test_that_ones_own_side_and_system_lines_need_no_mark(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        _, booking_id = conversation(desk)
        desk.say(OLGA, booking_id)
        desk.say(OLGA, booking_id, kind="note")
        assert delivered(desk, OMAR, "omars") == 0


def test_that_a_cursor_confirms_only_what_it_has_passed(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann, booking_id = conversation(desk)
        first = position(desk, desk.say(OLGA, booking_id))
        between = desk.writer.head
        second = position(desk, desk.say(OLGA, booking_id))
        assert delivered(desk, ann, "anns", between - 1) == 0
        assert delivered(desk, ann, "anns", between) == 1
        assert marks(desk)[ann.user_id] == ("customer", first, 0)
        assert delivered(desk, ann, "anns") == 1
        assert marks(desk)[ann.user_id] == ("customer", second, 0)
        assert delivered(desk, ann, "anns", between) == 0


def test_that_nobody_confirms_what_they_may_not_see(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        _, booking_id = conversation(desk)
        desk.say(OLGA, booking_id)
        bea = desk.person("customer", "Bea")
        assert delivered(desk, bea, "beas") == 0
        assert read(desk, bea, booking_id, 1000) is False
        assert marks(desk) == {}


def test_that_one_mark_covers_a_whole_conversation_and_many_conversations_are_marked_at_once(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer", "Ann")
        bookings = [desk.booking(OLGA, customer_id=ann.user_id) for _ in range(3)]
        for booking_id in bookings * 2:
            desk.say(ann, booking_id)
        assert delivered(desk, OLGA, "olgas") == 3
        assert len(desk.rows(receipts)) == 3


def test_that_read_implies_delivered_and_stops_at_the_newest_message(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann, booking_id = conversation(desk)
        said = position(desk, desk.say(OLGA, booking_id))
        assert read(desk, ann, booking_id, 10**15) is True
        assert marks(desk)[ann.user_id] == ("customer", said, said)
        assert read(desk, ann, booking_id, said) is False
        assert read(desk, ann, booking_id, said - 1) is False
        assert read(desk, ann, booking_id, -5) is False
        assert delivered(desk, ann, "anns") == 0


def test_that_reading_is_noted_for_each_person(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann, booking_id = conversation(desk)
        said = position(desk, desk.say(ann, booking_id))
        code = desk.writer.tx.facts(booking_id)
        assert code is not None
        assert read(desk, OLGA, code.code.lower(), said) is True
        assert read(desk, OMAR, booking_id, said) is True
        assert {user: mark[2] for user, mark in marks(desk).items()} == {OLGA.user_id: said, OMAR.user_id: said}


def test_that_what_was_unconfirmed_at_a_stop_is_confirmed_after_the_start(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann, booking_id = conversation(desk)
        first = desk.say(OLGA, booking_id)
        delivered(desk, ann, "anns")
        second = desk.say(OLGA, booking_id)
    with WritingDesk(tmp_path) as desk:
        assert position(desk, first) < position(desk, second)
        assert delivered(desk, ann, "anns") == 1
        assert marks(desk)[ann.user_id][1] == position(desk, second)
        assert delivered(desk, ann, "another") == 0


@pytest.mark.parametrize("sender", [OLGA, BOT], ids=["a colleague", "a bot"])
def test_that_after_a_restart_one_sides_mark_is_not_taken_for_the_others(tmp_path: Path, sender: Actor) -> None:
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer", "Ann")
        booking_id = desk.booking(sender, customer_id=ann.user_id)
        said = desk.say(sender, booking_id)
        read(desk, OMAR, booking_id, position(desk, said))
    with WritingDesk(tmp_path) as desk:
        assert delivered(desk, ann, "anns") == 1
        assert marks(desk)[ann.user_id] == ("customer", position(desk, said), 0)


def test_that_a_cursor_whose_commit_fails_is_asked_again(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann, booking_id = conversation(desk)
        desk.say(OLGA, booking_id)
        head = desk.writer.head

        def spoiled(tx: Any) -> None:
            mark_delivered(tx, ann, "anns", head)
            raise KeyError

        (outcome,) = desk.run(spoiled)
        assert isinstance(outcome, KeyError)
        assert delivered(desk, ann, "anns") == 1


def test_that_a_cursor_ahead_of_the_feed_read_here_is_asked_again(tmp_path: Path) -> None:
    """What a polling client read in the database itself, of another server's writing, say."""
    with WritingDesk(tmp_path) as desk:
        ann, booking_id = conversation(desk)
        desk.say(ann, booking_id)
        said = "INSERT INTO messages(booking_id,sender_type,sender_role,message) VALUES('{}','client','customer','Hi')"
        at_a_prompt(desk.settings, said.format(booking_id))
        delivered(desk, OLGA, "olgas", desk.writer.head + 1)
        delivered(desk, OLGA, "olgas", desk.writer.head)
        assert marks(desk)[OLGA.user_id][1] == desk.rows(messages)[-1]["position"]


def test_that_what_one_person_may_not_see_is_not_settled_for_the_next_one_at_the_same_device(tmp_path: Path) -> None:
    ava, bob = (Actor(new_id(), "agent", name, (of,)) for name, of in (("Ava", "support"), ("Bob", "billing")))
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer", "Ann")
        desk.say(ann, desk.booking(OLGA, customer_id=ann.user_id, department="billing"))
        assert delivered(desk, ava, "shared") == 0
        assert delivered(desk, bob, "shared") == 1


def test_that_a_mark_removed_by_hand_may_be_made_again(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann, booking_id = conversation(desk)
        said = position(desk, desk.say(ann, booking_id))
        assert read(desk, OLGA, booking_id, said)
        desk.by_hand("DELETE FROM receipts")
        assert read(desk, OLGA, booking_id, said)
        desk.by_hand("DELETE FROM receipts")
        assert delivered(desk, OMAR, "omars") == 1


def test_that_memory_stays_bounded(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        board = desk.writer.tx.delivery
        board._at_most = 100
        ann, booking_id = conversation(desk)
        for _ in range(250):
            desk.say(ann, booking_id)
        assert delivered(desk, OLGA, "olgas") == 1
        board._decode()
        assert len(board._unconfirmed["staff"]) <= 250
        for _ in range(250):
            desk.say(ann, booking_id)
        assert delivered(desk, OLGA, "olgas") == 1
        assert len(board._unconfirmed["staff"]) <= 250
