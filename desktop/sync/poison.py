"""Finds the one operation that a server breaks on while it takes others: it must not be tried for ever."""

from contract.verdicts import Verdict
from desktop.network.errors import Busy, Intercepted, NetworkError
from desktop.store.outbox_moves import Outcome
from desktop.sync.verdicts import Ruling

TRIES = 8
WORDS = "The server fails on this one again and again, while it takes others. Copy it, tell whoever runs the server."
POISON = Ruling("unacceptable", "poison", Outcome(code="poison", error=WORDS))


class PoisonWatch:
    """Counts, in this run of the program, how often the server broke on an operation."""

    def __init__(self) -> None:
        self._broke: dict[str, int] = {}
        self._others_taken: set[str] = set()
        """Of those counted, the ones since whose last time others were taken."""

    def ruling(self, op_id: str, answer: Verdict | NetworkError, batch: int, ruling: Ruling) -> Ruling:
        """`ruling` of one operation, unless the server broke on it once too often. A time counts only if others were
        taken since the one before: an outage breaks whatever is tried in it, and says nothing of an operation.
        `answer` is its own verdict, or what came instead of `batch` verdicts."""
        if not _broke_on_it(answer, batch):
            if isinstance(answer, Verdict) and answer.verdict != "retry":
                self._forget(op_id)
                self._others_taken.update(self._broke)
            return ruling
        if op_id not in self._broke or op_id in self._others_taken:
            self._broke[op_id] = self._broke.get(op_id, 0) + 1
        self._others_taken.discard(op_id)
        if self._broke[op_id] < TRIES:
            return ruling
        self._forget(op_id)
        return POISON

    def _forget(self, op_id: str) -> None:
        self._broke.pop(op_id, None)
        self._others_taken.discard(op_id)


def _broke_on_it(answer: Verdict | NetworkError, batch: int) -> bool:
    """What something on the way answers is no word of the server's, however often it comes."""
    if isinstance(answer, Verdict):
        return answer.verdict == "retry" and answer.code == "internal"
    return isinstance(answer, Busy) and not isinstance(answer, Intercepted) and answer.broke and batch == 1
