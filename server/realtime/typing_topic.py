"""Topic `typing:{booking}`: who has the booking open and who types, on Phoenix's presence (C-29, docs/protocol.md)."""

import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Literal

import msgspec

from contract.actors import Actor
from contract.binary_frames import BinaryBroadcast
from contract.errors import Refusal
from contract.frames import EMPTY, Frame
from contract.permissions import Sight
from server.access.tokens import TokenVerifier
from server.access.visibility import Visibility
from server.realtime.channels import Channel, no_binary, payload_of
from server.realtime.pace import Pace
from server.realtime.presence import Diff, Meta, Presence, Seen, diff_payload
from server.realtime.server_frames import push_frame, refusal_bytes
from server.realtime.typing_board import TypingBoard
from server.store.bookings import resolve_booking
from server.store.feed import Batch, BookingFacts
from server.store.store import Store

PREFIX = "typing:"
_TRACKS_PER_SECOND = 2.0
_BURST = 10.0


class _Join(msgspec.Struct):
    access_token: str | None = None


class _State(msgspec.Struct):
    typing: bool = False
    viewing: bool = True


_TYPES = _State(typing=True)


class _Presence(msgspec.Struct):
    event: str
    payload: _State = msgspec.field(default_factory=_State)
    type: Literal["presence"] = "presence"


_decode_join = msgspec.json.Decoder(_Join).decode
_decode_presence = msgspec.json.Decoder(_Presence).decode


class _Member:
    """A channel's part in its room."""

    __slots__ = ("actor", "booking_id", "pace")

    def __init__(self, actor: Actor, booking_id: str) -> None:
        self.actor = actor
        self.booking_id = booking_id
        self.pace = Pace(_TRACKS_PER_SECOND, _BURST, time.monotonic())


class _Room:
    def __init__(self) -> None:
        self.presence = Presence()
        self.channels: dict[Channel, None] = {}


