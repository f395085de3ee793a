"""A press that the world overtook: what was done here and there, who has seen it, and what can be decided."""

from dataclasses import dataclass
from typing import Literal

from desktop.state.pending import PendingOp

Seen = Literal["theirs", "read", "delivered", "not_yet", "unknown"]
"""What the customer has of a line: `theirs`, they did it themselves; `not_yet`, their marks stand before it."""
TextFate = Literal["leave", "send", "note", "discard"]
TextStanding = Literal["sent", "on_its_way", "waiting", "refused"]


def standing_of(line: PendingOp) -> TextStanding:
    """Of a line that was not given up. One that was tried and not judged may have arrived."""
    if line.state == "sent":
        return "sent"
    if line.state in {"rejected", "failed"}:
        return "refused"
    return "on_its_way" if line.state == "sending" or line.attempts > 0 else "waiting"


def is_open(standing: TextStanding) -> bool:
    """Whether it can still become something else. What is on its way may have arrived, and cannot."""
    return standing in {"waiting", "refused"}


@dataclass(frozen=True, slots=True)
class Sight:
    seen: Seen = "unknown"
    by: str | None = None
    """Server moment at which it was so at the latest: a mark tells no more."""


@dataclass(frozen=True, slots=True)
class TextAfter:
    """A line to the customer, written after the press and before it was known to be overtaken."""

    op_id: str
    text: str
    standing: TextStanding
    sight: Sight = Sight()

    @property
    def is_open(self) -> bool:
        return is_open(self.standing)


@dataclass(frozen=True, slots=True)
class ConflictCard:
    op_id: str
    transition: str
    pressed_at: str
    stands_status: str
    by_name: str
    stands_at: str
    legal: tuple[str, ...]
    """Transitions this operator may press now."""
    saw_status: str = ""
    """What the booking was when it was pressed, as far as the press says so."""
    to_status: str = ""
    said: tuple[str, ...] = ()
    """What the button asked for and was given, such as a reason."""
    may_have_arrived: bool = False
    """An attempt was made, and nobody here knows what came of it."""
    stood_status: str = ""
    """What it was before whoever was quicker; empty where the step is not held here."""
    their_reason: str = ""
    their_text: str = ""
    """The system message that their step posted, in the customer's language."""
    sight: Sight = Sight()
    """What the customer has of that message."""
    texts: tuple[TextAfter, ...] = ()
    takes_text: bool = True
    """Whether the two sides may write in the booking as it stands."""
    silent_after: tuple[str, ...] = ()
    """Those of `legal` that lead to where nobody may write."""
    may_note: bool = True
    behind: tuple[str, ...] = ()
    """Transitions pressed on the strength of it, which wait for the decision and are then asked about themselves."""

    @property
    def is_theirs(self) -> bool:
        """Whether it was the customer who was quicker."""
        return self.sight.seen == "theirs"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that may be decided, and what becomes of the text written after the press with it."""

    verb: Literal["keep", "step", "ask"]
    texts: TextFate = "leave"
    transition: str = ""


GONE = (Choice("keep"),)
"""Of a booking that is out of sight."""


def choices(card: ConflictCard) -> tuple[Choice, ...]:
    """The suggested one first. Lines go out by themselves where that can be (sync.md 2.6): so it is suggested there."""
    found = [Choice("keep", fate) for fate in _fates_of_keeping(card)]
    found += [Choice("step", _fate_after(card, name), name) for name in card.legal]
    if card.by_name:
        goes = card.takes_text and any(text.standing == "waiting" for text in card.texts)
        found.append(Choice("ask", "send" if goes else "leave"))
    return tuple(found)


def alike(one: ConflictCard, other: ConflictCard) -> bool:
    """The same button, overtaken by the same status; which of them can take the same choice, `choices` says."""
    return (one.transition, one.stands_status) == (other.transition, other.stands_status)


def _fates_of_keeping(card: ConflictCard) -> tuple[TextFate, ...]:
    if not _has_open_text(card):
        return ("leave",)
    note: tuple[TextFate, ...] = ("note",) if card.may_note else ()
    if card.takes_text:
        return ("send", *note, "discard")
    return (*(note or ("leave",)), "discard")


def _fate_after(card: ConflictCard, transition: str) -> TextFate:
    if not _has_open_text(card):
        return "leave"
    if card.takes_text or transition not in card.silent_after:
        return "send"
    return "note" if card.may_note else "leave"


def _has_open_text(card: ConflictCard) -> bool:
    return any(text.is_open for text in card.texts)
