"""What screens ask the cache on the loop's thread: short queries through a connection that cannot write."""

import time
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from contract.ids import canonical_code, canonical_id
from contract.rows import Booking, Profile
from contract.workflow import Workflow
from desktop.state.life_line import LifeLine
from desktop.state.lines import BookingDetail, BookingLine, Conversation, Me, MessageLine, OutboxLine, ViewCount
from desktop.state.new_bookings import NewBooking
from desktop.state.pending import PendingOp
from desktop.store.booking_details import booking_detail
from desktop.store.booking_lines import booking_lines
from desktop.store.cache_position import CachePosition, read_position
from desktop.store.cache_rows import struct_of
from desktop.store.conversations import conversation, one_line
from desktop.store.effects import shown_effects
from desktop.store.errors import Damaged, OutboxDamaged, StoreError
from desktop.store.life_lines import life_line, receipts_of
from desktop.store.listing import order, views
from desktop.store.new_bookings import listed, new_bookings
from desktop.store.op_evidence import Proved
from desktop.store.op_words import in_words
from desktop.store.outbox_store import OutboxStore
from desktop.store.sqlcipher import connect, translated

if TYPE_CHECKING:
    from sqlite3 import Connection

F = TypeVar("F", bound=Callable[..., Any])
_decode_workflow = msgspec.json.Decoder(Workflow).decode


def _answering(empty: Callable[[], Any]) -> Callable[[F], F]:
    """A damaged file must not take the window down: the question is answered with nothing, the damage reported, each
    file's to whoever takes care of it."""

    def around(question: F) -> F:
        @wraps(question)
        def answer(reader: "CacheReader", *args: Any, **kwargs: Any) -> Any:
            try:
                return question(reader, *args, **kwargs)
            except (Damaged, msgspec.DecodeError) as error:
                # The cipher signs its pages, yet the last page of a file can come back as rubbish without an error.
                reader.on_damage(Damaged(str(error)))
                return empty()
            except OutboxDamaged as error:
                reader.on_outbox_damage(error)
                return empty()

        return cast("F", answer)

    return around


def _nothing() -> None:
    return None


