"""Just after a restore, what speaks of something that may be on its way back is neither done nor refused."""

from pathlib import Path

import pytest

from contract.actors import Actor
from contract.ids import new_id
from contract.moments import to_ms, to_text
from contract.operations import CreateBooking, Operation, RemoveMessage, SendMessage, write_payload
from server.actions.after_restore import COMING_BACK_MS
from server.actions.perform import perform
from server.store.tables import messages, operations
from server.store.transactions import WriteTx
from tests.support.writing_desk import WritingDesk

OLGA = Actor(new_id(), "operator", "Olga")
OTTO = Actor(new_id(), "operator", "Otto")
CARA = Actor(new_id(), "customer", "Cara")


class RestoredDesk(WritingDesk):
    """Its history began `ago_ms` before now."""

    def __init__(self, folder: Path, ago_ms: int) -> None:
        super().__init__(folder)
        self.began_ms = to_ms(self.write(lambda tx: tx.now)) - ago_ms
        digits = f"{self.began_ms:012x}"
        self.writer.tx.epoch = f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"

    def made(self, kind: str, payload: object, booking_id: str | None, before_ms: int | None = 5_000) -> Operation:
        """Made so long before this history began; None: who knows when."""
        at = None if before_ms is None else to_text(self.began_ms - before_ms)
        return Operation(new_id(), kind, booking_id, write_payload(payload), None, at)  # type: ignore[arg-type]

    def told(self, operation: Operation, actor: Actor = OLGA) -> tuple[str, str | None]:
        def job(tx: WriteTx) -> tuple[str, str | None]:
            verdict = perform(tx, self.workflows, actor, None, operation)
            return verdict.verdict, verdict.code

        answer: tuple[str, str | None] = self.write(job)
        return answer


def test_that_a_line_in_a_booking_that_comes_back_is_asked_for_again_and_taken(tmp_path: Path) -> None:
    with RestoredDesk(tmp_path, 10_000) as desk:
        opened = desk.made("booking.create", CreateBooking("protection"), None)
        line = desk.made("message.send", SendMessage("On our way"), opened.op_id)
        assert desk.told(line, OTTO) == ("retry", "booking_not_found")
        assert desk.rows(operations) == []
        assert desk.told(opened) == ("applied", None)
        assert desk.told(line, OTTO) == ("applied", None)
        removal = desk.made("message.remove", RemoveMessage(line.op_id), opened.op_id)
        assert desk.told(removal, OTTO) == ("applied", None)


def test_that_a_removal_waits_for_the_message_it_speaks_of(tmp_path: Path) -> None:
    with RestoredDesk(tmp_path, 10_000) as desk:
        booking_id = desk.booking(OLGA)
        line = desk.made("message.send", SendMessage("On our way"), booking_id)
        removal = desk.made("message.remove", RemoveMessage(line.op_id), booking_id)
        assert desk.told(removal) == ("retry", "message_not_found")
        assert desk.told(line) == ("applied", None)
        assert desk.told(removal) == ("applied", None)
        assert desk.rows(messages, messages.c.id == line.op_id)[0]["deleted_at"] is not None


@pytest.mark.parametrize(
    ("ago_ms", "before_ms"),
    [(COMING_BACK_MS + 1_000, 5_000), (10_000, -1), (10_000, None), (-60_000, 5_000)],
    ids=["too late", "made since", "nobody knows when", "a history from the future"],
)
def test_that_otherwise_it_is_refused_at_once_and_for_good(tmp_path: Path, ago_ms: int, before_ms: int | None) -> None:
    with RestoredDesk(tmp_path, ago_ms) as desk:
        line = desk.made("message.send", SendMessage("Hello"), new_id(), before_ms)
        assert desk.told(line) == desk.told(line) == ("rejected", "booking_not_found")
        assert len(desk.rows(operations)) == 1


def test_that_a_booking_that_is_there_for_others_is_answered_for_in_the_same_words(tmp_path: Path) -> None:
    with RestoredDesk(tmp_path, 10_000) as desk:
        theirs = desk.booking(OLGA)
        line = desk.made("message.send", SendMessage("Hello"), theirs)
        assert desk.told(line, CARA) == ("retry", "booking_not_found")
