"""Given where the cache stands and what the server says, what is to be done: the heart of the protocol, without I/O."""

from dataclasses import dataclass
from typing import Literal

from contract.feed import Beat, Changes, JoinReply
from desktop.state.pending import FeedPosition

Next = Literal["apply", "ignore", "pull", "resync"]
"""apply: take the items above the position, then stand at `to`. ignore: nothing new. pull: something is missing, ask
by GET /sync/v1/changes. resync: what is held belongs to another history, take a snapshot."""


def judge_changes(position: FeedPosition, changes: Changes) -> Next:
    """`from > cursor + 1` is a gap; what ends at or below the cursor is a repeat; another epoch another history."""
    if changes.epoch != position.epoch:
        return "resync"
    if changes.from_seq > position.seq + 1:
        return "pull"
    return "apply" if changes.to_seq > position.seq else "ignore"


def judge_page(position: FeedPosition, page: Changes) -> Next:
    """As judge_changes, for a page that was asked for: it leads on from the position or the server is wrong, and a
    page that moves nothing is the end, not a reason to ask again at once."""
    found = judge_changes(position, page)
    return "resync" if found == "pull" else found


@dataclass(frozen=True, slots=True)
class Joined:
    """What a join's answer asks for. `behind`: the screen is not complete until the position has reached `head`."""

    next: Literal["follow", "pull", "resync"]
    head: int
    behind: bool


def judge_join(position: FeedPosition, reply: JoinReply) -> Joined:
    """`delta`: the changes follow by themselves. A server that offers them for another epoch, or for a cursor beyond
    its own head, is not taken at its word."""
    if reply.mode == "snapshot" or reply.epoch != position.epoch or position.seq > reply.head:
        return Joined("resync", reply.head, behind=True)
    behind = position.seq < reply.head
    return Joined("pull" if reply.mode == "pull" else "follow", reply.head, behind)


@dataclass(frozen=True, slots=True)
class BeatJudged:
    next: Literal["stay", "move", "pull"]
    to: int = 0


def judge_beat(position: FeedPosition, beat: Beat) -> BeatJudged:
    """A cursor at or above `sent` may move to `head`; one below has lost a frame."""
    if position.seq < beat.sent:
        return BeatJudged("pull")
    if position.seq < beat.head:
        return BeatJudged("move", beat.head)
    return BeatJudged("stay")