class CacheReader:
    def __init__(self, path: Path, key: bytes, outbox: OutboxStore, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._key = key
        self._outbox = outbox
        self._clock = clock
        self._connection: Connection = connect(path, key, durable=False, read_only=True)
        self.workflows: dict[str, Workflow] = {}
        """By name, as the server last told."""
        self.on_damage: Callable[[Damaged], None] = _raise
        """Called when a question meets a damaged page of the cache."""
        self.on_outbox_damage: Callable[[OutboxDamaged], None] = _raise
        """The same, of the outbox."""
        self.read_workflows()

    def close(self) -> None:
        self._connection.close()

    def reopen(self) -> None:
        """After the file was replaced."""
        self._connection.close()
        self._connection = connect(self._path, self._key, durable=False, read_only=True)
        self.read_workflows()

    def read_workflows(self) -> None:
        """Raises Damaged."""
        with translated():
            rows = self._connection.execute("SELECT name, body FROM workflows").fetchall()
        try:
            found = {row["name"]: _decode_workflow(row["body"]) for row in rows}
        except msgspec.DecodeError as error:
            raise Damaged(str(error)) from error
        self.workflows.clear()
        self.workflows.update(found)

    def position(self) -> CachePosition:
        with translated():
            return read_position(self._connection)

    # --- the list ----------------------------------------------------------------------------------------------------

    @_answering(list[ViewCount])
    def views(self, me: Me) -> list[ViewCount]:
        """The left rail. A scan of an index: with very many bookings ask the worker instead."""
        return views(self._connection, me, self.workflows, list(self.new_bookings().values()))

    @_answering(lambda: array("q"))
    def order(self, view_key: str, filter_text: str, me: Me) -> "array[int]":
        """Row numbers of a view in its order; as with views, the worker is for more than a few thousand."""
        return self.new_rows(view_key, filter_text, me) + order(self._connection, view_key, filter_text, me)

    @_answering(lambda: array("q"))
    def new_rows(self, view_key: str, filter_text: str, me: Me) -> "array[int]":
        """Row numbers, all below zero, of the bookings opened here that the cache does not hold yet."""
        return array("q", listed(self.new_bookings(), view_key, filter_text, me))

    @_answering(dict[str, NewBooking])
    def new_bookings(self) -> dict[str, NewBooking]:
        """By id, the newest first."""
        return new_bookings(self._connection, self._outbox, self.workflows)

    @_answering(list[BookingLine])
    def booking_lines(self, rows: Sequence[int], me: Me) -> list[BookingLine]:
        """The given rows, in that order; those that are gone are left out."""
        return booking_lines(self._connection, self._outbox, self.workflows, rows, me)

    @_answering(_nothing)
    def row_number(self, booking_id: str) -> int | None:
        with translated():
            row = self._connection.execute("SELECT num FROM bookings WHERE id = ?", (booking_id,)).fetchone()
        new = None if row else self.new_bookings().get(booking_id)
        return row["num"] if row else new.row_number if new else None

    @_answering(int)
    def last_row_number(self) -> int:
        """About how many bookings are held: after some were forgotten it says a few too many."""
        with translated():
            return int(self._connection.execute("SELECT COALESCE(MAX(num), 0) FROM bookings").fetchone()[0])

    # --- one booking -------------------------------------------------------------------------------------------------

    def conversation(self, booking_id: str, me: Me, limit: int = 50, before: int | None = None) -> Conversation:
        """The newest `limit` lines below position `before`, oldest first, with what the outbox adds."""
        try:
            return conversation(self._connection, self._outbox, booking_id, me, limit, before)
        except (Damaged, msgspec.DecodeError) as error:
            self.on_damage(Damaged(str(error)))
            return Conversation(booking_id, (), None, more=False)
        except OutboxDamaged as error:
            self.on_outbox_damage(error)
            return Conversation(booking_id, (), None, more=False)

    @_answering(_nothing)
    def line(self, booking_id: str, message_id: str, me: Me) -> MessageLine | None:
        """One line as its conversation shows it, without how far the other side has it; None where it is not here."""
        return one_line(self._connection, self._outbox, booking_id, message_id, me)

    @_answering(_nothing)
    def detail(self, booking_id: str, me: Me) -> BookingDetail | None:
        return booking_detail(self._connection, self._outbox, self.workflows, booking_id, me, self._clock())

    @_answering(_nothing)
    def booking(self, booking_id: str) -> Booking | None:
        """The stored row, or what it will be where only the outbox knows the booking."""
        with translated():
            row = self._connection.execute("SELECT * FROM bookings WHERE id = ?", (booking_id,)).fetchone()
        new = None if row else self.new_bookings().get(booking_id)
        return struct_of("bookings", row) if row else new.booking if new else None

    @_answering(_nothing)
    def find_booking(self, id_or_code: str) -> str | None:
        """The id of the booking with this id or code (X-06)."""
        found, code = canonical_id(id_or_code), canonical_code(id_or_code)
        with translated():
            row = self._connection.execute("SELECT id FROM bookings WHERE id = ? OR code = ?", (found, code)).fetchone()
        if row is None:
            return next((new.booking.id for new in self.new_bookings().values() if found == new.booking.id), None)
        return str(row["id"])

    def shown_effects(self, ops: Iterable[PendingOp]) -> set[str]:
        """Ids of those of `ops` whose own row is held."""
        return shown_effects(self._connection, ops)

    def receipts_of(self, message_ids: Iterable[str]) -> list[Proved]:
        """What the other side's receipts prove of these messages."""
        return receipts_of(self._connection, message_ids)

    @_answering(_nothing)
    def life_line(self, op_id: str, me: Me) -> LifeLine | None:
        """What is known to have happened to an operation, or to the message of that id; None where it is unknown."""
        return life_line(self._connection, self._outbox, self.workflows, op_id, me)

    @_answering(list[Profile])
    def people(self) -> list[Profile]:
        """Everyone known here whose account is open, by name: a booking can be given to those at the desk."""
        with translated():
            rows = self._connection.execute("SELECT * FROM profiles WHERE disabled_at IS NULL ORDER BY name").fetchall()
        return [struct_of("profiles", row) for row in rows]

    def lowest_held(self, booking_id: str) -> tuple[int, bool] | None:
        """The lowest position without a hole above it, and whether the server has older lines."""
        with translated():
            row = self._connection.execute("SELECT lo, more FROM ranges WHERE booking_id = ?", (booking_id,)).fetchone()
        return (row["lo"], bool(row["more"])) if row else None

    # --- the outbox, with the cache's words --------------------------------------------------------------------------

    @_answering(list[OutboxLine])
    def outbox_lines(self, me: Me) -> list[OutboxLine]:
        """Everything unfinished, oldest first, in words."""
        return [self._outbox_line(op, me) for op in self._outbox.unfinished()]

    def _outbox_line(self, op: PendingOp, me: Me) -> OutboxLine:
        booking = self.booking(op.lane)
        refused = "needs_decision" if op.is_conflict else "failed"
        return OutboxLine(
            op_id=op.op_id,
            booking_id=op.lane,
            booking_code=booking.code if booking else "",
            kind=op.kind,
            what=in_words(op, self.workflows.get(booking.workflow) if booking else None, me),
            state=refused if op.state == "rejected" else op.state,
            created_at=op.operation.created_at or "",
            attempts=op.attempts,
            next_try_at=op.not_before or None,
            error=op.error,
            code=op.code,
            can_edit=op.kind == "message.send" and (op.state in {"failed", "rejected"} or _untouched(op)),
        )


def _raise(error: StoreError) -> None:
    raise error


def _untouched(op: PendingOp) -> bool:
    return op.attempts == 0 and op.state in {"queued", "held", "blocked"}
