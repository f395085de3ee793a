"""What every part of the console is given: the desk, how things look and are said, and a way to start a task."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from desktop.intents.desk_port import DeskPort, NotPossible
from desktop.widgets.icons import Icons
from desktop.widgets.look import Look
from desktop.widgets.moments import Moments
from desktop.widgets.row_sentences import RowSentences
from desktop.widgets.status_pill import Statuses
from desktop.widgets.toast import Toast
from desktop.widgets.words import Words

Spawn = Callable[[Coroutine[Any, Any, None]], None]
"""Starts a coroutine in the one task group that app.py owns."""


@dataclass(frozen=True)
class Surroundings:
    desk: DeskPort
    look: Look
    icons: Icons
    words: Words
    moments: Moments
    statuses: Statuses
    sentences: RowSentences
    spawn: Spawn
    toast: Toast

    def attempt(self, action: Callable[[], object], *, quietly: bool = False) -> bool:
        """Does it, or says why it cannot be done, unless `quietly`; whether it was done."""
        try:
            action()
        except NotPossible as error:
            if not quietly:
                self.toast.say(self.words.refusal(error.code, self.words("refused.other", message=str(error))))
            return False
        return True
