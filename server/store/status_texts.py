"""Tells the database what statuses are called, for the system message of a status changed at a SQL prompt."""

from collections.abc import Mapping

import sqlalchemy as sa

from contract.rows import Texts
from contract.workflow import Workflow
from server.store.tables import status_texts
from server.store.transactions import WriteTx

_STATUS = {"en": "Status", "ar": "الحالة"}


def texts_of_status(workflow: Workflow, status: str) -> Texts:
    """The system message of a step that has none of its own (B-03)."""
    label = workflow.statuses[status].label
    return {lang: f"{_STATUS.get(lang, _STATUS['en'])}: {text}" for lang, text in label.items()}


def write_status_texts(tx: WriteTx, workflows: Mapping[str, Workflow]) -> None:
    """Writes all of them anew; at every start, since workflow files change between starts."""
    tx.execute(sa.delete(status_texts))
    for workflow in workflows.values():
        for status in workflow.statuses:
            texts = texts_of_status(workflow, status)
            tx.execute(sa.insert(status_texts).values(workflow=workflow.name, status=status, texts=texts))
