"""What one Fieldline asks of the one that leads the profile, and what that one answers: strict shapes, nothing else.

Also the stable output of `--json`: an answer is printed as it travels. docs/scripting.md describes each.
"""

from typing import Annotated, Literal

import msgspec

MAX_REQUEST = 64 * 1024
"""Bytes of one request: room for the longest message in any script."""
MAX_ANSWER = 256 * 1024
LONGEST_WAIT = 3600.0

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=LONGEST_WAIT)]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do"):
    """The root of the family."""


class Show(Request, frozen=True, tag="show"):
    """Someone started the window again. A leader without one makes room."""


class Send(Request, frozen=True, tag="send"):
    """`op_id` is made by whoever asks, so that asking again does nothing twice."""

    op_id: Name
    booking: Name
    """An id or a code."""
    text: str
    wait: Seconds | None = None
    """How long the server's word is waited for, and must come; None: a second, and on disk will do."""


class Press(Request, frozen=True, tag="press"):
    """As Send. There is no undo: nobody is there to press it."""

    op_id: Name
    booking: Name
    transition: Name
    values: dict[str, str] = {}
    wait: Seconds | None = None


class Tail(Request, frozen=True, tag="tail"):
    """The newest `lines` of a conversation, or all after the position `after`; then each new one."""

    booking: Name
    lines: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 10
    after: int | None = None


class Outbox(Request, frozen=True, tag="outbox"):
    """Everything that is not finished, oldest first."""


class Sync(Request, frozen=True, tag="sync"):
    """`once`: until the desk is caught up and nothing is on its way; else for good."""

    once: bool = True
    wait: Seconds = 30.0


class Life(Request, frozen=True, tag="life"):
    op_id: Name


AnyRequest = Show | Send | Press | Tail | Outbox | Sync | Life


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line to the leader. `secret` was read from a file that only the profile's owner can read."""

    secret: str
    request: AnyRequest
    server: str | None = None
    """The server that whoever asks means; None: whichever it is."""


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """The root of the family."""


class Heard(Answer, frozen=True, tag="heard"):
    """The leader has the request and will answer it."""


class OperationStands(Answer, frozen=True, tag="operation"):
    op_id: str
    state: str
    """queued, held, sending, sent, rejected, needs_decision, blocked, failed or discarded."""
    error: str | None = None


class MessageLine(Answer, frozen=True, tag="message"):
    """A stored line. One that was edited or removed meanwhile comes once more."""

    id: str
    booking_id: str
    position: int
    at: str
    kind: str
    side: str
    sender: str
    text: str
    edited: bool = False
    removed: bool = False
    op_id: str | None = None


class OutboxLine(Answer, frozen=True, tag="waiting"):
    op_id: str
    booking_id: str | None
    booking_code: str
    kind: str
    what: str
    state: str
    created_at: str
    attempts: int
    error: str | None = None


class DeskStands(Answer, frozen=True, tag="sync"):
    phase: str
    cursor: int
    head: int
    queued: int
    needs_person: int
    as_of: str | None = None
    """Server moment up to which what is held is complete."""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    step: str
    at: str | None
    proof: str
    values: dict[str, str | int] = {}


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    at: str
    before: str | None
    after: str
    why: str


class LifeLine(Answer, frozen=True, tag="life"):
    op_id: str
    kind: str
    booking_id: str | None
    booking_code: str
    state: str
    what: str
    error: str | None
    steps: list[Step]
    trail: list[Event]


Outcome = Literal["done", "not_yet", "needs_person", "sign_in", "refused", "unusable", "disk_full", "aside"]


class Ended(Answer, frozen=True, tag="end"):
    """The last answer. `message` is a sentence for a person where it did not end well. aside: the asker may lead."""

    outcome: Outcome
    message: str = ""


AnyAnswer = Heard | OperationStands | MessageLine | OutboxLine | DeskStands | LifeLine | Ended
read_asked = msgspec.json.Decoder(Asked).decode
read_answer = msgspec.json.Decoder(AnyAnswer).decode
write_line = msgspec.json.Encoder().encode
