"""Bids: by verified technicians on jobs on offer; accepting one gives the job to its bidder and declines the others."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.actors import ROLES, SEES_ALL, Actor, Role
from contract.errors import Refusal
from contract.ids import new_id
from contract.operations import AnswerBid, Assign, OperationKind, PlaceBid, PressTransition, VerifyTechnician
from contract.verdicts import Verdict
from server.store.tables import bids, bookings, messages, notifications, status_history
from tests.support.writing_desk import WritingDesk

OLGA = Actor(new_id(), "operator", "Olga")


class Market:
    """A job of Ann's on offer, and two verified technicians."""

    def __init__(self, desk: WritingDesk) -> None:
        self.desk = desk
        self.ann = desk.person("customer", "Ann")
        self.tom, self.tim = self.technician("Tom"), self.technician("Tim")
        self.job = desk.booking(self.ann, "techcare")

    def technician(self, name: str) -> Actor:
        made = self.desk.person("technician", name)
        self.desk.do(OLGA, "technician.verify", VerifyTechnician(made.user_id))
        return made

    def bid(self, who: Actor, amount: float = 100.0, **said: Any) -> Verdict:
        return self.desk.do(who, "bid.place", PlaceBid(amount, **said), self.job)

    def answer(self, who: Actor, kind: OperationKind, bid_id: str) -> str:
        verdict = self.desk.do(who, kind, AnswerBid(bid_id), self.job)
        return verdict.code or verdict.verdict

    def bids(self) -> dict[str, tuple[float, str]]:
        """By technician's name: amount and status of the newest."""
        return {row["technician_name"]: (row["amount"], row["status"]) for row in self.desk.rows(bids)}


@pytest.fixture
def market(tmp_path: Path, stands_on: str) -> Iterator[Market]:
    with WritingDesk(tmp_path) as desk:
        yield Market(desk)


def test_that_a_second_bid_on_a_job_changes_the_first(market: Market) -> None:
    first = market.bid(market.tom, 150, currency="AED", message="Today")
    second = market.bid(market.tom, 140.5)
    again = market.bid(market.tom, 140.5)
    assert (first.result, second.result) == ({"id": first.op_id}, {"id": first.op_id})
    assert (again.verdict, again.result) == ("noop", {"id": first.op_id})
    [row] = market.desk.rows(bids)
    assert (row["amount"], row["currency"], row["message"], row["op_id"]) == (140.5, None, "", second.op_id)
    told = [(change.op, change.booking_id) for change in market.desk.changes() if change.table == "bids"]
    assert told == [("insert", market.job), ("update", market.job)]


def test_that_accepting_gives_the_job_away_posts_the_message_and_declines_the_others(market: Market) -> None:
    desk = market.desk
    chosen = market.bid(market.tom).op_id
    market.bid(market.tim, 90)
    commits = len(desk.batches)
    verdict = desk.do(market.ann, "bid.accept", AnswerBid(chosen), market.job)
    assert (verdict.verdict, verdict.version) == ("applied", 2)
    assert market.bids() == {"Tom": (100, "accepted"), "Tim": (90, "declined")}
    [booking] = desk.rows(bookings)
    assert (booking["status"], booking["provider_id"], booking["version"]) == ("assigned", market.tom.user_id, 2)
    [step] = desk.rows(status_history, status_history.c.version == 2)
    assert (step["transition"], step["actor_id"]) == ("assign", market.ann.user_id)
    assert desk.rows(messages)[-1]["texts"] == desk.workflows["techcare"].transitions["assign"].system
    assert len(desk.batches) == commits + 1, "all in one transaction"
    assert market.answer(market.ann, "bid.accept", chosen) == "noop"
    assert market.bid(market.tim).code == "booking_not_found", "it is on offer no more"
    assert market.bid(market.tom).code == "bids_closed"


