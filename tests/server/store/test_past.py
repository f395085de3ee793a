"""Pages of the feed tell each line with its booking as it was then, whenever they are read."""

import json
from pathlib import Path

import pytest

from contract.actors import Actor
from contract.ids import new_id
from contract.operations import PressTransition, RemoveMessage
from server.access.accounts import create_account
from server.store.feed import Batch
from server.store.past import feed_page, pages_tell_all
from tests.support.writing_desk import WritingDesk

OLGA = Actor(new_id(), "operator", "Olga")


def page(desk: WritingDesk, after: int, limit: int = 1000) -> Batch:
    found = desk.write(lambda tx: feed_page(tx, after, limit))
    assert isinstance(found, Batch)
    return found


def test_that_a_page_read_later_equals_what_was_told_at_the_time(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        desk.person("customer")
        booking_id = desk.booking(OLGA)
        for name in ("accept", "deploy"):
            desk.say(OLGA, booking_id, f"Before {name}")
            desk.do(OLGA, "booking.transition", PressTransition(name), booking_id)
        told = desk.changes()
        for after in range(len(told)):
            assert page(desk, after).changes == told[after:]
        assert page(desk, 0, 4).changes == told[:4]
        assert (page(desk, 3, 4).from_seq, page(desk, 3, 4).to_seq) == (4, 7)


def test_that_a_page_beyond_the_head_is_empty_and_goes_nowhere(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        desk.booking(OLGA)
        head = desk.writer.head
        assert page(desk, head) == Batch(desk.writer.epoch, head + 1, head, [])


def test_that_a_removed_message_is_not_served_from_the_past(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        removed = desk.say(OLGA, booking_id, "The code is 4711", kind="invoice", invoice={"code": 4711})
        kept = desk.say(OLGA, booking_id, "This may stay")
        desk.do(OLGA, "message.remove", RemoveMessage(removed), booking_id)
        lines = page(desk, 0).changes
        of_removed = [change for change in lines if change.row_id == removed]
        assert [change.op for change in of_removed] == ["insert", "update"]
        assert b"4711" not in b"".join((change.row or b"") + (change.old or b"") for change in of_removed)
        assert json.loads(of_removed[0].row or b"")["invoice_data"] is None
        assert [json.loads(change.row or b"")["message"] for change in lines if change.row_id == kept] == [
            "This may stay"
        ]


@pytest.mark.parametrize(("departments", "changed"), [(("support",), False), (("billing",), True)])
def test_that_a_changed_role_or_department_is_known_to_those_who_were_away(
    tmp_path: Path, departments: tuple[str, ...], changed: bool
) -> None:
    with WritingDesk(tmp_path) as desk:

        def ava(departments: tuple[str, ...]) -> str:
            return str(desk.write(lambda tx: create_account(tx, "ava@x.example", None, "Ava", "agent", departments)))

        user_id, head = ava(("support",)), desk.writer.head
        ava(departments)
        assert desk.write(lambda tx: pages_tell_all(tx, user_id, head)) is not changed
        assert desk.write(lambda tx: pages_tell_all(tx, user_id, desk.writer.head))
