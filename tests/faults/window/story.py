"""One operation's history, told step by step to the window, and what the window must show of it after each."""

from functools import partialmethod

from contract.verdicts import Verdict
from desktop.intents.discard import discard
from desktop.intents.press_transition import press_transition
from desktop.intents.retry import retry
from desktop.network.answers import refusal_of
from desktop.network.errors import NetworkError, Unreachable
from desktop.state.op_state import CONFLICTS
from desktop.state.pending import PendingOp
from tests.faults.tables.published import target
from tests.faults.tally import Tally
from tests.faults.window.stage import GONE, Stage

MOVES, SHOWN = "An operation in the outbox", "What each state shows"
ANEW = "anew"
"""In `shown`: from here on it is another operation that stands for the same wish."""
TICKS = ("sent", "delivered", "read")
FAILURES: dict[str, NetworkError] = {
    "lost": Unreachable("cut"),
    "busy": refusal_of(503, b"", None),
    "broke": refusal_of(500, b"", None),
    "token": refusal_of(401, b'{"code":"token_expired","message":"Expired."}', None),
    "refused": refusal_of(403, b'{"code":"forbidden","message":"No."}', None),
}
ENDS = ("restart", "kept", "restored")
"""The program's, or the history's: a restore that lost nothing, or just this operation."""
FAULTS = {*FAILURES, *ENDS, "again", "late", "theirs"}
BACK = {"lost", "busy", "broke", "token", "again", "late", "restart", "restored", "retry"}
"""Steps after which a glyph may have gone a step back: the try failed, or the server's history is another."""


