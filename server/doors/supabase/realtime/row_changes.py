"""Brings every commit to the channels that listen for its rows: the visibility rule decides, change by change."""

from collections.abc import Hashable, Iterable

import msgspec

from contract.actors import Actor, side_of
from contract.frames import Vsn
from contract.permissions import Sight
from server.access.visibility import OF_ONE_PERSON, Visibility
from server.doors.supabase.realtime.audience import Audience, Expected, Told
from server.doors.supabase.realtime.change_data import Shown, ToldChange
from server.doors.supabase.realtime.join_request import Binding
from server.doors.supabase.realtime.part import Part
from server.doors.supabase.realtime.subscriptions import Subscriptions
from server.doors.supabase.views import VIEWS_OF
from server.realtime.server_frames import push_frame
from server.realtime.views import eyes
from server.store.feed import Batch, Change

_WORDS = ("message", "content")
_Frames = dict[tuple[Vsn, str, tuple[int, ...], Shown, frozenset[str] | None], bytes]
_Seen = dict[Hashable, Shown | None]


class RowChanges:
    """Owned by the loop's thread."""

    def __init__(self, visibility: Visibility, head: int = 0) -> None:
        self._visibility = visibility
        self._subscriptions = Subscriptions()
        self.head = head
        """The newest change brought to whoever listens."""

    def add(self, part: Part) -> None:
        """From now on it is told what commits bring, after all that it was told already."""
        part.since = max(part.upto, self.head)
        self._subscriptions.add(part)

    def remove(self, part: Part) -> None:
        self._subscriptions.remove(part)

    def publish(self, batch: Batch) -> None:
        """One commit, in feed order: each change to each audience as one frame, the commit as one write."""
        self.head = batch.to_seq
        if not self._subscriptions:
            return
        found: dict[Audience, list[Told]] = {}
        views = self._subscriptions.views
        for change in batch.changes:
            told, seen = ToldChange(change), _Seen()
            self._gather(change, told, seen, found)
            if change.table in views:
                for in_view in told.in_views(views[change.table]):
                    self._gather(change, in_view, seen, found)
        for audience, frames_told in found.items():
            audience.write(frames_told, batch.from_seq)

    def _gather(self, change: Change, told: ToldChange, seen: _Seen, found: dict[Audience, list[Told]]) -> None:
        """The frames of one change under one name. `seen`: what each pair of eyes sees of it under any."""
        frames, in_view = _Frames(), told.view is not None
        for audience, bindings in self._subscriptions.concerned(told).items():
            shown = self._shown_once(audience.actor, change, seen)
            if shown is not None and in_view:
                shown = told.as_seen(shown)
            if shown is None:
                continue
            matching = _matching(bindings, told, shown)
            if not matching:
                continue
            frame = _frame(audience.vsn, audience.topic, told, matching, shown, frames)
            found.setdefault(audience, []).append((told.seq, frame))
            expected = _expected(audience.actor, change, told, matching)
            if expected is not None:
                audience.expect(expected)

    def tell_missed(self, part: Part, change: Change) -> None:
        """A change of the time while this channel was away."""
        if part.identity is None or change.seq <= part.upto:
            return
        part.upto = change.seq
        shown = self._shown(part.identity.actor, change)
        if shown is None:
            return
        told, named = ToldChange(change, replayed=True), {one.table for one in part.request.bindings}
        views = tuple(view for view in VIEWS_OF.get(change.table, ()) if view.name in named)
        for one in (told, *told.in_views(views)):
            self._tell_one_missed(part, part.identity.actor, change, one, one.as_seen(shown))

    def _tell_one_missed(self, part: Part, actor: Actor, change: Change, told: ToldChange, shown: Shown | None) -> None:
        matching = [] if shown is None else _matching(part.request.bindings, told, shown)
        if shown is None or not matching:
            return
        channel = part.channel
        channel.socket.write(_frame(channel.socket.vsn, channel.topic, told, matching, shown, _Frames()))
        expected = _expected(actor, change, told, matching)
        if expected is not None:
            part.missed.append(expected)

    def _shown_once(self, actor: Actor, change: Change, seen: _Seen) -> Shown | None:
        key = actor.user_id if change.table in OF_ONE_PERSON else eyes(actor)
        if key not in seen:
            seen[key] = self._shown(actor, change)
        return seen[key]

    def _shown(self, actor: Actor, change: Change) -> Shown | None:
        """As our own clients see it; but what goes out of sight is not told, and what comes in is told as it now is."""
        found = self._visibility.sees_change(actor, change)
        if found is None or found == "drop":
            return None
        if found == "add":
            return Shown(redacted=self._visibility.sight(actor, change.after) == Sight.REDACTED, before=False)
        return Shown(redacted=found == "redacted", before=True)


def _matching(bindings: Iterable[Binding], told: ToldChange, shown: Shown) -> list[Binding]:
    """A filter looks at the row as its reader may see it."""
    row = told.row(shown)
    return [one for one in bindings if _listens(one, told) and one.filter.matches(row, told.codes)]


def _listens(binding: Binding, told: ToldChange) -> bool:
    named = binding.table == told.table or (binding.table is None and told.view is None)
    return named and binding.event in ("*", told.type)


def _expected(actor: Actor, change: Change, told: ToldChange, matching: list[Binding]) -> Expected | None:
    """A message of another side, told with its words: reading it makes it delivered."""
    if change.table != "messages" or change.op != "insert" or change.booking_id is None:
        return None
    if not any(one.columns is None or not one.columns.isdisjoint(_WORDS) for one in matching):
        return None
    if told.own("kind") in ("note", "system") or side_of(told.own("sender_role")) == actor.side:
        return None
    return (told.seq, change.booking_id, told.own("position"))


def _frame(vsn: Vsn, topic: str, told: ToldChange, matching: list[Binding], shown: Shown, frames: _Frames) -> bytes:
    """One frame with the ids of all bindings that match (supabase-wire 1.8)."""
    columns = _columns(matching)
    ids = tuple(dict.fromkeys(one.id for one in matching))
    key = (vsn, topic, ids, shown, columns)
    frame = frames.get(key)
    if frame is None:
        payload = b'{"ids":%b,"data":%b}' % (msgspec.json.encode(ids), told.data(shown, columns))
        frame = frames[key] = push_frame(vsn, topic, "postgres_changes", payload)
    return frame


def _columns(bindings: list[Binding]) -> frozenset[str] | None:
    """What any of them asks for: they share a frame."""
    found: set[str] = set()
    for one in bindings:
        if one.columns is None:
            return None
        found |= one.columns
    return frozenset(found)
