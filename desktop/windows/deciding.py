"""Takes a decision of a press that was overtaken to the desk, for one or for all alike; what cannot be is counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QWidget

from desktop.intents.desk_port import NotPossible
from desktop.state.lines import BookingDetail
from desktop.state.overtaken import GONE, Choice, ConflictCard, alike, choices
from desktop.windows.surroundings import Surroundings

Ask = Callable[[BookingDetail, str, Callable[[Mapping[str, str]], bool], QWidget | None, int], None]
"""Asks what a step wants to know before it is pressed, for so many others too, then goes on with the values, until
they are taken."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """`card` and `detail` are None for a booking that is out of sight."""

    op_id: str
    card: ConflictCard | None
    detail: BookingDetail | None

    @property
    def choices(self) -> tuple[Choice, ...]:
        return choices(self.card) if self.card else GONE

    def is_like(self, other: "Undecided") -> bool:
        if self.detail is None or other.detail is None or self.card is None or other.card is None:
            return self.detail is None and other.detail is None
        return self.detail.booking.workflow == other.detail.booking.workflow and alike(self.card, other.card)


@dataclass(frozen=True, slots=True)
class Outcome:
    done: int
    stays: int
    why: str = ""
    """Of the last that stays, in words."""


class Deciding:
    def __init__(self, around: Surroundings, ask: Ask) -> None:
        self._around, self._ask = around, ask
        self.is_busy = False
        """In the middle of several: whoever shows them waits for the end."""

    def decide(
        self, these: Sequence[Undecided], choice: Choice, then: Callable[[Outcome], None], parent: QWidget | None = None
    ) -> None:
        """Each in a commit of its own, the first of `these` being the one that was looked at. Values are asked once."""
        detail = these[0].detail
        if choice.verb == "step" and detail is not None:
            self._ask(detail, choice.transition, partial(self._settle, these, choice, then), parent, len(these) - 1)
        else:
            self._settle(these, choice, then, {})

    def _settle(
        self,
        these: Sequence[Undecided],
        choice: Choice,
        then: Callable[[Outcome], None],
        values: Mapping[str, str],
    ) -> bool:
        """Whether any could be done."""
        done, why = 0, ""
        self.is_busy = True
        try:
            for each in these:
                if choice not in each.choices:
                    continue
                try:
                    self._around.desk.decide(each.op_id, choice, values)
                except NotPossible as error:
                    words = self._around.words
                    why = words.refusal(error.code, words("refused.other", message=str(error)))
                else:
                    done += 1
        finally:
            self.is_busy = False
        then(Outcome(done, len(these) - done, why))
        return done > 0
