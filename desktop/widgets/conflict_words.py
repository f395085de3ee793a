"""A press of ours that the world overtook, in words: ready for the card beside its booking and for the question."""

from dataclasses import dataclass

from desktop.state.overtaken import Choice


@dataclass(frozen=True, slots=True)
class Compared:
    """One line of the comparison: what it is about, here and there."""

    about: str
    yours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class OfferedChoice:
    choice: Choice
    short: str
    """For a button of its own, where no text hangs on it."""
    whole: str
    """With what becomes of the text written after the press."""
    told: str
    """What the customer will be told by it."""


@dataclass(frozen=True, slots=True)
class ConflictWords:
    op_id: str
    title: str
    yours: str
    theirs: str
    stands: str
    choices: tuple[OfferedChoice, ...]
    """The suggested one first."""
    your_side: str = ""
    their_side: str = ""
    """Heads of the comparison."""
    compared: tuple[Compared, ...] = ()
    text_waits: str = ""
    """That text hangs on the decision; empty: none does."""

    @property
    def summary(self) -> str:
        return " ".join(filter(None, (self.title, self.yours, self.theirs, self.stands, self.text_waits)))
