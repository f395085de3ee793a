"""What must hold at every moment, not at the end alone: a desk's cache is the feed up to its cursor, receipts are true,
and whoever wrote had seen less than what their words stand on."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from server.store.feed import Change
from tests.faults.simulation.ledger import Ledger
from tests.faults.simulation.sight import differences

if TYPE_CHECKING:
    from tests.faults.simulation.client_life import ClientLife
    from tests.faults.simulation.world import World


class Watch:
    """Each question yields sentences that begin with the invariant of the reference (I1 to I15) that was broken."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.ledger = Ledger()
        self._held: dict[tuple[str, str], int] = defaultdict(int)
        """How far desks had come that are no more: by person and history."""
        self._displayed: dict[tuple[str, str, str], int] = defaultdict(int)
        self._seen: dict[str, tuple[str | None, int]] = {}

    def displayed(self, life: "ClientLife", booking: str, position: int) -> None:
        """It was on that person's screen."""
        person = life.desk.me.user_id if life.desk.me else ""
        key = (person, _durable(life)[0] or "", booking)
        self._displayed[key] = max(position, self._displayed[key])

    def clicked(self, life: "ClientLife", op_id: str) -> None:
        self._seen[op_id] = _durable(life)[:2]

    def holds(self, life: "ClientLife") -> None:
        """What its disk holds at this instant was held, whatever comes of it: a crash, somebody else at the desk."""
        epoch, seq, _ = _durable(life)
        if epoch is not None:
            key = (owner(life) or "", epoch)
            self._held[key] = max(seq, self._held[key])

    def has_fetched_all(self, life: "ClientLife") -> bool:
        """Whether it waits for no booking that has come into its sight: an answer lost is asked for again later."""
        return _durable(life)[2]

    def cache_of(self, life: "ClientLife") -> Iterator[str]:
        """I4, I10, I13: whenever no booking is being fetched, the cache is what all lines up to its cursor add up to;
        so that it never shows an effect without its causes, and a snapshot is whole."""
        epoch, seq, settled = _durable(life)
        head = self.ledger.head(epoch) if epoch is not None else None
        if epoch is None or not settled:
            return
        if head is None or seq > head:
            yield f"I8 {life.seat.name} is at {seq} of {epoch}, whose newest line is {head}"
            return
        self._world.hits["cache compared on the way"] += 1
        for difference in differences(self._world, life, lambda table: self.ledger.rows_at(epoch, seq, table)):
            yield f"I13 at {seq} {difference}"

    def receipt(self, epoch: str, now: dict[str, Any], before: dict[str, Any]) -> Iterator[str]:
        """I11: delivered says that a desk of that person had it on its disk by then, read that it was on the screen."""
        delivered, read = now["delivered_position"], now["read_position"]
        if delivered > before["delivered_position"]:
            came = self.ledger.position_seq(epoch, delivered)
            if came is None:
                yield f"I11 {now['id']} is delivered to {delivered}, where no message is"
            elif came > self._reached(now["user_id"], epoch):
                yield f"I11 {now['id']} is delivered to {delivered}, of seq {came}, which no desk of theirs had"
        if read > before["read_position"] and read > self._displayed[now["user_id"], epoch, now["booking_id"]]:
            yield f"I11 {now['id']} is read to {read}, which was not on their screen"

    def effect(self, epoch: str, change: Change) -> Iterator[str]:
        """I10: what an operation does stands behind all that its author had seen."""
        seen_epoch, seen_seq = self._seen.get(change.op_id or "", (None, 0))
        if seen_epoch == epoch and change.seq <= seen_seq:
            yield f"I10 {change.op_id} stands at {change.seq}; its author had seen up to {seen_seq}"

    def _reached(self, person: str, epoch: str) -> int:
        reached = [self._held[person, epoch]]
        for life in [seat.life for seat in self._world.seats]:  # a look at its disk may be what it crashes at
            if life is not None and owner(life) == person:
                held_epoch, seq, _ = _durable(life)
                reached.append(seq if held_epoch == epoch else 0)
        return max(reached)


def owner(life: "ClientLife") -> str | None:
    """Whose the cache is, by its file."""
    row = life.desk.worker._writer.connection.execute("SELECT owner_id FROM position").fetchone()
    found: str | None = row["owner_id"]
    return found


def _durable(life: "ClientLife") -> tuple[str | None, int, bool]:
    """(epoch, seq, whether no booking is being fetched), by the cache's file."""
    cache = life.desk.worker._writer.connection
    row = cache.execute(
        """SELECT owner_id, epoch, seq, EXISTS (SELECT 1 FROM fetched WHERE fetched.seq > position.seq)
                  OR EXISTS (SELECT 1 FROM wanted) AS unsettled FROM position"""
    ).fetchone()
    return (row["epoch"] if row["owner_id"] else None), row["seq"], not row["unsettled"]
