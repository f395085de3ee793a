"""Brings every commit to whoever may see it: each change encoded once per class, each frame built once, one write
per socket."""

from collections.abc import Sequence

import msgspec

from contract.actors import Actor, side_of
from contract.frames import SYNC_TOPIC, Vsn
from server.access.visibility import Visibility
from server.realtime.recent import Item, Recent
from server.realtime.server_frames import push_frame
from server.realtime.socket import Socket
from server.realtime.views import View, Views
from server.store.feed import Batch, Change

CHUNK = 256 * 1024
"""Bytes of items in one `changes` frame: well below the 1 MiB that common clients accept."""
PUSHED = 4
"""Chunks of one commit that are pushed. Of a longer one (a bulk update at a SQL prompt) only the last chunk is: to
clients that is a gap, and they pull page by page at their own speed."""


class _Sender(msgspec.Struct):
    sender_role: str
    kind: str


_decode_sender = msgspec.json.Decoder(_Sender).decode


class FanOut:
    """Owned by the loop's thread. `head` is the newest seq that has been brought to the sockets."""

    def __init__(self, visibility: Visibility, epoch: str, head: int, recent: Sequence[Change] = ()) -> None:
        """`recent`: the changes up to `head` that were committed before this server started, so that clients coming
        back to it find theirs in memory."""
        self.epoch = epoch
        self.deliveries = 0
        """Frames handed to sockets, ever."""
        self.joined = 0
        """Sockets that are brought what they may see."""
        self._views = Views()
        self._recent = Recent(visibility, head)
        self._recent.add(recent)
        self._epoch = epoch.encode()

    @property
    def head(self) -> int:
        return self._recent.head

    def publish(self, batch: Batch) -> None:
        """One commit, in feed order. Where it fails on the way, or the one before never came here, clients see the gap
        that it has left, and pull: neither the next frame nor a heartbeat may cover it."""
        if batch.from_seq != self.head + 1:
            self._leave_gap(batch.from_seq - 1)
        brought = False
        try:
            self._bring(batch)
            brought = True
        finally:
            if not brought:
                self._leave_gap(batch.to_seq)

    def _bring(self, batch: Batch) -> None:
        found: dict[View, list[Item]] = {}
        for change, encoded in self._recent.add(batch.changes):
            side = _side_of_sender(change)
            for view in self._views.concerned(change):
                item = self._recent.item(view.actor, change, encoded)
                if item is None:
                    continue
                found.setdefault(view, []).append(item)
                if side is not None and side != view.actor.side:
                    view.expect(change.seq)
        self._send(found, batch.to_seq)

    def enter(self, actor: Actor, socket: Socket) -> View:
        """From now on the socket gets what `actor` may see."""
        self.joined += 1
        return self._views.enter(actor, socket, self.head)

    def leave(self, view: View, socket: Socket) -> None:
        self.joined -= 1
        self._views.leave(view, socket)

    def gap(self, actor: Actor, cursor: int, vsn: Vsn) -> bytes | None:
        """The frames that lead from `cursor` to the head; None when the gap must be pulled over HTTP."""
        if not self._recent.reaches(cursor):
            return None
        items = self._recent.after(cursor, actor)
        if sum(len(item) for _, item in items) > 2 * CHUNK:
            return None
        return self._joined(vsn, cursor, self.head, items) if cursor < self.head else b""

    def rights_changed_since(self, user_id: str, cursor: int) -> bool:
        """Whether this person's rights are known to have changed after `cursor`."""
        return self._recent.rights_changed_since(user_id, cursor)

    def _leave_gap(self, upto: int) -> None:
        self._recent.begin_at(upto)
        for view in self._views:
            view.sent = upto

    def _send(self, found: dict[View, list[Item]], to_seq: int) -> None:
        """Views that were last sent the same and see the same now share the very bytes."""
        frames: dict[tuple[Vsn, int, tuple[int, ...]], bytes] = {}
        for view, items in found.items():
            key = (view.vsn, view.sent, tuple(map(id, items)))
            frame = frames.get(key)
            if frame is None:
                frame = frames[key] = self._joined(view.vsn, view.sent, to_seq, items)
            for socket in tuple(view.sockets):
                socket.write(frame)
            self.deliveries += len(view.sockets)
            view.sent = to_seq

    def _joined(self, vsn: Vsn, sent: int, to_seq: int, items: list[Item]) -> bytes:
        frames = self._frames(vsn, sent + 1, to_seq, items)
        return b"".join(frames) if len(frames) <= PUSHED else frames[-1]

    def _frames(self, vsn: Vsn, from_seq: int, to_seq: int, items: list[Item]) -> list[bytes]:
        """`changes` pushes that cover from..to without a hole; one, unless the items are very long."""
        frames = []
        start, size = 0, 0
        for at, (seq, item) in enumerate(items):
            if size and size + len(item) > CHUNK:
                frames.append(self._frame(vsn, from_seq, seq - 1, items[start:at]))
                from_seq, start, size = seq, at, 0
            size += len(item)
        frames.append(self._frame(vsn, from_seq, to_seq, items[start:]))
        return frames

    def _frame(self, vsn: Vsn, from_seq: int, to_seq: int, items: list[Item]) -> bytes:
        payload = b'{"epoch":"%b","from":%d,"to":%d,"items":[%b],"head":null}' % (
            self._epoch,
            from_seq,
            to_seq,
            b",".join([item for _, item in items]),
        )
        return push_frame(vsn, SYNC_TOPIC, "changes", payload)


def _side_of_sender(change: Change) -> str | None:
    """The side whose new message this is; None for everything that is not waited to be delivered."""
    if change.table != "messages" or change.op != "insert" or change.row is None:
        return None
    sender = _decode_sender(change.row)
    return None if sender.kind in ("note", "system") else side_of(sender.sender_role)
