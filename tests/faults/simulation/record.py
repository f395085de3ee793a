"""What is noted while a run goes on: who clicked what, what the server committed, what each desk claimed and when."""

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from contract.verdicts import Verdict
from desktop.state.changes import Changes
from desktop.state.lines import LinkState
from desktop.state.pending import PendingOp
from server.store.committer import Announcement
from tests.faults.simulation.while_it_runs import Watch

if TYPE_CHECKING:
    from tests.faults.simulation.client_life import ClientLife
    from tests.faults.simulation.world import World


_NEVER_TOLD = frozenset(
    {"contract_broken", "outbox_salvaged", "outbox_salvaged_partly", "profile_key_lost", "cache_corrected"}
)
"""Nothing is damaged here, so nothing of this may be noticed; an audit that corrects has found a fault of the sync."""

MOST_BELIEF = 50.0
"""Seconds: a heartbeat every 15, each waited for at most 30."""


class Click(msgspec.Struct, frozen=True):
    """An operation that was on the disk when the click returned."""

    at: float
    seat: str
    op_id: str
    kind: str
    lane: str
    person: str
    """Who clicked."""


def _text_of(op: PendingOp) -> str | None:
    if op.kind == "booking.create":
        first: str | None = op.payload.message
        return first
    return op.payload.text if op.kind == "message.send" else None


def _text_before(life: "ClientLife", op_id: str) -> str | None:
    """Of the line in whose place this one is sent, so that the two of them may stand there once and no more."""
    query = "op_id = (SELECT supersedes FROM outbox WHERE op_id = ?)"
    before = life.desk.outbox._select(query, (op_id,))
    return _text_of(before[0]) if before else None


