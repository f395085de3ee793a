"""Channels that are told the same share their frames and their writes, and nothing else of one another."""

import json
from typing import Any

import msgspec

from contract.actors import Actor
from server.access.identity import Identity
from server.access.visibility import Visibility
from server.app import RESOURCES, load_workflows
from server.doors.supabase.realtime.audience import KEPT, PIECE
from server.doors.supabase.realtime.join_request import read_request
from server.doors.supabase.realtime.part import Part
from server.doors.supabase.realtime.room_names import read_room_name
from server.doors.supabase.realtime.row_changes import RowChanges
from server.realtime.channels import Channel
from server.store.feed import Batch, BookingFacts, Change
from tests.server.realtime.recorded_link import RecordedLink, recorded_socket, texts

VISIBILITY = Visibility(load_workflows(RESOURCES / "workflows"))
OLGA, OLEG = Actor("olga", "operator", "Olga"), Actor("oleg", "operator", "Oleg")
ANN, BEA = Actor("ann", "customer", "Ann"), Actor("bea", "customer", "Bea")
INSERTS = {"event": "INSERT", "schema": "public", "table": "messages"}


def facts(customer: str = "ann") -> BookingFacts:
    values: dict[str, Any] = dict.fromkeys(BookingFacts.__struct_fields__, None) | {
        "id": "b1", "code": "REQ1", "workflow": "protection", "status": "pending", "version": 1,
        "customer_id": customer, "lang": "en", "customer_name": customer,
    }  # fmt: skip
    return BookingFacts(**values)


def said(seq: int, text: str = "hello", role: str = "operator", customer: str = "ann") -> Change:
    row = {"id": f"m{seq}", "position": seq, "sender_role": role, "kind": "text", "message": text}
    about = facts(customer)
    return Change(
        seq, "messages", "insert", f"m{seq}", about.id, None, msgspec.json.encode(row), None, "t", about, about
    )


class Door:
    """The fan-out of row changes, and channels that listen."""

    def __init__(self) -> None:
        self.changes = RowChanges(VISIBILITY)

    def listen(self, actor: Actor | None, topic: str = "realtime:all", **binding: Any) -> tuple[Part, RecordedLink]:
        socket, link = recorded_socket()
        request = read_request({"config": {"postgres_changes": [INSERTS | binding]}}, stranger=False)
        identity = None if actor is None else Identity(actor, "session", 2e9)
        part = Part(Channel(None, socket, topic, "1"), read_room_name("all"), request, identity)  # type: ignore[arg-type]
        self.changes.add(part)
        return part, link

    def commit(self, *changes: Change) -> None:
        self.changes.publish(Batch("epoch", changes[0].seq, changes[-1].seq, list(changes)))


def told(link: RecordedLink) -> list[int]:
    return [json.loads(text)[4]["data"]["seq"] for text in texts(link)]


def test_that_everything_of_one_commit_is_one_write_of_the_very_same_bytes_to_all_who_see_the_same() -> None:
    door = Door()
    links = [door.listen(actor)[1] for actor in (OLGA, OLEG, OLGA)]
    door.commit(*[said(seq) for seq in range(1, 51)])
    assert [len(link.written) for link in links] == [1, 1, 1]
    assert len({id(link.written[0]) for link in links}) == 1
    assert told(links[0]) == list(range(1, 51))


def test_that_whoever_sees_less_is_no_audience_with_those_who_see_more() -> None:
    door = Door()
    (_, ann), (_, bea), (_, olga) = door.listen(ANN), door.listen(BEA), door.listen(OLGA)
    door.commit(said(1), said(2, customer="bea"))
    assert (told(ann), told(bea), told(olga)) == ([1], [2], [1, 2])


def test_that_another_filter_another_topic_and_other_columns_are_other_audiences() -> None:
    door = Door()
    _, all_of = door.listen(OLGA)
    _, one = door.listen(OLEG, filter="message=eq.you")
    _, elsewhere = door.listen(OLEG, topic="realtime:elsewhere")
    _, short = door.listen(OLEG, select=["position"])
    door.commit(said(1, "you"), said(2, "they"))
    assert (told(all_of), told(one), told(short)) == ([1, 2], [1], [1, 2])
    assert json.loads(texts(elsewhere)[0])[2] == "realtime:elsewhere"
    assert json.loads(texts(short)[0])[4]["data"]["record"] == {"id": "m1", "position": 1}


def test_that_nobody_in_particular_is_told_nothing() -> None:
    door = Door()
    _, link = door.listen(None)
    door.commit(said(1))
    assert link.written == []


def test_that_who_has_caught_up_into_the_middle_of_a_commit_gets_the_rest_of_it() -> None:
    door = Door()
    (late, link), (_, other) = door.listen(OLGA), door.listen(OLGA)
    late.upto = 2
    door.commit(*[said(seq) for seq in (1, 2, 3, 4)])
    assert (told(link), told(other)) == ([3, 4], [1, 2, 3, 4])


def test_that_a_very_long_commit_is_written_in_pieces() -> None:
    door = Door()
    _, link = door.listen(OLGA)
    door.commit(*[said(seq, "x" * 60_000) for seq in range(1, 11)])
    assert told(link) == list(range(1, 11))
    assert len(link.written) > 1
    assert all(len(piece) <= PIECE for piece in link.written)


def test_that_one_who_leaves_hears_no_more_and_the_others_go_on() -> None:
    door = Door()
    (first, gone), (_, stays) = door.listen(OLGA), door.listen(OLGA)
    door.changes.remove(first)
    door.commit(said(1))
    assert (told(gone), told(stays)) == ([], [1])


def test_that_only_what_was_told_since_it_came_counts_as_received() -> None:
    door = Door()
    early, _ = door.listen(ANN)
    door.commit(said(1))
    late, _ = door.listen(ANN)
    door.commit(said(2), said(3, role="customer"))
    assert early.sent_within(0, 9) == [(1, "b1", 1), (2, "b1", 2)]
    assert late.sent_within(0, 9) == [(2, "b1", 2)]


def test_that_messages_nobody_confirms_are_forgotten_in_the_end_and_confirmed_ones_at_once() -> None:
    door = Door()
    beats, _ = door.listen(ANN)
    never, _ = door.listen(ANN)
    audience = beats.audience
    assert audience is not None
    assert never.audience is audience
    beats.had = never.had = 1_500
    door.commit(*[said(seq) for seq in range(1, 2_001)])
    assert audience.expected[0][0] == 1_501
    beats.had = 2_000
    door.commit(*[said(seq) for seq in range(2_001, 2 * KEPT + 5_000)])
    assert len(audience.expected) <= 2 * KEPT
