"""What is done with each frame, for every relation of position and frame."""

import msgspec
import pytest

from contract.feed import Beat, Changes, JoinReply
from desktop.state.pending import FeedPosition
from desktop.sync.catch_up import BeatJudged, Joined, judge_beat, judge_changes, judge_join, judge_page

HERE = FeedPosition("e1", 40)


def changes(first, last, epoch="e1"):
    return Changes(epoch=epoch, from_seq=first, to_seq=last, items=[])


@pytest.mark.parametrize(
    ("frame", "wanted"),
    [
        (changes(41, 41), "apply"),
        (changes(41, 90), "apply"),
        (changes(30, 41), "apply"),
        (changes(1, 41), "apply"),
        (changes(42, 42), "pull"),
        (changes(90, 99), "pull"),
        (changes(40, 40), "ignore"),
        (changes(1, 39), "ignore"),
        (changes(41, 41, "e2"), "resync"),
        (changes(1, 1, "e2"), "resync"),
        (changes(90, 99, "e2"), "resync"),
    ],
)
def test_that_every_relation_of_frame_and_position_has_its_answer(frame, wanted):
    assert judge_changes(HERE, frame) == wanted


def test_that_an_empty_cache_takes_nothing_but_a_snapshot():
    assert judge_changes(FeedPosition(), changes(1, 1)) == "resync"


def test_that_a_page_that_does_not_lead_on_is_never_asked_for_again_and_again():
    assert judge_page(HERE, changes(41, 60)) == "apply"
    assert judge_page(HERE, changes(41, 40)) == "ignore"
    assert judge_page(HERE, changes(55, 60)) == "resync"


def reply(mode, head=50, epoch="e1"):
    return JoinReply(epoch, head, 0, mode, 0, {})


@pytest.mark.parametrize(
    ("position", "answer", "wanted"),
    [
        (HERE, reply("delta"), Joined("follow", 50, behind=True)),
        (HERE, reply("delta", 40), Joined("follow", 40, behind=False)),
        (HERE, reply("pull", 9000), Joined("pull", 9000, behind=True)),
        (HERE, reply("snapshot"), Joined("resync", 50, behind=True)),
        (HERE, reply("delta", 50, "e2"), Joined("resync", 50, behind=True)),
        (HERE, reply("delta", 39), Joined("resync", 39, behind=True)),
        (FeedPosition(), reply("snapshot", 0), Joined("resync", 0, behind=True)),
        (FeedPosition(), reply("delta", 0), Joined("resync", 0, behind=True)),
    ],
)
def test_that_a_joins_answer_is_followed_only_where_it_can_be_true(position, answer, wanted):
    assert judge_join(position, answer) == wanted


@pytest.mark.parametrize(
    ("head", "sent", "wanted"),
    [
        (40, 40, BeatJudged("stay")),
        (45, 40, BeatJudged("move", 45)),
        (45, 12, BeatJudged("move", 45)),
        (41, 41, BeatJudged("pull")),
        (45, 44, BeatJudged("pull")),
        (39, 39, BeatJudged("stay")),
    ],
)
def test_that_a_heartbeat_finds_a_lost_frame_and_moves_past_what_is_not_ours_to_see(head, sent, wanted):
    assert judge_beat(HERE, Beat(head, sent, 0)) == wanted


def test_that_frames_travel_with_from_and_to():
    assert msgspec.json.decode(b'{"epoch":"e1","from":3,"to":4,"items":[]}', type=Changes) == changes(3, 4)
