"""A booking is rated by its customer, once it is over, where its workflow asks for it."""

from pathlib import Path
from typing import Any

import pytest

from contract.actors import ROLES, Actor, Role
from contract.errors import Refusal
from contract.ids import new_id
from contract.operations import PressTransition, RateBooking
from contract.permissions import may
from server.actions.rate_booking import MAX_FEEDBACK
from server.store.tables import bookings, status_history
from tests.support.writing_desk import WritingDesk

OLGA = Actor(new_id(), "operator", "Olga")


def ended_chat(desk: WritingDesk, customer: Actor, **fields: Any) -> str:
    chat = desk.booking(OLGA, "support", customer_id=customer.user_id, fields=fields)
    assert desk.do(OLGA, "booking.transition", PressTransition("close"), chat).verdict == "applied"
    return chat


def test_that_a_rating_is_kept_beside_what_the_booking_has_and_said_again_replaced(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer", "Ann")
        chat = ended_chat(desk, ann, topic="invoice")
        told = desk.do(ann, "booking.rate", RateBooking(4), chat)
        (row,) = desk.rows(bookings)
        assert (row["fields"], row["version"], row["op_id"]) == ({"topic": "invoice", "rating": 4}, 3, told.op_id)
        assert told.version == 3
        assert desk.do(ann, "booking.rate", RateBooking(4), chat).verdict == "noop"
        assert desk.do(ann, "booking.rate", RateBooking(feedback="Quick and kind"), chat).verdict == "applied"
        assert desk.do(ann, "booking.rate", RateBooking(5, "Quick and kind"), chat).verdict == "applied"
        (row,) = desk.rows(bookings)
        assert row["fields"] == {"topic": "invoice", "rating": 5, "feedback": "Quick and kind"}
        assert (row["status"], len(desk.rows(status_history))) == ("ended", 2)


@pytest.mark.sqlite
@pytest.mark.parametrize("role", ROLES)
def test_that_only_the_customer_rates(tmp_path: Path, role: Role) -> None:
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer", "Ann")
        me = ann if role == "customer" else Actor(new_id(), role, "Somebody", ("support",))
        chat = ended_chat(desk, ann)
        verdict = desk.do(me, "booking.rate", RateBooking(5), chat)
        sees = role in ("customer", "agent", "operator", "admin", "service")
        wanted = ("applied" if may(role, "booking.rate") else "forbidden") if sees else "booking_not_found"
        assert (verdict.code or verdict.verdict) == wanted
        assert (desk.rows(bookings)[0]["fields"] == {"rating": 5}) == (role == "customer")


@pytest.mark.sqlite
def test_that_what_is_not_over_or_asks_for_none_is_not_rated(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer", "Ann")
        guarding, chat = (desk.booking(ann, workflow) for workflow in ("protection", "support"))
        assert desk.do(OLGA, "booking.transition", PressTransition("cancel", {"reason": "x"}), guarding).version == 2
        for booking, status in ((guarding, "cancelled"), (chat, "waiting")):
            told = desk.do(ann, "booking.rate", RateBooking(5), booking)
            assert told.code == "illegal_transition"
            assert told.current is not None and told.current["status"] == status


@pytest.mark.sqlite
@pytest.mark.parametrize("stars", [0, 6, -1, 10**9])
def test_that_stars_are_from_one_to_five_and_words_end_somewhere(tmp_path: Path, stars: int) -> None:
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer", "Ann")
        chat = ended_chat(desk, ann)
        with pytest.raises(Refusal, match="invalid_payload"):
            desk.do(ann, "booking.rate", RateBooking(stars), chat)
        told = desk.do(ann, "booking.rate", RateBooking(feedback="x" * (MAX_FEEDBACK + 1)), chat)
        assert told.code == "text_too_long"
        assert desk.rows(bookings)[0]["fields"] == {}