class TypingTopic:
    """Nothing of this is stored: it ends with the sockets it came by."""

    def __init__(
        self,
        store: Store,
        verifier: TokenVerifier,
        visibility: Visibility,
        board: TypingBoard,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        """`spawn` starts a coroutine in the task group that owns the server's tasks."""
        self._store = store
        self._verifier = verifier
        self._visibility = visibility
        self._spawn = spawn
        self._rooms: dict[str, _Room] = {}
        self._looks: dict[object, set[str]] = {}
        """Who is reading a booking just now, and which ones have changed since."""
        self._board = board
        board.add(self, self._hear)

    def join(self, channel: Channel, frame: Frame) -> None:
        self._spawn(self._join(channel, frame.ref, self._identify(channel, frame)))

    def handle(self, channel: Channel, frame: Frame) -> None:
        if frame.event == "access_token":
            self._identify(channel, frame)
            channel.reply(frame.ref)
            return
        if frame.event != "presence":
            raise Refusal("invalid_payload", {"event": frame.event, "known": ["presence", "access_token"]})
        said = payload_of(frame, _decode_presence)
        member, room = self._member(channel)
        if not member.pace.take(time.monotonic()):
            raise Refusal("rate_limited", {}, retry_after=member.pace.wait())
        if said.event.lower() == "track":
            diff = room.presence.track(channel, member.actor.user_id, _meta(member.actor, said.payload))
            self._board.say(member.booking_id, channel, member.actor if said.payload.typing else None)
        elif said.event.lower() == "untrack":
            diff = room.presence.untrack(channel)
            self._board.say(member.booking_id, channel, None)
        else:
            raise Refusal("invalid_payload", {"event": said.event, "known": ["track", "untrack"]})
        channel.reply(frame.ref)
        self._tell(room, diff)

    def leave(self, channel: Channel) -> None:
        if channel.state is None:
            return
        member, room = self._member(channel)
        room.channels.pop(channel, None)
        self._board.say(member.booking_id, channel, None)
        self._tell(room, room.presence.untrack(channel))
        if not room.channels:
            del self._rooms[member.booking_id]

    def handle_binary(self, channel: Channel, said: BinaryBroadcast) -> None:
        no_binary(channel, said)

    def refusal(self, refusal: Refusal) -> bytes:
        return refusal_bytes(refusal)

    def publish(self, batch: Batch) -> None:
        """Whoever a commit takes the booking away from leaves its room."""
        if not self._rooms and not self._looks:
            return
        for change in batch.changes:
            if change.table != "bookings":
                continue
            for changed in self._looks.values():
                changed.add(change.row_id)
            if change.row_id in self._rooms:
                self._look_again(self._rooms[change.row_id], change.after)

    def _look_again(self, room: _Room, facts: BookingFacts | None) -> None:
        for channel in list(room.channels):
            if self._visibility.sight(channel.state.actor, facts) < Sight.FULL:
                del channel.socket.channels[channel.topic]
                self.leave(channel)
                channel.push("phx_close", EMPTY)

    def _identify(self, channel: Channel, frame: Frame) -> Actor:
        """Who asks: by a token of the frame's own, else as the socket is known already."""
        token = payload_of(frame, _decode_join).access_token
        socket = channel.socket
        if token is not None:
            identity = self._verifier.verify(token)
            if socket.identity is not None and socket.identity.actor.user_id != identity.actor.user_id:
                raise Refusal("unauthorized", {"problem": "this socket is another person's"})
            socket.identity = identity
        if socket.identity is None:
            raise Refusal("unauthorized")
        return socket.identity.actor

    async def _join(self, channel: Channel, ref: str | None, actor: Actor) -> None:
        try:
            facts = await self._booking(channel.topic.removeprefix(PREFIX))
        except Refusal as refusal:  # an outage: the client tries again
            if channel.live:
                channel.reject(ref, refusal)
            return
        if not channel.live:
            return
        if facts is None or self._visibility.sight(actor, facts) < Sight.FULL:
            channel.reject(ref, Refusal("booking_not_found"))
            return
        channel.state = _Member(actor, facts.id)
        room = self._rooms.get(facts.id) or self._open(facts.id)
        room.channels[channel] = None
        channel.reply(ref)
        channel.push("presence_state", room.presence.state(_seen_by(actor)))

    async def _booking(self, reference: str) -> BookingFacts | None:
        """As of now: what a commit changed while it was read is read again. Raises Refusal in an outage."""
        this_look = object()
        try:
            while True:
                changed = self._looks[this_look] = set()
                facts = await self._store.read(lambda tx: resolve_booking(tx, reference))
                if facts is None or facts.id not in changed:
                    return facts
        finally:
            del self._looks[this_look]

    def _open(self, booking_id: str) -> _Room:
        room = self._rooms[booking_id] = _Room()
        for guest, actor in self._board.elsewhere(booking_id, self):
            room.presence.track(guest, actor.user_id, _meta(actor, _TYPES))
        return room

    def _hear(self, booking_id: str, guest: Channel, actor: Actor | None) -> None:
        """Somebody in an app of another kind begins or stops."""
        room = self._rooms.get(booking_id)
        if room is not None:
            track, untrack = room.presence.track, room.presence.untrack
            self._tell(room, untrack(guest) if actor is None else track(guest, actor.user_id, _meta(actor, _TYPES)))

    def _member(self, channel: Channel) -> tuple[_Member, _Room]:
        if channel.state is None:
            raise Refusal("unavailable", {"problem": "the join has not been answered yet"})
        member: _Member = channel.state
        return member, self._rooms[member.booking_id]

    def _tell(self, room: _Room, diff: Diff | None) -> None:
        """To all members, the one it is about included; what looks the same is built once."""
        if diff is None:
            return
        frames: dict[tuple[str, str, Seen], bytes | None] = {}
        for channel in list(room.channels):
            vsn, seen = channel.socket.vsn, _seen_by(channel.state.actor)
            key = (vsn, channel.topic, seen)
            if key not in frames:
                payload = diff_payload(diff, seen)
                frames[key] = None if payload is None else push_frame(vsn, channel.topic, "presence_diff", payload)
            frame = frames[key]
            if frame is not None:
                channel.socket.tell_presence(channel, frame, partial(room.presence.state, seen))


def _meta(actor: Actor, state: _State) -> Meta:
    return {
        "user_id": actor.user_id,
        "name": actor.name,
        "side": actor.side,
        "role": actor.role,
        "typing": state.typing,
        "viewing": state.viewing,
    }


def _seen_by(actor: Actor) -> Seen:
    return _seen_by_customer if actor.side == "customer" else _seen_by_staff


def _seen_by_staff(meta: Meta) -> Meta | None:
    return meta


def _seen_by_customer(meta: Meta) -> Meta | None:
    """A customer learns that staff are typing, not who reads along."""
    if meta["side"] == "customer":
        return meta
    return {name: meta[name] for name in meta if name != "viewing"} if meta["typing"] else None
