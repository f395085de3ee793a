"""The store's writer without threads, so that a test can do one operation after the other and look at its commit."""

from functools import cache
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa

from contract.actors import Actor, Role
from contract.ids import new_id
from contract.operations import CreateBooking, Expect, Operation, OperationKind, Payload, SendMessage, write_payload
from contract.verdicts import Verdict
from contract.workflow import Workflow
from contract.workflow_file import load_workflow
from server.access.accounts import create_account
from server.actions.perform import perform
from server.store.committer import Committer, Job
from server.store.database import connect
from server.store.feed import Batch, Change
from server.store.migrate import migrate
from server.store.writer import Writer
from tests.support.engines import at_a_prompt, settings_for

WORKFLOWS_DIR = Path(__file__).resolve().parents[2] / "resources" / "workflows"


@cache
def load_workflows() -> dict[str, Workflow]:
    """The five businesses. Nobody writes into it: all tests have the same."""
    found = (
        load_workflow(path.read_text(encoding="utf-8"), path.name) for path in sorted(WORKFLOWS_DIR.glob("*.yaml"))
    )
    return {workflow.name: workflow for workflow in found}


class WritingDesk:
    """A fresh database in `folder`, or the one that is there. `batches` holds every commit published."""

    def __init__(self, folder: Path) -> None:
        self.settings = settings_for(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.link = connect(self.settings)
        if self.link.dialect == "sqlite":
            self.link.execute("PRAGMA synchronous=OFF")  # other tests pull the plug
        migrate(self.link)
        self.writer = Writer(self.link, "epoch-of-the-test")
        self.committer = Committer(self.writer, self.settings)
        self.workflows = load_workflows()
        self.batches: list[Batch] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.writer.close()

    def run(self, *jobs: Job) -> list[Any]:
        """All in one commit; results and exceptions in the jobs' order."""
        announced = self.committer._commit([(job, lambda result: None) for job in jobs])
        self.batches += announced.batches
        return [result for _, result in announced.answers]

    def write(self, job: Job) -> Any:
        """One job in one commit; raises what it raised."""
        (result,) = self.run(job)
        if isinstance(result, BaseException):
            raise result
        return result

    def by_hand(self, *statements: str) -> None:
        """Another program's changes, and their being noticed."""
        at_a_prompt(self.settings, *statements)
        self.batches += self.writer.foreign_batch()

    def person(self, role: Role, name: str = "", departments: tuple[str, ...] = (), lang: Any = "en") -> Actor:
        """A new person with a profile."""
        name = name or f"{role.title()} {new_id()[-4:]}"
        user_id = self.write(lambda tx: create_account(tx, None, None, name, role, departments, lang=lang))
        return Actor(user_id, role, name, departments, lang)

    def do(
        self,
        actor: Actor,
        kind: OperationKind,
        payload: Payload,
        booking: str | None = None,
        *,
        op_id: str | None = None,
        expect: Expect | None = None,
        epoch: str | None = None,
    ) -> Verdict:
        """One operation in its own commit; raises Refusal where perform does."""
        operation = Operation(op_id or new_id(), kind, booking, write_payload(payload), expect)
        verdict = self.write(lambda tx: perform(tx, self.workflows, actor, "device", operation, epoch))
        assert isinstance(verdict, Verdict)
        return verdict

    def booking(self, actor: Actor, workflow: str = "protection", **values: Any) -> str:
        """The id of a new booking."""
        verdict = self.do(actor, "booking.create", CreateBooking(workflow, **values))
        assert verdict.verdict == "applied", verdict
        assert verdict.result is not None
        return str(verdict.result["id"])

    def say(self, actor: Actor, booking: str, text: str = "Hello", **values: Any) -> str:
        """The id of a new message."""
        verdict = self.do(actor, "message.send", SendMessage(text, **values), booking)
        assert verdict.verdict == "applied", verdict
        return verdict.op_id

    def rows(self, table: sa.Table, *where: Any) -> list[dict[str, Any]]:
        """Rows as they stand, in key order."""
        return self.writer.tx.rows(sa.select(table).where(*where).order_by(*table.primary_key))

    def changes(self) -> list[Change]:
        """Every change published."""
        return [change for batch in self.batches for change in batch.changes]
