"""The outbox: every operation from the click to the server's word, on disk before the screen changes."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from contract.operations import Operation
from desktop.state.op_state import OpEvent, OpState
from desktop.state.pending import Anew, FeedPosition, PendingOp, parent_of
from desktop.store.drafts import Drafts
from desktop.store.op_evidence import OpEvidence
from desktop.store.outbox_access import transaction, translated
from desktop.store.outbox_moves import NOTHING, Outcome, begin, first_state, move, record
from desktop.store.outbox_rows import INSERT, columns_of, pending_op, pending_ops
from desktop.store.outbox_tally import OutboxTally
from desktop.store.profile_facts import ProfileFacts
from desktop.store.read_marks import ReadMarks

if TYPE_CHECKING:
    from sqlite3 import Connection

KEPT_SENT = 14 * 24 * 3600.0
"""Seconds a sent operation is kept, to be offered again should the server be restored to a time before it."""


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    queued: int = 0
    """On their way, or waiting for the network."""
    decisions: int = 0
    """Held, or overtaken by someone else: a person must say."""
    failed: int = 0
    """Refused."""


class OutboxStore:
    """Synchronous, and used on the loop's thread only. All it answers and sends is the author's own: what another
    person queued on this machine waits until that person is back. Every write raises DiskFull when it must."""

    def __init__(
        self, connection: "Connection", clock: Callable[[], float] = time.time, tally: OutboxTally | None = None
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._tally = tally
        self.author_id: str = ""
        """Who is signed in; empty: nobody, and nothing is found."""
        self.drafts = Drafts(connection, clock)
        self.marks = ReadMarks(connection)
        self.facts = ProfileFacts(connection)
        self.evidence = OpEvidence(connection, clock)

    # --- a click -----------------------------------------------------------------------------------------------------

    def add(
        self,
        operation: Operation,
        lane: str,
        *,
        held: bool = False,
        hold_until: float = 0.0,
        supersedes: str | None = None,
        clear_draft: str | None = None,
    ) -> PendingOp:
        """Commits one operation. `held` waits for a person's yes; `hold_until` (time.time()) is the undo's end. The
        operation it supersedes is discarded, the booking's draft of the kind `clear_draft` taken away, in the same
        commit."""
        now = self._clock()
        with transaction(self._connection) as connection:
            if supersedes is not None:
                move(connection, supersedes, "discarded", f"superseded by {operation.op_id}", now)
            self._insert(operation, lane, now, held=held, hold_until=hold_until, supersedes=supersedes)
            if clear_draft is not None:
                self.drafts.clear(self.author_id, lane, clear_draft)
            row = connection.execute("SELECT * FROM outbox WHERE op_id = ?", (operation.op_id,)).fetchone()
        if self._tally is not None:
            self._tally.note(row["local_seq"])
        return pending_op(row)

    def open_anew(
        self, creation: Operation, old_id: str, done_in_it: Iterable[tuple[PendingOp, Operation]], *, held: bool = False
    ) -> None:
        """Puts a booking's creation in the place of the one called `old_id`, and in the same commit whatever was done
        in that booking, each operation with the one that takes its place, oldest first; its drafts go along."""
        new_id, now = creation.op_id, self._clock()
        done_in_it = list(done_in_it)
        with transaction(self._connection) as connection:
            # The newest first, so that none ends for the sake of an earlier one.
            for old, new in reversed(done_in_it):
                move(connection, old.op_id, "discarded", f"superseded by {new.op_id}", now)
            move(connection, old_id, "discarded", f"superseded by {new_id}", now)
            newest = self._insert(creation, new_id, now, held=held, supersedes=old_id)
            for old, new in done_in_it:
                undecided = old.state in {"held", "needs_decision"}
                newest = self._insert(new, new_id, now, held=undecided, supersedes=old.op_id)
            self.drafts.take_along(self.author_id, old_id, new_id)
        if self._tally is not None:
            self._tally.note(newest)

    def settle(self, lane: str, given_up: Iterable[tuple[str, str]], anew: Iterable[Anew]) -> None:
        """What a person decided, in one commit: operations given up, each with why, then what takes their places, in
        the order in which it is to go out."""
        now, newest = self._clock(), 0
        with transaction(self._connection) as connection:
            for op_id, why in given_up:
                move(connection, op_id, "discarded", why, now)
            for new in anew:
                newest = self._insert(
                    new.operation, lane, now, held=new.held, hold_until=new.hold_until, supersedes=new.supersedes
                )
        if newest and self._tally is not None:
            self._tally.note(newest)

    def _insert(
        self,
        operation: Operation,
        lane: str,
        now: float,
        *,
        held: bool = False,
        hold_until: float = 0.0,
        supersedes: str | None = None,
    ) -> int:
        """In the open transaction. Returns the number it got."""
        before = self.unfinished_in(lane)
        parent = parent_of(operation, before)
        stands = next((op.state for op in before if op.op_id == parent), None)
        state = first_state(stands, held=held)
        op_id, op_hash, booking_id, *rest = columns_of(operation)
        number = self._connection.execute(
            INSERT,
            (op_id, op_hash, self.author_id, lane, booking_id, *rest, state, parent, supersedes, hold_until),
        ).lastrowid
        begin(self._connection, op_id, state, stands, now)
        return int(number or 0)

    def rewrite(self, operation: Operation) -> None:
        """Replaces the payload of an operation that has never left this machine; KeyError when it has."""
        _, op_hash, _, _, payload, _, _ = columns_of(operation)
        with transaction(self._connection) as connection:
            changed = connection.execute(
                """UPDATE outbox SET payload = ?, op_hash = ?
                   WHERE op_id = ? AND attempts = 0 AND state IN ('queued', 'held', 'blocked')""",
                (payload, op_hash, operation.op_id),
            ).rowcount
            if not changed:
                raise KeyError(operation.op_id)
            record(connection, operation.op_id, None, "queued", "edited", self._clock())

    def hurry(self, op_id: str) -> None:
        """Ends every waiting time of a queued operation."""
        with transaction(self._connection) as connection:
            connection.execute(
                "UPDATE outbox SET not_before = 0, hold_until = 0 WHERE op_id = ? AND state = 'queued'", (op_id,)
            )

    def move(self, op_id: str, event: OpEvent, why: str, outcome: Outcome = NOTHING) -> OpState:
        """Raises IllegalMove, KeyError."""
        with transaction(self._connection) as connection:
            return move(connection, op_id, event, why, self._clock(), outcome)

    def move_all(self, moves: Iterable[tuple[str, OpEvent, str, Outcome]]) -> None:
        """Many moves, one commit."""
        with transaction(self._connection) as connection:
            for op_id, event, why, outcome in moves:
                move(connection, op_id, event, why, self._clock(), outcome)

    # --- what is there -----------------------------------------------------------------------------------------------

    def get(self, op_id: str) -> PendingOp | None:
        found = self._select("op_id = ? AND author_id = ?", (op_id, self.author_id))
        return found[0] if found else None

    def state_of(self, op_id: str) -> OpState | None:
        """Whoever's it is; None where it is not here."""
        found = self._select("op_id = ?", (op_id,))
        return found[0].state if found else None

    def showing(self, lanes: Iterable[str], position: FeedPosition) -> dict[str, list[PendingOp]]:
        """Per booking, oldest first, what the screen must add to a cache that stands at `position` (see shows)."""
        wanted = msgspec.json.encode(list(lanes)).decode()
        found: dict[str, list[PendingOp]] = {}
        for op in self._select(
            """lane IN (SELECT value FROM json_each(?)) AND author_id = ?
               AND (state NOT IN ('sent', 'discarded') OR (state = 'sent' AND epoch = ? AND seq > ?))""",
            (wanted, self.author_id, position.epoch, position.seq),
        ):
            found.setdefault(op.lane, []).append(op)
        return found

    def unsent_of(self, lane: str) -> list[PendingOp]:
        """One booking's operations that no server is known to have judged, oldest first."""
        return self._select(
            "lane = ? AND author_id = ? AND state IN ('queued', 'held', 'sending', 'blocked', 'needs_decision')",
            (lane, self.author_id),
        )

    def written_after(self, press: PendingOp) -> list[PendingOp]:
        """Lines to the other side clicked after `press`, before it was known to be overtaken; oldest first, without
        those given up."""
        return self._select(
            """lane = ? AND author_id = ? AND local_seq > ? AND state <> 'discarded' AND kind = 'message.send'
               AND COALESCE(payload ->> '$.kind', 'text') = 'text'
               AND (SELECT MIN(rowid) FROM op_event e WHERE e.op_id = outbox.op_id) <
                   (SELECT MAX(rowid) FROM op_event e WHERE e.op_id = ? AND to_state IN ('needs_decision', 'rejected'))
            """,
            (press.lane, self.author_id, press.local_seq, press.op_id),
        )

    def unfinished(self) -> list[PendingOp]:
        """What the outbox list shows: everything that is neither sent nor discarded, oldest first."""
        return self._select("author_id = ? AND state NOT IN ('sent', 'discarded')", (self.author_id,))

    def unfinished_in(self, lane: str) -> list[PendingOp]:
        """The same, of one booking; its own creation is among it."""
        return self._select("lane = ? AND author_id = ? AND state NOT IN ('sent', 'discarded')", (lane, self.author_id))

    def creations(self, position: FeedPosition) -> list[PendingOp]:
        """Bookings opened here, oldest first, that a cache at `position` cannot hold yet (see shows)."""
        return self._select(
            """kind = 'booking.create' AND author_id = ?
               AND state IN ('queued', 'held', 'sending', 'blocked', 'needs_decision', 'failed', 'rejected', 'sent')
               AND (state <> 'sent' OR (epoch = ? AND seq > ?))""",
            (self.author_id, position.epoch, position.seq),
        )

    def given_up(self) -> list[PendingOp]:
        """Discarded after an attempt, of which nobody here knows whether it arrived."""
        return self._select("author_id = ? AND state = 'discarded' AND attempts > 0", (self.author_id,))

    def sent_before(self, epoch: str) -> list[PendingOp]:
        """What servers of other epochs took, within the time it is kept."""
        return self._select("author_id = ? AND state = 'sent' AND epoch <> ?", (self.author_id, epoch))

    def adopt(self, op_ids: Iterable[str], epoch: str, seq: int) -> None:
        """These, taken by a server of another epoch, are also in this one's history."""
        wanted = msgspec.json.encode(list(op_ids)).decode()
        with transaction(self._connection) as connection:
            connection.execute(
                "UPDATE outbox SET epoch = ?, seq = ? WHERE op_id IN (SELECT value FROM json_each(?))",
                (epoch, seq, wanted),
            )

    def counts(self) -> OutboxCounts:
        queued = decisions = failed = 0
        for op in self.unfinished():
            if op.state == "held" or op.is_conflict:
                decisions += 1
            elif op.state in {"failed", "rejected"}:
                failed += 1
            else:
                queued += 1
        return OutboxCounts(queued, decisions, failed)

    def known(self, op_ids: Iterable[str]) -> list[PendingOp]:
        """Which of these ids the feed carries are ours and not known to be sent."""
        wanted = msgspec.json.encode(list(op_ids)).decode()
        return self._select(
            "op_id IN (SELECT value FROM json_each(?)) AND state NOT IN ('sent', 'rejected')", (wanted,)
        )

    def trail(self, op_id: str) -> list[tuple[float, str | None, str, str]]:
        """(when, from, to, why), oldest first."""
        with translated():
            rows = self._connection.execute(
                "SELECT at, from_state, to_state, why FROM op_event WHERE op_id = ? ORDER BY rowid", (op_id,)
            ).fetchall()
        return [(row["at"], row["from_state"], row["to_state"], row["why"]) for row in rows]

    def prune(self) -> None:
        """Forgets what was finished longer ago than it is kept."""
        with transaction(self._connection) as connection:
            for table in ("op_event", "op_evidence"):
                connection.execute(
                    f"""DELETE FROM {table} WHERE op_id IN
                        (SELECT op_id FROM outbox WHERE state IN ('sent', 'discarded') AND done_at < ?)""",  # noqa: S608
                    (self._clock() - KEPT_SENT,),
                )
            connection.execute(
                "DELETE FROM outbox WHERE state IN ('sent', 'discarded') AND done_at < ?", (self._clock() - KEPT_SENT,)
            )

    def close(self) -> None:
        self._connection.close()

    def _select(self, where: str, values: tuple[object, ...]) -> list[PendingOp]:
        with translated():
            rows = self._connection.execute(
                f"SELECT * FROM outbox WHERE {where} ORDER BY local_seq",  # noqa: S608 - conditions of this file only
                values,
            ).fetchall()
        return pending_ops(rows)
