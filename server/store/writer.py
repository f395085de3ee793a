"""The writing connection and what is kept in memory beside it: transactions, savepoints, and reading off the feed."""

import structlog

from contract.errors import Refusal
from server.store.delivery import UNCONFIRMED, DeliveryBoard
from server.store.facts import FactsCache
from server.store.feed import Batch, BookingFacts
from server.store.feed_reader import FACTS, NEW_LINES, facts_of_row, first_known, with_facts
from server.store.link import Link
from server.store.transactions import WriteTx

log = structlog.get_logger(__name__)

_LINES_LOOKED_THROUGH = 20_000


class Writer:
    """Used by one thread at a time: the committer's, or a command's while no server runs.

    `head` and `floor` are those of the feed as read last; `seq_of` holds each operation's last line in that batch;
    `behind`: it could not be read to its end.
    What is known of bookings comes from the feed alone. Where this server is the only one, operations are judged by
    it, too; on a shared database by rows read and locked in the transaction, and memory serves fan-out only.
    """

    def __init__(self, link: Link, epoch: str) -> None:
        self._link = link
        self._execute = link.execute
        self._known = FactsCache()
        self._to_judge_by = FactsCache() if link.shared else self._known
        self._delivery = DeliveryBoard()
        self.epoch = epoch
        self.tx = WriteTx(link, epoch, self._to_judge_by, self._delivery)
        self._data_version = link.data_version()  # before the head: what is committed between the two is read again
        with link.one_moment():
            self._delivery.load(self.tx.fetch(UNCONFIRMED, _LINES_LOOKED_THROUGH))
            self.head = self.tx.head
            self.floor = self.tx.floor
        self.seq_of: dict[str, int] = {}
        self.behind = False
        self._remembered_at_mark = 0

    def begin(self, now_ms: int) -> list[Batch]:
        """Starts the transaction, alone among all servers; what other programs committed before it, where operations
        are judged by memory. Raises a driver's error when it cannot be had."""
        self._link.begin_write()
        if self._link.shared:
            self._to_judge_by.clear()
        self.tx.begin_at(now_ms)
        batches = [] if self._link.shared else self.foreign_batch()
        self.tx.read_upto = self.head
        return batches

    @property
    def rows_written(self) -> int:
        """Rises with every row that jobs write."""
        return self.tx.rows_written

    @property
    def spoilt(self) -> bool:
        """Whether the transaction can only be rolled back, whatever was written."""
        return self._link.spoilt

    @property
    def driver_errors(self) -> tuple[type[Exception], ...]:
        return self._link.driver_errors

    def passing(self, error: Exception) -> bool:
        """Whether the transaction is worth running again."""
        return self._link.passing(error)

    def start_over(self) -> list[Batch]:
        """The same transaction from its beginning, at the same moment. Others may have committed in between: as
        `begin`."""
        self.roll_back()
        return self.begin(self.tx.now_ms)

    def mark(self) -> None:
        """From here on, `undo` takes back."""
        self._execute("SAVEPOINT job")
        self._remembered_at_mark = len(self.tx.to_remember)

    def release(self) -> None:
        self._execute("RELEASE job")

    def undo(self, error: Exception) -> None:
        """Takes back what was done since the mark; raises when the whole transaction is lost with it."""
        if not self._link.in_transaction:
            raise self._link.driver_errors[0](str(error)) from error
        self._execute("ROLLBACK TO job")
        self._execute("RELEASE job")
        del self.tx.to_remember[self._remembered_at_mark :]

    def answer_for(self, error: Exception) -> Exception:
        """What a job's exception is to whoever submitted it: a failing database is only `unavailable`."""
        refusal = self._link.refusal_for(error)
        if refusal is None:
            return error
        if refusal.code == "unavailable":
            self._report("job_failed", error)
        return refusal

    def failed(self, error: Exception, jobs: int) -> Refusal:
        """The same for all jobs of a commit that failed."""
        self._report("commit_failed", error, jobs=jobs)
        return self._link.refusal_for(error) or Refusal("unavailable", {"reason": str(error)}, retry_after=1.0)

    def _report(self, event: str, error: Exception, **values: int) -> None:
        if not self._link.away:  # an outage is told once, by the link
            log.error(event, reason=str(getattr(error, "orig", error)), **values)

    def commit(self) -> None:
        self._link.commit()
        for remember in self.tx.to_remember:
            remember()
        self.tx.to_remember.clear()

    def roll_back(self) -> None:
        """Ends a failed transaction, wherever it failed."""
        self._link.roll_back()
        self.tx.to_remember.clear()
        self._known.settle()

    def foreign_batch(self) -> list[Batch]:
        """What other programs have committed since the feed was read last: one batch or none."""
        version = self._link.data_version()
        if version == self._data_version and not self.behind:
            return []
        batch = self._read_feed()
        self._data_version = version
        return [] if batch is None else [batch]

    def look_around(self) -> list[Batch]:
        """The same between transactions; nothing where the feed cannot be read now."""
        try:
            return self.foreign_batch()
        except self._link.driver_errors as error:
            self._report("feed_unreadable", error)
            return []

    def published_batch(self) -> Batch | None:
        """The lines of the transaction just committed, and of others'. Unreadable ones are told of with the next."""
        self.seq_of = {}
        try:
            batch = self._read_feed()
        except self._link.driver_errors as error:
            self._report("feed_unreadable", error)
            batch = None
        self._known.settle()
        return batch

    def tell_others(self) -> None:
        """Hints to other servers that there is something to read."""
        self._link.tell_others()

    def close(self) -> None:
        self._link.close()

    def _read_feed(self) -> Batch | None:
        if self.behind:
            self._known.clear()  # it may have learnt from lines that are now read again
        self.behind = True
        with self._link.one_moment():
            lines = self.tx.fetch(NEW_LINES, self.head)
            if lines and lines[0][0] != self.head + 1:  # others have shortened the feed while this server stood still
                self._known.clear()
            changes = with_facts(lines, self._known, first_known(lines, self._read_facts)) if lines else []
            self.floor = self.tx.floor
        self.behind = False
        if not changes:
            return None
        self._delivery.learn(changes)
        self.seq_of = {change.op_id: change.seq for change in changes if change.op_id is not None}
        self.head = changes[-1].seq
        return Batch(self.epoch, changes[0].seq, self.head, changes)

    def _read_facts(self, booking_id: str) -> BookingFacts | None:
        rows = self.tx.fetch(FACTS, booking_id)
        return facts_of_row(rows[0] if rows else None)
