"""kill -9 in the middle of a batch: nothing acknowledged is missing, nothing is there twice."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from contract.operations import CreateBooking, Operation, SendMessage, write_payload
from server.actions.perform import perform
from server.store.checks import store_checks
from server.store.tables import messages, operations
from tests.support.engines import at_a_prompt, settings_for
from tests.support.writing_desk import WritingDesk
from tests.support.writing_process import OLGA

ROOT = Path(__file__).resolve().parents[3]


def killed_while_writing(data_dir: Path, booking_id: str, seconds: float) -> tuple[list[str], set[str]]:
    """Ids asked for, in order, and those acknowledged."""
    url = settings_for(data_dir).url or ""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.writing_process", str(data_dir), booking_id, url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            lines.append(process.stdout.readline())
        process.kill()
        lines += process.stdout.readlines()
    said = [line.split() for line in lines if line.endswith("\n")]
    return [op_id for op_id, what in said if what == "asked"], {op_id for op_id, what in said if what == "applied"}


def sent_again(desk: WritingDesk, operation: Operation) -> str:
    return str(desk.write(lambda tx: perform(tx, desk.workflows, OLGA, "device", operation)).verdict)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.7])
def test_that_a_killed_server_has_every_acknowledged_message_once(tmp_path: Path, seconds: float) -> None:
    data_dir = tmp_path / "data"
    with WritingDesk(data_dir) as desk:
        booking_id = desk.booking(OLGA)
    asked, acknowledged = killed_while_writing(data_dir, booking_id, seconds)
    assert acknowledged
    with WritingDesk(data_dir) as desk:
        stored = [row["id"] for row in desk.rows(messages, messages.c.kind == "text")]
        recorded = {row["op_id"] for row in desk.rows(operations, operations.c.kind == "message.send")}
        assert acknowledged <= set(stored)
        assert len(stored) == len(set(stored))
        assert recorded == set(stored)
        assert [check for check in desk.write(store_checks) if check.problem] == []
        for op_id in asked[-300:]:  # everything in doubt is sent again, as a client would
            operation = Operation(op_id, "message.send", booking_id, write_payload(SendMessage(f"Line {op_id}")))
            assert sent_again(desk, operation) == "applied"
        stored = [row["id"] for row in desk.rows(messages, messages.c.kind == "text")]
        assert set(asked) == set(stored)
        assert len(stored) == len(set(stored))


def test_that_a_half_done_creation_leaves_nothing(tmp_path: Path) -> None:
    """The welcome message cannot be written: neither can the booking."""
    with WritingDesk(tmp_path) as desk:
        at_a_prompt(desk.settings, "DROP TABLE status_history")
        operation = Operation(OLGA.user_id, "booking.create", None, write_payload(CreateBooking("chat")))
        (outcome,) = desk.run(lambda tx: perform(tx, desk.workflows, OLGA, None, operation))
        assert isinstance(outcome, Exception)
        assert desk.rows(operations) == []
        assert desk.changes() == []
