"""Brings every commit to the channels that listen for its rows: the visibility rule decides, change by change."""

from collections.abc import Hashable

import msgspec

from contract.actors import Actor, side_of
from contract.frames import Vsn
from contract.permissions import Sight
from server.access.visibility import Visibility
from server.doors.supabase.realtime.change_data import Shown, ToldChange
from server.doors.supabase.realtime.join_request import Binding
from server.doors.supabase.realtime.part import Part
from server.doors.supabase.realtime.subscriptions import Subscriptions
from server.realtime.server_frames import push_frame
from server.realtime.views import eyes
from server.store.feed import Batch, Change

Frames = dict[tuple[Vsn, str, tuple[int, ...], Shown, frozenset[str] | None], bytes]


class RowChanges:
    """Owned by the loop's thread."""

    def __init__(self, visibility: Visibility) -> None:
        self._visibility = visibility
        self._subscriptions = Subscriptions()

    def add(self, part: Part) -> None:
        self._subscriptions.add(part)

    def remove(self, part: Part) -> None:
        self._subscriptions.remove(part)

    def publish(self, batch: Batch) -> None:
        """One commit, in feed order."""
        if not self._subscriptions:
            return
        for change in batch.changes:
            self._tell(change, ToldChange(change))

    def tell_missed(self, part: Part, change: Change) -> None:
        """A change of the time while this channel was away."""
        told = ToldChange(change, replayed=True)
        self._tell_one(part, change, told, list(part.request.bindings), {}, {})

    def _tell(self, change: Change, told: ToldChange) -> None:
        seen: dict[Hashable, Shown | None] = {}
        frames: Frames = {}
        for part, bindings in self._subscriptions.concerned(told).items():
            if not part.catching_up:
                self._tell_one(part, change, told, bindings, seen, frames)

    def _tell_one(
        self,
        part: Part,
        change: Change,
        told: ToldChange,
        bindings: list[Binding],
        seen: dict[Hashable, Shown | None],
        frames: Frames,
    ) -> None:
        """One frame per change and channel, with the ids of all its bindings that match (supabase-wire 1.8)."""
        if part.identity is None or told.seq <= part.upto:
            return
        part.upto = told.seq
        actor = part.identity.actor
        key = eyes(actor)
        if key not in seen:
            seen[key] = self._shown(actor, change)
        shown = seen[key]
        if shown is None:
            return
        row = told.row(shown)
        matching = [one for one in bindings if _listens(one, told) and one.filter.matches(row, told.codes)]
        if matching:
            part.channel.socket.write(_frame(part, told, matching, shown, frames))
            if any(one.columns is None or "message" in one.columns for one in matching):
                self._expect_receipt(part, actor, change, told)

    def _shown(self, actor: Actor, change: Change) -> Shown | None:
        """As our own clients see it; but what goes out of sight is not told, and what comes in is told as it now is."""
        found = self._visibility.sees_change(actor, change)
        if found is None or found == "drop":
            return None
        if found == "add":
            return Shown(redacted=self._visibility.sight(actor, change.after) == Sight.REDACTED, before=False)
        return Shown(redacted=found == "redacted", before=True)

    def _expect_receipt(self, part: Part, actor: Actor, change: Change, told: ToldChange) -> None:
        if change.table != "messages" or change.op != "insert" or change.booking_id is None:
            return
        if told.value("kind") not in ("note", "system") and side_of(told.value("sender_role")) != actor.side:
            part.sent.setdefault(change.booking_id, []).append(told.value("position"))


def _listens(binding: Binding, told: ToldChange) -> bool:
    return binding.event in ("*", told.type) and binding.table in (None, told.table)


def _frame(part: Part, told: ToldChange, matching: list[Binding], shown: Shown, frames: Frames) -> bytes:
    columns = _columns(matching)
    ids = tuple(dict.fromkeys(one.id for one in matching))
    channel = part.channel
    key = (channel.socket.vsn, channel.topic, ids, shown, columns)
    frame = frames.get(key)
    if frame is None:
        payload = b'{"ids":%b,"data":%b}' % (msgspec.json.encode(ids), told.data(shown, columns))
        frame = frames[key] = push_frame(channel.socket.vsn, channel.topic, "postgres_changes", payload)
    return frame


def _columns(bindings: list[Binding]) -> frozenset[str] | None:
    """What any of them asks for: they share a frame."""
    found: set[str] = set()
    for one in bindings:
        if one.columns is None:
            return None
        found |= one.columns
    return frozenset(found)
