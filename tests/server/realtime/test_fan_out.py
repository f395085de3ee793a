"""Fan-out of commits: everyone concerned, nobody else, without a gap, each frame built once and written once."""

import itertools
import json
from typing import Any

import msgspec
import pytest

from contract.actors import Actor
from server.realtime.fan_out import CHUNK, PUSHED, FanOut
from server.realtime.recent import KEPT
from server.store.feed import Batch, Change
from tests.server.realtime.feed_lines import ANN, BEA, OLEG, OLGA, VISIBILITY, facts, moved, said
from tests.server.realtime.recorded_link import RecordedLink, recorded_socket, texts


def spoilt(seq: int) -> Change:
    """A line that cannot be read."""
    return msgspec.structs.replace(said(seq, facts()), row=b"{")


class Desk:
    """A fan-out and the sockets brought to it."""

    def __init__(self, head: int = 0) -> None:
        self.fan_out = FanOut(VISIBILITY, "epoch", head)
        self._seqs = itertools.count(head + 1)

    def enter(self, actor: Actor, vsn: Any = "2.0.0") -> RecordedLink:
        socket, link = recorded_socket(vsn)
        self.fan_out.enter(actor, socket)
        return link

    def commit(self, *changes: Any) -> Batch:
        """Each change is a function of its seq."""
        made = [change(next(self._seqs)) for change in changes]
        batch = Batch("epoch", made[0].seq, made[-1].seq, made)
        self.fan_out.publish(batch)
        return batch


def payloads(link: RecordedLink) -> list[dict[str, Any]]:
    return [json.loads(text)[4] for text in texts(link)]


def ranges(link: RecordedLink) -> list[tuple[int, int, list[int]]]:
    return [(one["from"], one["to"], [item["seq"] for item in one["items"]]) for one in payloads(link)]


def test_that_a_commit_reaches_whoever_may_see_it_and_nobody_else() -> None:
    desk = Desk()
    olga, ann, bea = desk.enter(OLGA), desk.enter(ANN), desk.enter(BEA)
    desk.commit(lambda seq: said(seq, facts()))
    assert ranges(olga) == ranges(ann) == [(1, 1, [1])]
    assert bea.written == []


def test_that_all_who_see_the_same_get_the_very_same_bytes() -> None:
    desk = Desk()
    links = [desk.enter(actor) for actor in (OLGA, OLEG, ANN, ANN)]
    desk.commit(lambda seq: said(seq, facts()))
    assert len({id(link.written[0]) for link in links}) == 1
    assert desk.fan_out.deliveries == 4


def test_that_everything_of_one_commit_is_one_write() -> None:
    desk = Desk()
    olga = desk.enter(OLGA)
    desk.commit(*[lambda seq: said(seq, facts())] * 50)
    assert len(olga.written) == 1
    assert ranges(olga) == [(1, 50, list(range(1, 51)))]


def test_that_ranges_cover_what_may_not_be_seen_so_that_permission_is_no_gap() -> None:
    desk = Desk()
    ann = desk.enter(ANN)
    desk.commit(lambda seq: said(seq, facts()))
    for _ in range(3):
        desk.commit(lambda seq: said(seq, facts("b2", customer_id="bea")))
    desk.commit(lambda seq: said(seq, facts()))
    assert ranges(ann) == [(1, 1, [1]), (2, 5, [5])]


def test_that_a_socket_that_comes_later_sees_no_gap_either() -> None:
    desk = Desk(head=40)
    first = desk.enter(ANN)
    desk.commit(lambda seq: said(seq, facts("b2", customer_id="bea")))
    second = desk.enter(ANN)  # holds everything up to 41
    desk.commit(lambda seq: said(seq, facts()))
    assert ranges(first) == ranges(second) == [(41, 42, [42])]


def test_that_both_versions_get_the_same_payload() -> None:
    desk = Desk()
    new, old = desk.enter(OLGA), desk.enter(OLGA, "1.0.0")
    desk.commit(lambda seq: said(seq, facts()))
    frame = json.loads(texts(old)[0])
    assert (frame["topic"], frame["event"], frame["ref"]) == ("sync", "changes", None)
    assert frame["payload"] == payloads(new)[0]


def test_that_a_booking_coming_into_sight_is_added_and_one_going_out_dropped() -> None:
    desk = Desk()
    ann, bea, olga = desk.enter(ANN), desk.enter(BEA), desk.enter(OLGA)
    desk.commit(lambda seq: moved(seq, facts(), facts(customer_id="bea")))
    assert [(i["table"], i["op"], i["id"]) for i in payloads(ann)[0]["items"]] == [("scope", "drop", "b1")]
    assert [(i["table"], i["op"], i["id"]) for i in payloads(bea)[0]["items"]] == [("scope", "add", "b1")]
    assert payloads(olga)[0]["items"][0]["row"]["customer_id"] == "bea"