class Story:
    """Olga's line, or her press, in a new booking. `kind`: message, accept, or cancel, which offline waits for a yes.

    The tables of docs/states.md say where each step takes it and what that shows; the marks of the other side count
    from the moment that the desk has heard of them.
    """

    def __init__(self, stage: Stage, kind: str, tally: Tally, *, joined: bool = True) -> None:
        self.stage, self.world, self.kind, self.tally = stage, stage.world, kind, tally
        tally.did()
        tally.owes(*FAULTS)
        self.booking = self.world.new_booking()
        while self.world.deliver():
            pass
        stage.be_joined(joined=joined)
        stage.window.open_booking(self.booking)
        self.wire: tuple[PendingOp, Verdict | None, str] | None = None
        """What is on its way: the operation, the verdict once it has been judged, and in which epoch."""
        self.at_server = False
        self.news: list[str] = []
        """What was committed there and has not been heard here: ours, delivered, read, theirs, nothing."""
        self.tick: str | None = None
        self.state, self.code = "held" if kind == "cancel" and not joined else "queued", ""
        self.attempts, self.seq = 0, 0
        self.is_overtaken = False
        self.shown: list[str] = []
        self.op_id = stage.type("Hello") if kind == "message" else self._press()
        stage.settle()
        self._look("click")

    def _press(self) -> str:
        return press_transition(self.world.context, self.booking, self.kind, {"reason": "because"})

    # --- what must be seen -------------------------------------------------------------------------------------------

    def expected(self) -> tuple[str, str]:
        """Bubble or strip, and the outbox."""
        row = "rejected as overtaken" if self.state == "rejected" and self.code in CONFLICTS else self.state
        outbox = target(SHOWN, row, "outbox") or ""
        if self.kind == "message":
            return self.tick or target(SHOWN, row, "bubble") or "", outbox
        passed = self.state == "sent" and self.world.desk.feed.position.seq >= self.seq
        return GONE if passed else target(SHOWN, row, "press") or "", outbox

    def seen(self) -> tuple[str, str]:
        looked = self.stage.bubble if self.kind == "message" else self.stage.press
        return looked(self.op_id), self.stage.outbox(self.op_id)

    def _look(self, step: str) -> None:
        seen = self.seen()
        assert seen == self.expected(), step
        if not self.shown or self.shown[-1] != seen[0]:
            self._allowed(step, seen[0])
            self.shown.append(seen[0])

    def _allowed(self, step: str, now: str) -> None:
        """Whatever the tables say: what was proven stays proven, and only a failed try goes back to waiting."""
        before = self.shown[-1] if self.shown else now
        if before in TICKS and step != "restored":
            assert now in TICKS[TICKS.index(before) :], f"{step}: {before} became {now}"
        if before.endswith("sending") and now.endswith("queued"):
            assert step in BACK, f"{step}: {before} became {now}"

    def tell(self, step: str) -> None:
        """One step; in its course each part of the window shows what it showed before or what it will show then."""
        self.tally.took()
        self.tally.struck(step, step in FAULTS)
        op_id, before, during = self.op_id, self.seen(), set[tuple[str, str]]()
        if self.kind == "message":  # facts follow a moment later, by a timer of their own
            self.stage.on_change = lambda: during.add(self.seen())
        getattr(self, f"_{step}")()
        self.stage.settle()
        self.stage.on_change = _nothing
        self._look(step)
        after = self.seen()
        if op_id == self.op_id:
            for bubble, outbox in during:
                assert bubble in {before[0], after[0]}, f"{step}: {bubble} for a moment"
                assert outbox in {before[1], after[1]}, f"{step}: {outbox} for a moment"

    def finish(self) -> None:
        """Everything arrives at last, and what waits for a person is given up."""
        self.stage.be_joined(joined=True)
        while self.news:
            self.tell("hear")
        while self.state in {"queued", "sending"}:
            self.tell("claim" if self.wire is None else self._comes(*self.wire))
        while self.news:
            self.tell("hear")
        if target(MOVES, "discarded", self.state):
            self.tell("discard")
        assert self.shown[-1] in ({"sent", "delivered", "read", GONE} if self.kind == "message" else {GONE})
        self.tally.ended()

    # --- steps -------------------------------------------------------------------------------------------------------

    def possible(self) -> list[str]:
        """The steps that can be told now, oftener those that lead on; without ENDS and the changes of the link."""
        steps = ["theirs"]
        steps += ["claim"] * 4 if self.state in {"queued", "sending"} else []
        if self.wire is not None:
            steps += [self._comes(*self.wire)] * 4 + [*FAILURES, "again", "late"]
        steps += ["hear"] * 3 if self.news else []
        steps += ["delivered", "read"] if self.kind == "message" and self.at_server else []
        steps += ["retry"] * 2 if self.state in {"held", "failed", "rejected", "needs_decision"} else []
        return steps + (["discard"] if target(MOVES, "discarded", self.state) else [])

    def ends(self) -> list[str]:
        """Of ENDS, those that can be told now. A server that forgets a press must forget the booking's status too:
        that is left to other tests."""
        return [step for step in ENDS if step != "restored" or (self.kind == "message" and self.at_server)]

    def _comes(self, _: PendingOp, verdict: Verdict | None, epoch: str) -> str:
        """What becomes of what is on its way where nothing befalls it."""
        return "reach" if verdict is None else "answer" if epoch == self.world.epoch else "late"

    def _move(self, event: str) -> None:
        self.state = target(MOVES, event, self.state) or self.state

    def _claim(self) -> None:
        claimed = {op.op_id: op for op in self.world.claim()}
        if self.op_id in claimed:
            assert self.state in {"queued", "sending"}
            self.wire = (claimed[self.op_id], None, self.world.epoch)
            self.attempts += 1
            self._move("claimed")

    def _reach(self) -> None:
        """The server judges it; the answer is on its way."""
        assert self.wire is not None
        op, _, _ = self.wire
        commits = len(self.world.server.batches)
        verdict = self.world.judge(op)
        self.wire = (op, verdict, self.world.epoch)
        if len(self.world.server.batches) > commits:
            self.news.append("ours")
        self.at_server |= verdict.verdict == "applied"

    def _answer(self) -> None:
        assert self.wire is not None and self.wire[1] is not None
        (op, verdict, epoch), self.wire = self.wire, None
        assert verdict is not None
        self.world.answer([op], [verdict], epoch)
        if self.state != "sending":
            return
        if verdict.verdict == "rejected":
            self.code = verdict.code or ""
            self._move("refused")
        else:
            self.seq = verdict.seq or 0
            self._move("applied")

    def _fail(self, how: str) -> None:
        """Something other than a verdict comes back, whether it arrived there or not."""
        assert self.wire is not None
        (op, _, _), self.wire = self.wire, None
        self.world.fail([op], FAILURES[how])
        if self.state == "sending":
            self._move("unacceptable" if how == "refused" else "not_taken")

    _lost = partialmethod(_fail, "lost")
    _busy = partialmethod(_fail, "busy")
    _broke = partialmethod(_fail, "broke")
    _token = partialmethod(_fail, "token")
    _refused = partialmethod(_fail, "refused")

    def _again(self) -> None:
        """The server asks for another try."""
        assert self.wire is not None
        (op, _, _), self.wire = self.wire, None
        self.world.answer([op], [Verdict(op.op_id, "retry")])
        if self.state == "sending":
            self._move("not_taken")

    def _late(self) -> None:
        """An answer out of an epoch that is over."""
        assert self.wire is not None
        (op, verdict, epoch), self.wire = self.wire, None
        over = epoch if epoch != self.world.epoch else "another epoch"
        self.world.answer([op], [verdict or Verdict(op.op_id, "applied", seq=1)], over)
        if self.state == "sending":
            self._move("not_taken")

    def _hear(self) -> None:
        """The next commit of the feed."""
        assert self.world.deliver(1) == 1
        self._heard(self.news.pop(0))

    def _heard(self, news: str) -> None:
        if news in TICKS:
            self.tick = max(self.tick or "sent", news, key=TICKS.index)
        elif news == "ours":
            self.tick = (self.tick or "sent") if self.kind == "message" else None
            if target(MOVES, "echoed", self.state):
                self.state, self.seq = "sent", self.world.desk.feed.position.seq
        elif news == "theirs" and self.kind != "message":
            self.is_overtaken = True
            self._ask_again()

    def _ask_again(self) -> None:
        """What the desk holds of the booking makes the press impossible: a person is asked before it is ever sent."""
        if self.is_overtaken and self.attempts == 0:
            self._move("overtaken")

    def _customer(self, what: str) -> None:
        commits = len(self.world.server.batches)
        self.world.customer_has(self.booking, what)
        if len(self.world.server.batches) > commits:
            self.news.append(what)

    _delivered = partialmethod(_customer, "delivered")
    _read = partialmethod(_customer, "read")

    def _theirs(self) -> None:
        """Ben declines the booking, where that is still possible."""
        if self.world.ben_presses(self.booking, "decline"):
            self.news.append("theirs")

    def _kept(self) -> None:
        """A restore that lost nothing."""
        self._restore()

    def _restored(self) -> None:
        """A restore that lost it."""
        self._restore(self.op_id)

    def _restore(self, *without: str) -> None:
        self.world.restore_server(*without)
        if without:
            self.news = [each for each in self.news if each == "theirs"]
            self.at_server, self.tick = False, None
            self._move("restored")
        while self.news:
            self._heard(self.news.pop(0))
        self._ask_again()  # also where they have said yes: a snapshot is another look
        self.seq = min(self.seq, self.world.desk.feed.position.seq)

    def _retry(self) -> None:
        """Send it (again): under its own id, or anew where a verdict stands."""
        now = retry(self.world.context, self.op_id)
        if now != self.op_id:
            self.op_id, self.state, self.attempts, self.at_server = now, "queued", 0, False
            self.wire = None
            self.shown.append(ANEW)
        else:
            self._move("confirmed")

    def _online(self) -> None:
        self.stage.be_joined(joined=True)

    def _offline(self) -> None:
        self.stage.be_joined(joined=False)

    def _discard(self) -> None:
        discard(self.world.context, self.op_id)
        self._move("discarded")

    def _restart(self) -> None:
        self.stage.restart(self.booking)
        self.wire = None
        if self.state == "sending":
            self._move("not_taken")


def _nothing() -> None:
    """Nobody asks."""