def test_that_an_answered_bid_stays_as_it_is_and_its_bidder_may_bid_again(market: Market) -> None:
    first = market.bid(market.tom).op_id
    assert market.answer(market.ann, "bid.decline", first) == "applied"
    assert market.answer(market.ann, "bid.accept", first) == "bid_closed"
    assert market.answer(market.tom, "bid.withdraw", first) == "bid_closed"
    assert market.answer(market.ann, "bid.decline", first) == "noop"
    second = market.bid(market.tom, 80).op_id
    assert market.answer(market.tom, "bid.withdraw", second) == "applied"
    assert sorted(row["status"] for row in market.desk.rows(bids)) == ["declined", "withdrawn"]


def test_that_bidding_again_after_withdrawing_renews_the_bid_and_tells_nobody_again(market: Market) -> None:
    """Or one bidder could push everything else that the customer was told out of sight."""
    first = market.bid(market.tom, 150, currency="AED").op_id
    for amount in (150, 150, 120):
        assert market.answer(market.tom, "bid.withdraw", first) == "applied"
        again = market.bid(market.tom, amount, currency="AED")
        assert (again.verdict, again.result) == ("applied", {"id": first})
    market.bid(market.tim)
    [renewed] = market.desk.rows(bids, bids.c.technician_id == market.tom.user_id)
    assert (renewed["id"], renewed["amount"], renewed["status"]) == (first, 120, "pending")
    told = market.desk.rows(notifications, notifications.c.user_id == market.ann.user_id)
    assert len(market.desk.rows(bids)) == len(told) == 2
    assert market.answer(market.ann, "bid.accept", first) == "applied"


def test_that_a_status_changed_at_a_sql_prompt_answers_the_bids_that_wait(market: Market) -> None:
    market.bid(market.tom)
    market.bid(market.tim, 90)
    market.desk.by_hand(f"UPDATE bookings SET status='assigned',provider_id='{market.tim.user_id}'")
    assert market.bids() == {"Tom": (100, "declined"), "Tim": (90, "accepted")}
    told = [(change.op, change.row_id) for change in market.desk.batches[-1].changes if change.table == "bids"]
    assert sorted(told) == sorted(("update", row["id"]) for row in market.desk.rows(bids))


def test_that_a_second_bid_that_waits_is_not_to_be_written_at_a_sql_prompt_either(market: Market) -> None:
    market.answer(market.tom, "bid.withdraw", market.bid(market.tom).op_id)
    row = f"INSERT INTO bids(booking_id,technician_id,amount) VALUES('{market.job}','{market.tom.user_id}',70)"
    market.desk.by_hand(row)
    with pytest.raises(market.desk.link.integrity_errors):
        market.desk.by_hand(row)
    changed = market.bid(market.tom, 60).result
    [waiting] = market.desk.rows(bids, bids.c.status == "pending")
    assert (waiting["amount"], {"id": waiting["id"]}) == (60, changed), "not the one withdrawn"


@pytest.mark.parametrize("how", ["cancelled", "assigned by the desk"])
def test_that_bids_on_a_job_that_moves_on_are_declined(market: Market, how: str) -> None:
    bid = market.bid(market.tom).op_id
    if how == "cancelled":
        press = PressTransition("cancel", {"reason": "Repaired itself"})
        market.desk.do(market.ann, "booking.transition", press, market.job)
    else:
        market.desk.do(OLGA, "booking.assign", Assign(provider_id=market.tim.user_id), market.job)
        assert market.answer(market.ann, "bid.accept", bid) == "bids_closed"
        market.desk.do(OLGA, "booking.transition", PressTransition("assign"), market.job)
    assert market.bids() == {"Tom": (100, "declined")}
    assert market.desk.rows(bookings)[0]["provider_id"] in (None, market.tim.user_id)


def test_that_a_bidder_whom_the_desk_has_given_the_job_is_not_told_that_they_did_not_get_it(market: Market) -> None:
    market.bid(market.tom)
    market.bid(market.tim, 90)
    market.desk.do(OLGA, "booking.assign", Assign(provider_id=market.tom.user_id), market.job)
    market.desk.do(OLGA, "booking.transition", PressTransition("assign"), market.job)
    assert market.bids() == {"Tom": (100, "accepted"), "Tim": (90, "declined")}
    answers = market.desk.rows(notifications, notifications.c.kind.in_(["bid_accepted", "bid_declined"]))
    told = {(row["user_id"], row["kind"]) for row in answers}
    assert told == {(market.tom.user_id, "bid_accepted"), (market.tim.user_id, "bid_declined")}


