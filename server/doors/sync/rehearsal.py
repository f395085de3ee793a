"""POST /sync/v1/rehearse: what would become of these operations, judged one after the other, and nothing done."""

from collections.abc import Mapping, Sequence

from contract.actors import Actor
from contract.errors import Refusal
from contract.operations import MAX_REHEARSED, Operation
from contract.verdicts import OpsReply, OpsRequest, Verdict
from contract.workflow import Workflow
from server.actions.perform import perform
from server.doors.sync.operations import read_operation, verdict_of_refusal
from server.store.store import Store
from server.store.transactions import WriteTx


class _Over(Exception):
    """Ends the job so that the store takes back all it wrote, like any job's that fails."""

    def __init__(self, verdicts: list[Verdict]) -> None:
        super().__init__("rehearsed")
        self.verdicts = verdicts


async def rehearse(store: Store, workflows: Mapping[str, Workflow], actor: Actor, request: OpsRequest) -> OpsReply:
    """The verdicts that the same operations would get if they came now, in this order. Raises Refusal where the
    request as a whole is wrong."""
    if request.epoch is not None and request.epoch != store.epoch:
        raise Refusal("epoch_changed", {"epoch": store.epoch})
    if len(request.ops) > MAX_REHEARSED:
        raise Refusal("too_many_ops", {"limit": MAX_REHEARSED})
    operations = [read_operation(raw, at) for at, raw in enumerate(request.ops)]

    def job(tx: WriteTx) -> None:
        raise _Over(_judge_all(tx, workflows, actor, request.device_id, operations))

    try:
        await store.write(job)
    except _Over as over:
        return OpsReply(store.epoch, store.head, over.verdicts)
    raise AssertionError("a rehearsal always ends with its verdicts")


def _judge_all(
    tx: WriteTx, workflows: Mapping[str, Workflow], actor: Actor, device_id: str, operations: Sequence[Operation]
) -> list[Verdict]:
    """Each sees what those before it would have done. After an id that is in use already the transaction may be of no
    more use: the rest is not judged (`retry`)."""
    verdicts: list[Verdict] = []
    for operation in operations:
        try:
            verdicts.append(perform(tx, workflows, actor, device_id, operation))
        except Refusal as refusal:
            verdicts.append(verdict_of_refusal(operation, refusal))
            if refusal.code == "op_id_reuse":
                break
    return verdicts + [Verdict(operation.op_id, "retry") for operation in operations[len(verdicts) :]]