def test_that_a_very_long_commit_is_split_without_a_hole() -> None:
    desk = Desk()
    olga = desk.enter(OLGA)
    desk.commit(*[lambda seq: said(seq, facts(), "x" * (CHUNK // 4))] * 10)
    got = ranges(olga)
    assert len(got) > 1
    assert [one[0] for one in got[1:]] == [one[1] + 1 for one in got[:-1]]
    assert (got[0][0], got[-1][1]) == (1, 10)
    assert [seq for _, _, seqs in got for seq in seqs] == list(range(1, 11))


def test_that_of_a_commit_too_long_to_push_enough_is_sent_to_show_the_gap() -> None:
    desk = Desk()
    olga = desk.enter(OLGA)
    desk.commit(*[lambda seq: said(seq, facts(), "x" * (CHUNK // 2))] * (4 * PUSHED))
    [(first, last, _)] = ranges(olga)
    assert first > 1
    assert last == 4 * PUSHED


def test_that_a_commit_longer_than_what_is_kept_in_memory_is_brought_whole() -> None:
    desk = Desk()
    olga = desk.enter(OLGA)
    desk.commit(*[lambda seq: said(seq, facts())] * (KEPT + 200))
    assert [seq for _, _, seqs in ranges(olga) for seq in seqs] == list(range(1, KEPT + 201))


def test_that_a_commit_that_fails_on_its_way_is_a_gap_to_everybody() -> None:
    desk = Desk()
    olga, ann = desk.enter(OLGA), desk.enter(ANN)
    with pytest.raises(msgspec.DecodeError):
        desk.commit(lambda seq: said(seq, facts()), lambda seq: moved(seq, facts(), facts(status="x")), spoilt)
    desk.commit(lambda seq: said(seq, facts()))
    assert ranges(olga) == ranges(ann) == [(4, 4, [4])]
    assert desk.fan_out.gap(ANN, 3, "2.0.0") is not None
    assert desk.fan_out.gap(ANN, 2, "2.0.0") is None


def test_that_a_heartbeat_after_a_commit_that_failed_sends_its_reader_to_pull() -> None:
    """`sent` beyond what the client holds says so; `head` above it would have the client pass over the lines."""
    desk = Desk()
    view = desk.fan_out.enter(OLGA, recorded_socket()[0])
    with pytest.raises(msgspec.DecodeError):
        desk.commit(lambda seq: said(seq, facts()), spoilt)
    assert (view.sent, desk.fan_out.head) == (2, 2)


def test_that_a_commit_that_never_came_here_is_a_gap_to_everybody() -> None:
    desk = Desk()
    olga = desk.enter(OLGA)
    desk.commit(lambda seq: said(seq, facts()))
    next(desk._seqs)
    desk.commit(lambda seq: said(seq, facts()))
    assert ranges(olga) == [(1, 1, [1]), (3, 3, [3])]
    assert desk.fan_out.gap(OLGA, 1, "2.0.0") is None


def test_that_a_short_gap_is_closed_from_memory_and_a_long_one_is_not() -> None:
    desk = Desk()
    for _ in range(KEPT + 10):
        desk.commit(lambda seq: said(seq, facts()))
    missed = desk.fan_out.gap(ANN, 10, "2.0.0")
    assert missed is not None
    assert missed.count(b'"table":"messages"') == KEPT
    assert desk.fan_out.gap(ANN, 9, "2.0.0") is None
    assert desk.fan_out.gap(ANN, KEPT + 10, "2.0.0") == b""


def test_that_a_message_removed_since_is_not_told_from_memory() -> None:
    desk = Desk()
    desk.commit(lambda seq: said(seq, facts(), "a secret", id="m1"))

    def removed(seq: int) -> Change:
        old, row = (
            msgspec.json.encode(
                {"id": "m1", "sender_role": "customer", "kind": "text", "message": text, "deleted_at": at}
            )
            for text, at in (("a secret", None), ("", "2026-11-21T08:46:37.123Z"))
        )
        return Change(seq, "messages", "update", "m1", "b1", None, row, old, "t", facts(), facts())

    desk.commit(removed)
    missed = desk.fan_out.gap(ANN, 0, "2.0.0")
    assert missed is not None
    assert b"secret" not in missed
    assert missed.count(b'"table":"messages"') == 2


def test_that_only_news_is_worth_confirming() -> None:
    desk = Desk()
    socket, _ = recorded_socket()
    view = desk.fan_out.enter(OLGA, socket)
    desk.commit(lambda seq: said(seq, facts()), lambda seq: said(seq, facts(), role="operator"))
    desk.commit(lambda seq: said(seq, facts(), kind="note"))
    assert not view.confirm(0)
    assert view.confirm(1)
    assert not view.confirm(3)
