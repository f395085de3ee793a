"""Tier 2: receipts are a lattice: in whatever order, however often and however grouped their evidence comes, through
restarts too, each tick ends the same, and none ever goes back. On the real server's store, and the desk's own marks."""

import itertools
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.actors import Actor, side_of
from contract.delivery import Delivery, of_position
from contract.ids import new_id
from desktop.store.profile import Profile
from server.actions.mark_delivered import mark_delivered
from server.actions.mark_read import mark_read
from server.store.tables import messages, receipts
from server.store.transactions import WriteTx
from tests.faults.machines.sizes import sized, unhurried
from tests.faults.tally import Tally
from tests.support.desk_builders import ANN, fresh_profile
from tests.support.writing_desk import WritingDesk

pytestmark = unhurried
ROLES = ("customer", "operator", "second operator")
LINES = 5


@dataclass(frozen=True)
class Evidence:
    """`who` has up to the `upto`-th line on a device's disk, or has had it on the screen."""

    who: str
    kind: str
    upto: int


evidence = st.builds(
    Evidence, st.sampled_from(ROLES), st.sampled_from(["delivered", "read"]), st.integers(0, LINES + 1)
)
RANK = [Delivery.SENT, Delivery.DELIVERED, Delivery.READ]


class Talk:
    """One conversation of five lines, by turns the customer's and the desk's, in a database of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desk = WritingDesk(folder)
        self.people = {
            "customer": self.desk.person("customer"),
            "operator": Actor(new_id(), "operator", "Olga"),
            "second operator": Actor(new_id(), "operator", "Omar"),
        }
        self.booking = self.desk.booking(self.people["operator"], customer_id=self.people["customer"].user_id)
        self.senders = [ROLES[number % 2] for number in range(LINES)]
        for who in self.senders:
            self.desk.say(self.people[who], self.booking)
        spoken = self.desk.rows(messages, messages.c.kind == "text")
        self.positions = [int(row["position"]) for row in spoken]
        self.seqs = [next(c.seq for c in self.desk.changes() if c.row_id == row["id"]) for row in spoken]

    def reopen(self) -> None:
        self.desk.writer.close()
        batches, self.desk = self.desk.batches, WritingDesk(self.folder)
        self.desk.batches = batches

    def take(self, *found: Evidence) -> None:
        """All in one commit."""
        for error in self.desk.run(*(self._job(each) for each in found)):
            assert not isinstance(error, BaseException), error

    def _job(self, found: Evidence) -> Any:
        actor = self.people[found.who]
        if found.kind == "read":
            position = ([0, *self.positions, self.positions[-1] + 99])[found.upto]
            return lambda tx: mark_read(tx, actor, self.booking, position)
        cursor = ([0, *self.seqs, self.seqs[-1] + 99])[found.upto]
        return lambda tx: mark_delivered(tx, actor, f"{found.who}'s device", cursor)

    def ticks(self) -> list[Delivery]:
        """What the sender of each line sees."""
        marks = self.desk.rows(receipts)
        found = []
        for sender, position in zip(self.senders, self.positions, strict=True):
            others = [row for row in marks if row["side"] != side_of(self.people[sender].role)]
            delivered = max((row["delivered_position"] for row in others), default=0)
            read = max((row["read_position"] for row in others), default=0)
            found.append(of_position(position, delivered, read))
        return found


def ticks_by_hand(found: list[Evidence]) -> list[Delivery]:
    """The same, from what a tick claims alone: the furthest evidence of anyone on the other side."""
    ticks = []
    for number in range(LINES):
        others = [each for each in found if (each.who == "customer") != (number % 2 == 0) and each.upto > number]
        kinds = {each.kind for each in others}
        ticks.append(
            Delivery.READ if "read" in kinds else Delivery.DELIVERED if "delivered" in kinds else Delivery.SENT
        )
    return ticks


@sized(examples=7)
@given(data=st.data(), found=st.lists(evidence, min_size=1, max_size=8))
def test_that_ticks_end_the_same_in_any_order_any_grouping_and_any_repetition_and_never_go_back(
    tally: Tally, data: st.DataObject, found: list[Evidence]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one, other = Talk(Path(folder) / "one"), Talk(Path(folder) / "other")
        shown = [one.ticks()]
        for each in found:
            one.take(each)
            shown.append(one.ticks())
        for before, after in itertools.pairwise(shown):
            assert all(RANK.index(old) <= RANK.index(new) for old, new in zip(before, after, strict=True))
        rest = data.draw(st.permutations([*found, *data.draw(st.lists(st.sampled_from(found), max_size=4))]))
        tally.owes("told again", "closed and opened")
        tally.did(len(found) + len(rest))
        tally.struck("told again", len(rest) - len(found))
        while rest:
            tally.took()
            size = data.draw(st.integers(1, len(rest)))
            other.take(*rest[:size])
            rest = rest[size:]
            if data.draw(st.booleans()):
                tally.struck("closed and opened")
                other.reopen()
        assert one.ticks() == other.ticks() == ticks_by_hand(found)
        for talk in (one, other):
            marks_only_rise(talk)
            talk.desk.writer.close()
        tally.took(len(found))
        tally.ended()


def marks_only_rise(talk: Talk) -> None:
    """In the feed too, which is all that the screens go by; and none is past the newest line."""
    newest: dict[str, tuple[int, int]] = {}
    for change in talk.desk.changes():
        if change.table == "receipts" and change.row is not None:
            row = json.loads(change.row)
            marks = (row["delivered_position"], row["read_position"])
            before = newest.get(change.row_id, (0, 0))
            assert before != marks
            assert all(old <= new <= talk.positions[-1] for old, new in zip(before, marks, strict=True))
            newest[change.row_id] = marks


def test_that_an_undone_mark_is_as_if_it_had_never_been(tmp_path: Path) -> None:
    """The store keeps marks in memory beside the disk: a commit that fails must not leave them there."""
    talk = Talk(tmp_path)

    def job(tx: WriteTx) -> None:
        mark_read(tx, talk.people["customer"], talk.booking, talk.positions[-1])
        mark_delivered(tx, talk.people["customer"], "phone", talk.seqs[-1])
        raise ValueError("undone")

    [undone] = talk.desk.run(job)
    assert isinstance(undone, ValueError)
    assert set(talk.ticks()) == {Delivery.SENT}
    talk.take(Evidence("customer", "delivered", LINES))
    assert talk.ticks()[1] is Delivery.DELIVERED
    talk.take(Evidence("customer", "read", LINES))
    assert talk.ticks()[1] is Delivery.READ
    talk.desk.writer.close()


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profile]:
    opened = fresh_profile(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@sized(examples=60)
@given(story=st.lists(st.tuples(st.sampled_from(["read here", "told by the feed"]), st.integers(1, 6)), max_size=12))
def test_that_the_desks_own_read_mark_is_the_furthest_until_the_feed_shows_it(
    tally: Tally, profile: Profile, story: list[tuple[str, int]]
) -> None:
    booking, marks = new_id(), profile.outbox.marks
    owed = 0
    for what, position in story:
        if what == "read here":
            assert marks.advance(ANN.user_id, booking, position, "e") == (position > owed)
            owed = max(owed, position)
        else:
            marks.confirm(ANN.user_id, {booking: position}, "e")
            owed = 0 if position >= owed else owed
        assert marks.unconfirmed(ANN.user_id, "e").get(booking, 0) == owed
    tally.did(sum(what == "read here" for what, _ in story))
    tally.took(len(story))
    tally.ended()
