"""What an answer, or its absence, does to the operations that were sent: every verdict and every error, as a table."""

from dataclasses import dataclass

from contract.verdicts import Verdict
from desktop.network.errors import Busy, NetworkError, NotSignedIn, Refused, Unreachable
from desktop.state.op_state import OpEvent
from desktop.store.outbox_moves import NOTHING, Outcome

FALLBACK_WORDS = "The server refused this."
GONE_ALREADY: frozenset[str] = frozenset({"epoch_changed"})


@dataclass(frozen=True, slots=True)
class Ruling:
    """One operation's next move."""

    event: OpEvent
    why: str
    outcome: Outcome = NOTHING


def rule_on_verdict(verdict: Verdict, epoch: str, retry_at: float) -> Ruling:
    """`epoch`: of the reply; `retry_at`: time.time() for another try where the server asks for one."""
    if verdict.verdict in {"applied", "noop"}:
        return Ruling("applied", verdict.verdict, Outcome(epoch=epoch, seq=verdict.seq or 0, version=verdict.version))
    if verdict.verdict == "rejected":
        return Ruling(
            "refused",
            verdict.code or "rejected",
            Outcome(epoch=epoch, code=verdict.code, error=verdict.message or FALLBACK_WORDS, current=verdict.current),
        )
    return Ruling("not_taken", "retry", Outcome(not_before=retry_at))


def rule_on_error(error: NetworkError, batch: int, retry_at: float) -> Ruling:
    """The request as a whole came to nothing. Losing the line, a tired server, a used-up token, another epoch: the
    same operations again. A refusal of what was sent is final only for an operation that was sent alone."""
    if isinstance(error, Busy):
        alone = error.broke and batch > 1
        return Ruling("not_taken", "busy", Outcome(not_before=retry_at, alone=alone))
    if isinstance(error, Unreachable):
        return Ruling("not_taken", "unreachable")
    if isinstance(error, NotSignedIn):
        return Ruling("not_taken", "token")
    if isinstance(error, Refused) and error.code not in GONE_ALREADY:
        if batch > 1:
            return Ruling("not_taken", f"{error.code}, to be sent alone", Outcome(alone=True))
        return Ruling("unacceptable", error.code, Outcome(code=error.code, error=error.message))
    return Ruling(
        "not_taken", "epoch" if isinstance(error, Refused) else "answer not understood", Outcome(not_before=retry_at)
    )
