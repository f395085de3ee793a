"""The newest stretch of the feed in memory, each change encoded once per class of viewer: short gaps cost no query."""

from collections import deque
from collections.abc import Iterable
from itertools import islice

import msgspec

from contract.actors import Actor
from server.access.visibility import ItemClass, Visibility, encode_item
from server.realtime.rights import rights_changed
from server.store.feed import Change

Item = tuple[int, bytes]
"""A change's seq, and the FeedItem as JSON for one class of viewer."""
Entry = tuple[Change, dict[ItemClass, Item]]
"""A change and what is encoded of it, by class of viewer."""
KEPT = 1_000
"""Changes. Longer gaps are pulled over HTTP (docs/protocol.md)."""


class Recent:
    """Dense, oldest first. Encodings are kept with their change: whoever comes next of the same class gets the same
    bytes."""

    def __init__(self, visibility: Visibility, head: int) -> None:
        self._visibility = visibility
        self._kept: deque[Entry] = deque(maxlen=KEPT)
        self.head = head

    def add(self, changes: Iterable[Change]) -> list[Entry]:
        """Takes in what was committed, and hands it back with the place where encodings are kept."""
        entries: list[Entry] = []
        for change in changes:
            if change.op == "update" and change.table == "messages" and _is_removal(change):
                self._forget_text(change.row_id)
            entries.append((change, {}))
        self._kept.extend(entries)
        if entries:
            self.head = entries[-1][0].seq
        return entries

    def begin_at(self, head: int) -> None:
        """Nothing up to `head` is here any more."""
        self._kept.clear()
        self.head = head

    def rights_changed_since(self, user_id: str, cursor: int) -> bool:
        """Whether this person's role or departments changed after `cursor`: then the feed cannot tell what came into
        or went out of their sight."""
        return any(
            change.table == "profiles" and change.row_id == user_id and rights_changed(change)
            for change, _ in self._after(cursor)
        )

    def reaches(self, cursor: int) -> bool:
        """Whether everything after `cursor` is here."""
        return self.head - cursor <= len(self._kept)

    def after(self, cursor: int, actor: Actor) -> list[Item]:
        """What `actor` may see of everything after `cursor`."""
        found = []
        for change, encoded in self._after(cursor):
            item = self.item(actor, change, encoded)
            if item is not None:
                found.append(item)
        return found

    def _forget_text(self, message_id: str) -> None:
        """A message removed since keeps its lines and loses its text, as in the stored feed (server.store.past)."""
        for at, (change, _) in enumerate(self._kept):
            if change.row_id == message_id and change.table == "messages":
                blank = msgspec.structs.replace(change, row=_without_text(change.row), old=_without_text(change.old))
                self._kept[at] = (blank, {})

    def _after(self, cursor: int) -> Iterable[Entry]:
        return islice(self._kept, max(0, len(self._kept) - (self.head - cursor)), None)

    def item(self, actor: Actor, change: Change, encoded: dict[ItemClass, Item]) -> Item | None:
        """The change as `actor` may see it; None when not at all."""
        kind = self._visibility.item_class(actor, change)
        if kind is None:
            return None
        item = encoded.get(kind)
        if item is None:
            item = encoded[kind] = (change.seq, encode_item(change, kind))
        return item


class _Removal(msgspec.Struct):
    deleted_at: str | None = None


_decode_removal = msgspec.json.Decoder(_Removal).decode


def _is_removal(change: Change) -> bool:
    return change.row is not None and _decode_removal(change.row).deleted_at is not None


def _without_text(row: bytes | None) -> bytes | None:
    if row is None:
        return None
    return msgspec.json.encode({**msgspec.json.decode(row), "message": "", "texts": None, "invoice_data": None})
