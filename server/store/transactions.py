"""What a job reads and writes with: one transaction, hot statements on the cursor, the rest through SQLAlchemy."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from contract.moments import to_text
from server.store.delivery import DeliveryBoard
from server.store.dialects import insert
from server.store.facts import FactsCache
from server.store.feed import BookingFacts
from server.store.feed_reader import FACTS, FACTS_BY_CODE, FACTS_BY_CODE_LOCKED, FACTS_LOCKED, facts_of_row
from server.store.link import Link
from server.store.prepared import Prepared
from server.store.tables import bookings, changes

_HEAD = Prepared(sa.select(sa.func.coalesce(sa.func.max(changes.c.seq), 0)))
_FLOOR = Prepared(sa.select(sa.func.coalesce(sa.func.min(changes.c.seq), 1) - 1))


class ReadTx:
    """One read transaction: everything read is as of the same `head`."""

    def __init__(self, link: Link, epoch: str) -> None:
        self.epoch = epoch
        self._link = link
        self._dialect = link.dialect

    @property
    def head(self) -> int:
        """The newest seq in this transaction's view."""
        return int(self.fetch(_HEAD)[0][0])

    @property
    def floor(self) -> int:
        """The oldest cursor that the feed can still continue from."""
        return int(self.fetch(_FLOOR)[0][0])

    def rows(self, statement: sa.Executable, **parameters: Any) -> list[dict[str, Any]]:
        """Rows by column name, JSON and booleans as Python values."""
        return [dict(row) for row in self._link.queries.execute(statement, parameters).mappings()]

    def one(self, statement: sa.Executable, **parameters: Any) -> dict[str, Any] | None:
        """The first row, or None."""
        row = self._link.queries.execute(statement, parameters).mappings().first()
        return None if row is None else dict(row)

    def value(self, statement: sa.Executable, **parameters: Any) -> Any:
        """The first column of the first row, or None."""
        return self._link.queries.execute(statement, parameters).scalar()

    def fetch(self, prepared: Prepared, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a hot query as the driver gives them."""
        ready = prepared.on[self._dialect]
        return self._link.execute(ready.sql, ready.bind(values)).fetchall()

    def damage(self) -> str:
        """What the database finds wrong with itself; empty when nothing."""
        return self._link.damage()

    def missing_triggers(self) -> str:
        """Which of the triggers that write the feed are not as they should be; empty when all are."""
        wrong = ", ".join(self._link.wrong_triggers())
        return f"Triggers are missing or changed: {wrong}. They are put right at the next start." if wrong else ""

    def facts(self, booking_id: str) -> BookingFacts | None:
        """The facts of a booking as this transaction sees them."""
        return _facts_in(self.fetch(FACTS, booking_id))

    def facts_in_memory(self, booking_id: str) -> BookingFacts | None:
        """The same where it costs nothing; None says nothing."""
        return None

    def facts_by_code(self, code: str) -> BookingFacts | None:
        return _facts_in(self.fetch(FACTS_BY_CODE, code))


def _facts_in(rows: list[tuple[Any, ...]]) -> BookingFacts | None:
    return facts_of_row(rows[0] if rows else None)


class WriteTx(ReadTx):
    """The writer's transaction. `now` is its moment as text, `now_ms` the same in milliseconds since 1970.

    What is read of a booking stays so until the transaction ends: on a shared database its row is locked first.
    """

    def __init__(self, link: Link, epoch: str, known: FactsCache, delivery: DeliveryBoard) -> None:
        """`known`: the facts to judge by where they are held already; those read meanwhile go there too."""
        super().__init__(link, epoch)
        self.now_ms = 0
        self.now = ""
        self.read_upto = 0
        """The newest line of the feed that this server had read when the transaction began: of newer ones, this
        transaction's own among them, nobody has been told yet."""
        self.delivery = delivery
        self.to_remember: list[Callable[[], None]] = []
        self.rows_written = 0
        self.integrity_errors = link.integrity_errors
        self._known = known
        self._execute = link.execute

    def remember(self, change_memory: Callable[[], None]) -> None:
        """Has something kept in memory changed once, and only if, this transaction is committed: a job may be run
        a second time when another one of its batch fails."""
        self.to_remember.append(change_memory)

    def begin_at(self, now_ms: int) -> None:
        """Sets the transaction's moment."""
        self.now_ms = now_ms
        self.now = to_text(now_ms)

    def run(self, prepared: Prepared, values: tuple[Any, ...]) -> int:
        """Executes a hot statement; the number of rows it wrote."""
        ready = prepared.on[self._dialect]
        written = self._execute(ready.sql, values if ready.plain else ready.bind(values)).rowcount
        self.rows_written += written
        return written

    def execute(self, statement: sa.Executable, **parameters: Any) -> int:
        """Executes a statement built with SQLAlchemy; the number of rows it wrote. Not for the bookings table."""
        if getattr(statement, "table", None) is bookings:
            raise ValueError("write bookings with insert_booking and update_booking: their facts are kept in memory")
        return self._counted(self._link.queries.execute(statement, parameters).rowcount)

    def put(self, table: sa.Table, key: Mapping[str, Any], fresh: Mapping[str, Any], moved: Mapping[str, Any]) -> None:
        """Sets `moved` in the row with that key; where there is none yet, it is made with `fresh` as well."""
        statement = insert(table).values(**key, **fresh, **moved)
        self.execute(statement.on_conflict_do_update(index_elements=[table.c[name] for name in key], set_=dict(moved)))

    def insert_booking(self, values: Mapping[str, Any]) -> None:
        """Writes a new booking; column names to Python values."""
        self._known.doubt(values["id"])
        self._counted(self._link.queries.execute(sa.insert(bookings), dict(values)).rowcount)

    def update_booking(self, booking_id: str, values: Mapping[str, Any]) -> None:
        """Changes a booking's columns."""
        self._known.doubt(booking_id)
        changed = sa.update(bookings).where(bookings.c.id == booking_id).values(**values)
        self._counted(self._link.queries.execute(changed).rowcount)

    def facts(self, booking_id: str) -> BookingFacts | None:
        found = self._known.trusted(booking_id)
        if found is None:
            found = self._held(_facts_in(self.fetch(FACTS_LOCKED, booking_id)))
        return found

    def facts_in_memory(self, booking_id: str) -> BookingFacts | None:
        return self._known.trusted(booking_id)

    def facts_by_code(self, code: str) -> BookingFacts | None:
        booking_id = self._known.id_of_code(code)
        if booking_id is not None:
            found = self.facts(booking_id)
            if found is not None and found.code == code:
                return found
        return _facts_in(self.fetch(FACTS_BY_CODE_LOCKED, code))

    def _held(self, found: BookingFacts | None) -> BookingFacts | None:
        if found is not None and self._known.may_keep(found.id):
            self._known.learn(found)
        return found

    def _counted(self, written: int) -> int:
        self.rows_written += written
        return written
