"""From a seed app's request to one operation performed, and its verdict as that app expects it: a row or an error."""

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request

from contract.actors import Actor
from contract.errors import Refusal
from contract.ids import canonical_id, derived_id, new_id
from contract.operations import Expect, Operation, OperationKind, Payload, write_payload
from contract.verdicts import Verdict
from contract.workflow import Workflow
from server.access.visibility import Visibility
from server.actions.perform import perform
from server.store.store import Store
from server.store.transactions import WriteTx


class BookingApi(msgspec.Struct, frozen=True):
    """What this door leans on; `app.py` hands it in."""

    store: Store
    workflows: dict[str, Workflow]
    visibility: Visibility
    operation_done: Callable[[str, str], None]
    """(kind, verdict) of every operation judged."""


Answered = tuple[Verdict, dict[str, Any]]
"""The verdict, and whatever the door read in the same transaction to answer with."""


def operation_id(request: Request, actor: Actor, *sent: str | None) -> str:
    """The id that makes a repeat harmless: sent in the body or query, else from the header Idempotency-Key (any text,
    made an id of that person's), else fresh. Refusal when what was sent is no UUID."""
    for value in sent:
        if value is not None:
            found = canonical_id(value)
            if found is None:
                raise Refusal("invalid_payload", {"field": "id", "problem": "Expected a UUID"})
            return found
    key = request.headers.get("idempotency-key", "").strip()
    if not key:
        return new_id()
    return canonical_id(key) or derived_id(actor.user_id, f"idempotency-key/{key}")


def make_operation(
    op_id: str, kind: OperationKind, booking: str | None, payload: Payload, expect: Expect | None = None
) -> Operation:
    return Operation(op_id=op_id, kind=kind, booking_id=booking, payload=write_payload(payload), expect=expect)


async def act(
    api: BookingApi, actor: Actor, operation: Operation, look: Callable[[WriteTx, Verdict], dict[str, Any]]
) -> Answered:
    """Performs the operation and reads the answer in one transaction. A rejected verdict becomes the Refusal of its
    code, with what stands instead as details; it stays stored."""

    def job(tx: WriteTx) -> Answered:
        verdict = perform(tx, api.workflows, actor, None, operation)
        return verdict, look(tx, verdict) if verdict.verdict in ("applied", "noop") else {}

    verdict, found = await api.store.write(job)
    api.operation_done(operation.kind, verdict.verdict)
    if verdict.verdict == "rejected":
        raise Refusal(verdict.code or "internal", verdict.current)
    if verdict.verdict == "retry":
        raise Refusal("unavailable", retry_after=1)
    return verdict, found
