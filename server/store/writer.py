"""The writing connection and what is kept in memory beside it: transactions, savepoints, and reading off the feed."""

import structlog

from contract.errors import Refusal
from server.store import sqlite
from server.store.delivery import DeliveryBoard, read_unconfirmed
from server.store.facts import FactsCache
from server.store.feed import Batch, BookingFacts
from server.store.feed_reader import FACTS, NEW_LINES, facts_of_row, first_known, with_facts
from server.store.transactions import WriteTx

log = structlog.get_logger(__name__)


class Writer:
    """Used by one thread at a time: the committer's, or a command's while no server runs.

    `head` and `floor` are those of the feed as read last; `seq_of` holds each operation's last line in that batch.
    """

    def __init__(self, connection: sqlite.Connection, epoch: str) -> None:
        self._connection = connection
        self._execute = connection.cursor().execute
        self._known = FactsCache()
        self._delivery = DeliveryBoard()
        self._delivery.load(read_unconfirmed(connection))
        self.epoch = epoch
        self.tx = WriteTx(connection, sqlite.queries_over(connection), epoch, self._known, self._delivery)
        self.head = self.tx.head
        self.floor = self.tx.floor
        self.seq_of: dict[str, int] = {}
        self._data_version = self._read_data_version()
        self._behind = False
        self._remembered_at_mark = 0

    def begin(self, now_ms: int) -> None:
        """Starts the transaction, alone among all programs; raises a driver's error when that cannot be had."""
        self._execute("BEGIN IMMEDIATE")
        self.tx.begin_at(now_ms)

    @property
    def rows_written(self) -> int:
        """Rises with every row written, by triggers too."""
        return self._connection.total_changes

    def start_over(self) -> None:
        """The same transaction from its beginning, at the same moment."""
        self.roll_back()
        self._execute("BEGIN IMMEDIATE")

    def mark(self) -> None:
        """From here on, `undo` takes back."""
        self._execute("SAVEPOINT job")
        self._remembered_at_mark = len(self.tx.to_remember)

    def release(self) -> None:
        self._execute("RELEASE job")

    def undo(self, error: Exception) -> None:
        """Takes back what was done since the mark; raises when the whole transaction is lost with it."""
        if not self._connection.in_transaction:
            raise sqlite.OperationalError(str(error)) from error
        self._execute("ROLLBACK TO job")
        self._execute("RELEASE job")
        del self.tx.to_remember[self._remembered_at_mark :]

    def answer_for(self, error: Exception) -> Exception:
        """What a job's exception is to whoever submitted it: a failing database is only `unavailable`."""
        cause = getattr(error, "orig", error)
        if isinstance(cause, sqlite.OperationalError):
            log.error("job_failed", reason=str(cause))
            return Refusal("unavailable", {"reason": str(cause)}, retry_after=1.0)
        return error

    def commit(self) -> None:
        self._execute("COMMIT")
        for remember in self.tx.to_remember:
            remember()
        self.tx.to_remember.clear()

    def roll_back(self) -> None:
        """Ends a failed transaction, wherever it failed."""
        if self._connection.in_transaction:
            self._execute("ROLLBACK")
        self.tx.to_remember.clear()
        self._known.settle()

    def foreign_batch(self) -> list[Batch]:
        """What other programs have committed since the feed was read last: one batch or none."""
        version = self._read_data_version()
        if version == self._data_version and not self._behind:
            return []
        batch = self._read_feed()
        self._data_version = version
        self.floor = self.tx.floor
        return [] if batch is None else [batch]

    def published_batch(self) -> Batch | None:
        """The lines of the transaction just committed. Unreadable ones are told of with the next batch."""
        self.seq_of = {}
        try:
            batch = self._read_feed()
            self.floor = self.tx.floor
        except sqlite.DriverError:
            log.exception("feed_unreadable")
            self._behind = True
            batch = None
        self._known.settle()
        return batch

    def close(self) -> None:
        self._connection.close()

    def _read_feed(self) -> Batch | None:
        lines = self.tx.fetch(NEW_LINES, self.head)
        self._behind = False
        if not lines:
            return None
        changes = with_facts(lines, self._known, first_known(lines, self._read_facts))
        self._delivery.learn(changes)
        self.seq_of = {change.op_id: change.seq for change in changes if change.op_id is not None}
        from_seq, self.head = self.head + 1, changes[-1].seq
        return Batch(self.epoch, from_seq, self.head, changes)

    def _read_facts(self, booking_id: str) -> BookingFacts | None:
        rows = self.tx.fetch(FACTS, booking_id)
        return facts_of_row(rows[0] if rows else None)

    def _read_data_version(self) -> int:
        row = self._execute("PRAGMA data_version").fetchone()
        return int(row[0]) if row else 0