def test_that_the_bid_of_whom_the_desk_had_in_mind_is_declined_with_a_job_that_is_cancelled(market: Market) -> None:
    market.bid(market.tom)
    market.desk.do(OLGA, "booking.assign", Assign(provider_id=market.tom.user_id), market.job)
    press = PressTransition("cancel", {"reason": "Repaired itself"})
    market.desk.do(market.ann, "booking.transition", press, market.job)
    assert market.bids() == {"Tom": (100, "declined")}


def test_that_whoever_is_not_verified_neither_bids_nor_gets_the_job(market: Market) -> None:
    assert market.bid(market.desk.person("technician", "New")).code == "forbidden"
    bid = market.bid(market.tom).op_id
    market.desk.do(OLGA, "technician.verify", VerifyTechnician(market.tom.user_id, is_verified=False))
    assert market.answer(market.ann, "bid.accept", bid) == "forbidden"
    assert market.desk.rows(bookings)[0]["status"] == "pending"


def test_that_a_bid_of_another_booking_is_not_to_be_found(market: Market) -> None:
    other = market.desk.booking(market.ann, "techcare")
    bid = market.desk.do(market.tom, "bid.place", PlaceBid(5), other).op_id
    assert market.answer(market.ann, "bid.accept", bid) == "bid_not_found"
    assert market.answer(market.tom, "bid.withdraw", bid) == "bid_not_found"
    protection = market.desk.booking(OLGA, "protection")
    assert market.desk.do(market.tom, "bid.place", PlaceBid(5), protection).code == "booking_not_found"


@pytest.mark.sqlite
def test_that_what_is_no_price_is_refused(market: Market) -> None:
    for payload in (PlaceBid(0), PlaceBid(-1), PlaceBid(1e10), PlaceBid(0.0001), PlaceBid(1, "dirham")):
        with pytest.raises(Refusal, match="invalid_payload"):
            market.desk.do(market.tom, "bid.place", payload, market.job)
    assert market.bid(market.tom, message="x" * 8_001).code == "text_too_long"
    assert market.desk.rows(bids) == []


@pytest.mark.sqlite
@pytest.mark.parametrize("party", [True, False])
@pytest.mark.parametrize("role", ROLES)
def test_that_bids_are_placed_and_answered_by_whom_matrix_and_workflow_say(
    market: Market, role: Role, party: bool
) -> None:
    """1.U: a technician bids and withdraws; the customer of the booking and those who see all accept and decline."""
    desk = market.desk
    me = Actor(new_id(), role, "Me") if role == "service" else desk.person(role, "Me")
    if role == "technician":
        desk.do(OLGA, "technician.verify", VerifyTechnician(me.user_id))
    theirs = market.bid(market.tom).op_id
    column = {"customer": "customer_id", "chatbot": "created_by", "agent": "assignee_id", "dentist": "provider_id"}
    if party and role in column:
        desk.write(lambda tx: tx.update_booking(market.job, {column[role]: me.user_id}))
    sees = role in SEES_ALL or role == "technician" or (party and role in column)
    refused = "forbidden" if sees else "booking_not_found"
    answers = role in SEES_ALL or (role == "customer" and party)
    outcomes = {
        "place": market.bid(me, 50).code or "applied",
        "withdraw": market.answer(me, "bid.withdraw", theirs),
        "decline": market.answer(me, "bid.decline", theirs),
    }
    if answers:
        theirs = market.bid(market.tom).op_id
    outcomes["accept"] = market.answer(me, "bid.accept", theirs)
    assert outcomes == {
        "place": "applied" if role == "technician" else refused,
        "withdraw": "bid_not_found" if role == "technician" else "forbidden",
        "decline": "applied" if answers else refused,
        "accept": "applied" if answers else refused,
    }
