"""From a request's operations to their verdicts, the same for socket and HTTP: each its own job of the group commit."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec
import structlog

from contract.actors import Actor
from contract.errors import Refusal
from contract.operations import MAX_BATCH, Operation
from contract.verdicts import OpsReply, OpsRequest, Verdict, VerdictKind
from contract.workflow import Workflow
from server.actions.perform import perform
from server.store.store import Store
from server.store.transactions import WriteTx

Answer = OpsReply | Refusal
_decode_operation = msgspec.json.Decoder(Operation).decode
_log = structlog.get_logger("operations")


class Operations:
    """`operation_done` is told (kind, verdict) of each operation judged."""

    def __init__(
        self, store: Store, workflows: Mapping[str, Workflow], operation_done: Callable[[str, str], None]
    ) -> None:
        self.store = store
        self.workflows = workflows
        self.operation_done = operation_done

    def submit(self, actor: Actor, request: OpsRequest, done: Callable[[Answer], None]) -> int:
        """Starts all operations and returns their number; `done` is called once, when all have their verdict.

        Raises Refusal where the request as a whole is wrong: nothing has been done then. An operation refused for
        itself (op_id_reuse, invalid_payload) is a rejected verdict among others, and the answer when it is alone."""
        if request.epoch is not None and request.epoch != self.store.epoch:
            raise Refusal("epoch_changed", {"epoch": self.store.epoch})
        if len(request.ops) > MAX_BATCH:
            raise Refusal("too_many_ops", {"limit": MAX_BATCH})
        operations = [read_operation(raw, at) for at, raw in enumerate(request.ops)]
        if operations:
            _Batch(self, actor, request, operations, done).start()
        else:
            done(OpsReply(self.store.epoch, self.store.head, []))
        return len(operations)

    async def perform(self, actor: Actor, request: OpsRequest) -> OpsReply:
        """The awaitable form; raises the Refusal."""
        waiter: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def done(answer: Answer) -> None:
            if not waiter.cancelled():
                waiter.set_result(answer)

        self.submit(actor, request, done)
        answer = await waiter
        if isinstance(answer, Refusal):
            raise answer
        return answer


class _Batch:
    """One request's operations on their way."""

    __slots__ = ("_actor", "_device_id", "_done", "_epoch", "_left", "_operations", "_owner", "_results")

    def __init__(
        self,
        owner: Operations,
        actor: Actor,
        request: OpsRequest,
        operations: list[Operation],
        done: Callable[[Answer], None],
    ) -> None:
        self._owner = owner
        self._actor = actor
        self._device_id = request.device_id
        self._epoch = request.epoch
        self._operations = operations
        self._results: list[Any] = [None] * len(operations)
        self._left = len(operations)
        self._done = done

    def start(self) -> None:
        for at, operation in enumerate(self._operations):
            self._owner.store.submit(partial(self._perform, operation), partial(self._judged, at))

    def _perform(self, operation: Operation, tx: WriteTx) -> Verdict:
        return perform(tx, self._owner.workflows, self._actor, self._device_id, operation, self._epoch)

    def _judged(self, at: int, result: Verdict | BaseException) -> None:
        operation = self._operations[at]
        verdict = result if isinstance(result, Verdict) else _verdict_of_error(operation, result)
        self._owner.operation_done(operation.kind, verdict.verdict)
        self._results[at] = verdict if len(self._results) > 1 or not isinstance(result, Refusal) else result
        self._left -= 1
        if self._left == 0:
            self._done(self._answer())

    def _answer(self) -> Answer:
        first = self._results[0]
        store = self._owner.store
        return first if isinstance(first, Refusal) else OpsReply(store.epoch, store.head, self._results)


def read_operation(raw: msgspec.Raw, at: int) -> Operation:
    """The operation at that place of a request; raises Refusal `invalid_payload`."""
    try:
        return _decode_operation(raw)
    except msgspec.MsgspecError as error:
        raise Refusal("invalid_payload", {"field": f"ops[{at}]", "problem": str(error)}) from error


def _verdict_of_error(operation: Operation, error: BaseException) -> Verdict:
    """Refused for itself: never. Anything else recorded nothing: again."""
    if isinstance(error, Refusal):
        return verdict_of_refusal(operation, error)
    _log.error("operation failed", op_id=operation.op_id, kind=operation.kind, exc_info=error)
    return Verdict(operation.op_id, "retry", code="internal")


def verdict_of_refusal(operation: Operation, refusal: Refusal) -> Verdict:
    """One operation's refusal among the verdicts of others."""
    kind: VerdictKind = "retry" if refusal.status >= 500 or refusal.status == 429 else "rejected"
    current = refusal.details if isinstance(refusal.details, dict) else None
    return Verdict(operation.op_id, kind, code=refusal.code, message=refusal.message, current=current)