class Record:
    """`lines` is the history as text, the same for every run of a seed. `wrong` is what was seen to be false."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.lines: list[str] = []
        self.clicks: list[Click] = []
        self.committed_ops: set[str] = set()
        """Operations whose verdict some commit has made durable, in whichever history."""
        self.written: list[str] = []
        """The text of each message clicked."""
        self.watch = Watch(world)
        self.unseen: set[str] = set()
        """Operations that a crash took together with the click: on the disk, perhaps, and never shown."""
        self.wrong: list[str] = []
        self._seen_sent: set[tuple[str, str]] = set()
        self._shown_seq: dict[tuple[str, str | None, str | None], int] = {}
        self._shown_version: dict[tuple[str, str | None, str | None, str], int] = {}

    def note(self, what: str) -> None:
        self.lines.append(f"{self._world.loop.now:.6f} {what}")

    def digest(self) -> str:
        return hashlib.blake2b("\n".join(self.lines).encode(), digest_size=16).hexdigest()

    def clicked(self, life: "ClientLife", op_id: str) -> None:
        """A click that a crash has cut short was never shown, though its operation may be on the disk."""
        op = life.desk.outbox.get(op_id)
        if op is None or op_id in self.unseen or any(click.op_id == op_id for click in self.clicks):
            return
        text = _text_of(op)
        if text is not None and text != _text_before(life, op_id):
            self.written.append(text)
        self.watch.clicked(life, op_id)
        if life.process.alive:
            if op.kind == "booking.create":
                self._world.bookings.append(op_id)
                self._world.hits["booking opened"] += 1
            self.clicks.append(Click(self._world.loop.now, life.seat.name, op_id, op.kind, op.lane, op.author_id))
            self.note(f"{life.seat.name} clicked {op.kind} {op_id}")
        else:
            self.unseen.add(op_id)

    def committed(self, announcement: Announcement) -> None:
        for _, result in announcement.answers:
            if isinstance(result, Verdict):
                self.committed_ops.add(result.op_id)
                if result.verdict == "rejected":
                    self._world.hits["conflict"] += 1
        for batch in announcement.batches:
            self.note(f"server committed {batch.from_seq}..{batch.to_seq} of {batch.epoch}")
            self.wrong.extend(self.watch.ledger.committed(batch))
            for change in batch.changes:
                if change.op_id is not None:
                    self.committed_ops.add(change.op_id)
                    self.wrong.extend(self.watch.effect(batch.epoch, change))
                if change.table == "receipts" and change.row:
                    self._compare_receipts(batch.epoch, change.row, change.old)

    def _compare_receipts(self, epoch: str, row: bytes, old: bytes | None) -> None:
        now = msgspec.json.decode(row)
        before = msgspec.json.decode(old) if old else {"delivered_position": 0, "read_position": 0}
        self.wrong.extend(self.watch.receipt(epoch, now, before))
        for mark in ("delivered_position", "read_position"):
            if now[mark] < before[mark]:
                self.wrong.append(f"I8 the receipt {now['id']} went back: {mark} {before[mark]} to {now[mark]}")

    def listen(self, life: "ClientLife", changes: Changes) -> None:
        """Looks at whatever the desk claims whenever it says that something has changed."""
        changes.listen(
            bookings=lambda ids: self._look_at_bookings(life, ids),
            outbox=lambda: self._look_at_outbox(life),
            link=lambda link: self._look_at_link(life, link),
            notice=lambda key, values: self._noticed(life, key, values),
        )

    def _look_at_outbox(self, life: "ClientLife") -> None:
        if not life.process.alive:
            return
        outbox = life.desk.outbox
        query = "SELECT op_id FROM outbox WHERE state='sent' ORDER BY local_seq"
        for (op_id,) in outbox._connection.execute(query).fetchall():
            if op_id not in self.committed_ops:
                self.wrong.append(f"I3 {life.seat.name} shows {op_id} as sent before the server has committed it")
            elif (life.seat.disk, op_id) not in self._seen_sent:
                self._seen_sent.add((life.seat.disk, op_id))
                op = outbox._select("op_id = ?", (op_id,))[0]
                if op.kind == "message.send":
                    self._look_at_line(life, op)

    def _look_at_line(self, life: "ClientLife", op: PendingOp) -> None:
        """Just sent: it was in the conversation as one's own until now, and must be there still; but where the same
        news took the booking out of that person's sight (seed 48057)."""
        me = life.desk.me
        if me is None or me.user_id != op.author_id or life.desk.reader.booking(op.lane) is None:
            return
        shown = life.desk.reader.conversation(op.lane, me).lines
        if op.op_id not in {line.id for line in shown}:
            self.wrong.append(f"I9 {op.op_id} is sent and gone from the screen of {life.seat.name}")

    def _look_at_bookings(self, life: "ClientLife", ids: frozenset[str] | None) -> None:
        self._look_at_versions(life)
        if ids is None:
            self.look_at_cache(life)

    def look_at_cache(self, life: "ClientLife") -> None:
        """To be called now and then, and whenever all of it was replaced."""
        if life.process.alive and hasattr(life, "desk"):
            self.wrong.extend(self.watch.cache_of(life))

    def _look_at_versions(self, life: "ClientLife") -> None:
        """What is shown of a booking never becomes older."""
        if not life.process.alive or not hasattr(life, "desk"):
            return
        position = life.desk.reader.position()
        for booking_id in self._world.bookings:
            held = life.desk.reader.booking(booking_id)
            key = (life.seat.disk, position.owner_id, position.feed.epoch, booking_id)
            if held is not None and held.version < self._shown_version.get(key, 0):
                self.wrong.append(f"I8 {booking_id} went back to version {held.version} at {life.seat.name}")
            if held is not None:
                self._shown_version[key] = max(held.version, self._shown_version.get(key, 0))

    def _look_at_link(self, life: "ClientLife", link: LinkState) -> None:
        if not life.process.alive or not hasattr(life, "desk"):
            return
        feed = life.desk.feed  # and not the file: that is another's a moment before what is shown is
        key = (life.seat.disk, feed.owner_id, feed.position.epoch)
        if life.seat.sharers:
            self.watch.holds(life)
            self._forget_others(life.seat.disk, feed.owner_id)
        if link.cursor < self._shown_seq.get(key, 0) and feed.position.seq == link.cursor:
            self.wrong.append(f"I8 {life.seat.name}'s cursor went back to {link.cursor}")
        self._shown_seq[key] = max(link.cursor, self._shown_seq.get(key, 0))
        self.note(f"{life.seat.name} is {link.phase} at {link.cursor} of {link.head}, {link.queued} queued")

    def _forget_others(self, disk: str, owner_id: str | None) -> None:
        """Whoever takes a desk over begins with nothing: what they saw there before they left is no measure."""
        self._shown_seq = {key: seq for key, seq in self._shown_seq.items() if key[0] != disk or key[1] == owner_id}
        self._shown_version = {
            key: version for key, version in self._shown_version.items() if key[0] != disk or key[1] == owner_id
        }

    def look_at_phases(self) -> None:
        """To be called now and then: "Live" is said on the evidence of a socket, and two heartbeats prove none."""
        for seat in self._world.seats:
            life = seat.life
            if life is None or not seat.pipes or life.process.asleep_until > self._world.loop.now:
                continue
            dead_for = seat.pipes[-1].dead_for
            if life.desk.link.phase in {"live", "behind"} and dead_for > MOST_BELIEF:
                self.wrong.append(f"I14 {seat.name} is {life.desk.link.phase} by a socket dead for {dead_for:.0f} s")

    def _noticed(self, life: "ClientLife", key: str, values: dict[str, Any]) -> None:
        if life.process.alive:
            self.note(f"{life.seat.name} was told {key} {sorted(values.items())}")
            if key in _NEVER_TOLD:
                self.wrong.append(f"{life.seat.name} was told {key}: {values}")
