"""A status line by an app's own hand: posted by the desk, and not twice where the step has just said the same."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from contract.actors import ROLES, Actor, Role
from contract.ids import new_id
from contract.operations import PressTransition, SystemMessage
from contract.permissions import may
from contract.verdicts import Verdict
from server.store.tables import messages, status_history
from tests.support.writing_desk import WritingDesk

OLGA, OMAR = Actor(new_id(), "operator", "Olga"), Actor(new_id(), "operator", "Omar")
ACCEPTED = "✅ Your booking has been accepted by our team"


def say(desk: WritingDesk, actor: Actor, booking: str, text: str) -> Verdict:
    return desk.do(actor, "message.system", SystemMessage(text), booking)


def lines(desk: WritingDesk) -> list[dict[str, Any]]:
    return desk.rows(messages, messages.c.kind == "system")


def accepted(desk: WritingDesk, actor: Actor = OLGA) -> str:
    booking = desk.booking(OLGA)
    assert desk.do(actor, "booking.transition", PressTransition("accept"), booking).verdict == "applied"
    return booking


def test_that_what_the_step_has_just_posted_is_not_posted_again(tmp_path: Path) -> None:
    """B-04: the seeds' servers write the status, then its message."""
    with WritingDesk(tmp_path) as desk:
        booking = accepted(desk)
        before = lines(desk)
        for text in (
            ACCEPTED,
            f"{ACCEPTED}...",
            f" {ACCEPTED}… ",
            f"{ACCEPTED}. We will message you here",
            f"{ACCEPTED}. We will message you here as soon as it is on its way!",
            "✅ Your booking has been accepted",
            "✅ قَبِل فريقنا حجزك",
            "✅ قَبِل فريقنا حجزك. سنراسلك هنا",
        ):
            told = say(desk, OLGA, booking, text)
            assert (told.verdict, told.result) == ("noop", {"id": before[-1]["id"]}), text
        assert lines(desk) == before


def test_that_other_words_are_posted_beside_the_steps_own(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking = accepted(desk)
        assert say(desk, OLGA, booking, f"{ACCEPTED}. Ask for Ben at the gate.").verdict == "applied"
        assert say(desk, OLGA, booking, "…").verdict == "applied"
        assert [line["message"] for line in lines(desk)][-2:] == [f"{ACCEPTED}. Ask for Ben at the gate.", "…"]


def test_that_words_that_begin_like_the_steps_own_are_lines_of_their_own(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking = accepted(desk)
        said = ["✅", "✅ Yo", "✅ Your booking", "✅ Your booking has been acce", "✅ قَبِل فريقنا"]
        assert [say(desk, OLGA, booking, text).verdict for text in said] == ["applied"] * len(said)
        assert [line["message"] for line in lines(desk)][-len(said) :] == said


def test_that_who_may_post_no_line_gets_the_one_of_their_own_step_until_somebody_else_has_made_another(
    tmp_path: Path,
) -> None:
    """An app's customer cancels, and the app writes what it always wrote."""
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer", "Ann")
        booking = desk.booking(ann)
        assert desk.do(OLGA, "booking.transition", PressTransition("accept"), booking).verdict == "applied"
        assert say(desk, ann, booking, lines(desk)[0]["message"]).code == "forbidden"
        desk.do(ann, "booking.transition", PressTransition("cancel", {"reason": "Rain"}), booking)
        standing = lines(desk)[-1]
        told = say(desk, ann, booking, standing["message"])
        assert (told.verdict, told.result) == ("noop", {"id": standing["id"]})


def test_that_the_same_words_of_somebody_elses_step_or_of_a_while_ago_are_posted(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking = accepted(desk)
        assert say(desk, OMAR, booking, ACCEPTED).verdict == "applied"
        long_ago = sa.update(status_history).values(at="2026-01-01T00:00:00.000Z")
        desk.write(lambda tx: tx.execute(long_ago))
        assert say(desk, OLGA, booking, ACCEPTED).verdict == "applied"


@pytest.mark.sqlite
@pytest.mark.parametrize("role", ROLES)
def test_that_only_the_desk_posts_words_of_its_own(tmp_path: Path, role: Role) -> None:
    with WritingDesk(tmp_path) as desk:
        me = desk.person(role) if role == "customer" else Actor(new_id(), role, "Me")
        made = desk.booking(OLGA, customer_id=me.user_id if role == "customer" else None)
        told = say(desk, me, made, "The lift is out of order.")
        if may(role, "message.system") and told.code != "booking_not_found":
            assert told.verdict == "applied"
        else:
            assert told.code in ("forbidden", "booking_not_found")
            assert "The lift is out of order." not in [line["message"] for line in lines(desk)]
