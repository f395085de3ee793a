"""All rooms of `realtime:…`: who is let into which, and what members may say there."""

from collections.abc import Callable
from typing import Any

import msgspec

from contract.actors import Actor
from contract.binary_frames import LONGEST_NAME, BinaryBroadcast
from contract.errors import Refusal
from contract.frames import EMPTY, Frame
from server.doors.supabase.realtime.part import Part
from server.doors.supabase.realtime.room_names import RoomName
from server.doors.supabase.realtime.rooms import Member, Room, Said
from server.doors.supabase.realtime.talk_limits import TalkLimits
from server.realtime.channels import Channel, payload_of
from server.realtime.presence import Meta
from server.realtime.typing_board import TypingBoard
from server.store.feed import BookingFacts

_TOO_LARGE = b'{"error":"payload_size_exceeded"}'
_TYPING = "typing"
_OWN_NAMES = ("phx_ref", "phx_ref_prev")


class _Broadcast(msgspec.Struct):
    event: str
    payload: msgspec.Raw = msgspec.Raw(EMPTY)


class _Presence(msgspec.Struct):
    event: str
    payload: dict[str, Any] = msgspec.field(default_factory=dict)


_decode_broadcast = msgspec.json.Decoder(_Broadcast).decode
_decode_presence = msgspec.json.Decoder(_Presence).decode
_encode = msgspec.json.Encoder().encode


class Talk:
    """In a booking's room `typing:…` our own clients are seen while they type, and the app's people by them."""

    def __init__(
        self,
        sees_fully: Callable[[Actor, BookingFacts | None], bool],
        new_key: Callable[[], str],
        board: TypingBoard,
        limits: TalkLimits,
    ) -> None:
        """`sees_fully` is the visibility rule's word on a booking; `new_key` names members that name themselves
        nothing."""
        self._sees_fully = sees_fully
        self._new_key = new_key
        self._board = board
        self.limits = limits
        self._rooms: dict[str, Room] = {}
        self._of_booking: dict[str, set[str]] = {}

    def enter(self, part: Part, *, may_talk: bool) -> None:
        """Who may not talk hears nothing either, and is told that nobody is there: without that word presence never
        begins in some clients."""
        request = part.request
        if not may_talk:
            if request.presence:
                part.channel.push("presence_state", EMPTY)
            return
        part.room = _room_of(part.name, part.booking_id)
        if part.booking_id:
            self._of_booking.setdefault(part.booking_id, set()).add(part.room)
        key = request.presence_key or self._new_key()
        own, presence, rate = request.own_broadcasts, request.presence, self.limits.tracks_per_second
        part.member = Member(part.channel, key, rate, own_broadcasts=own, presence=presence)
        room = self._rooms.get(part.room)
        if room is None:
            room = self._rooms[part.room] = Room()
            for guest, actor in self._board.elsewhere(_typing_in(part), part.channel.family):
                room.show(guest, actor.user_id, _as_typist(actor))
        room.enter(part.member)
        if part.intended is not None:
            self._track(part, part.member, room, part.intended)
            part.intended = None

    def leave(self, part: Part) -> None:
        if part.room is None:
            return
        room = self._rooms[part.room]
        room.leave(part.channel)
        self._note_typing(part, None)
        if not room.members:
            del self._rooms[part.room]
            if part.booking_id:
                names = self._of_booking[part.booking_id]
                names.discard(part.room)
                if not names:
                    del self._of_booking[part.booking_id]
        part.room = part.member = None

    def look_again(self, booking_id: str, facts: BookingFacts | None) -> None:
        """The booking has changed hands, perhaps: whoever has lost sight of it leaves its rooms."""
        for name in tuple(self._of_booking.get(booking_id, ())):
            for member in tuple(self._rooms[name].members.values()):
                part: Part = member.channel.state
                if part.identity is None or not self._sees_fully(part.identity.actor, facts):
                    self.leave(part)

    def broadcast(self, part: Part, frame: Frame) -> None:
        said = payload_of(frame, _decode_broadcast)
        if len(said.payload) > self.limits.broadcast or len(said.event.encode()) > LONGEST_NAME:
            part.channel.deny(frame.ref, _TOO_LARGE)
            return
        if not _is_json(said.payload):
            raise Refusal("malformed_json", {"problem": "the broadcast's payload is not JSON in UTF-8"})
        self._say(part, Said(said.event, bytes(said.payload), json=True))
        if part.request.acknowledge:
            part.channel.reply(frame.ref)

    def broadcast_binary(self, part: Part, said: BinaryBroadcast) -> None:
        if len(said.payload) > self.limits.broadcast:
            part.channel.deny(said.ref, _TOO_LARGE)
            return
        if said.json and not _is_json(said.payload):
            raise Refusal("malformed_json", {"problem": "the broadcast's payload is not JSON"})
        self._say(part, Said(said.event, said.payload, json=said.json))
        if part.request.acknowledge:
            part.channel.reply(said.ref)

    def say(self, name: RoomName, booking_id: str | None, said: Said) -> None:
        """From outside: by somebody who may talk there and is no member."""
        room = self._rooms.get(_room_of(name, booking_id))
        if room is not None:
            room.broadcast(said, None)

    def presence(self, part: Part, frame: Frame) -> None:
        """Always answered: clients wait for it."""
        said = payload_of(frame, _decode_presence)
        event = said.event.lower()
        if part.member is None:
            part.intended = _meta(said.payload, self.limits.presence) if event == "track" else None
        member, room = self._member(part)
        if not member.pace.take(part.channel.socket.heard_at):
            raise Refusal("rate_limited", {"problem": "too many presence calls"}, retry_after=member.pace.wait())
        if event == "track":
            self._track(part, member, room, _meta(said.payload, self.limits.presence))
        elif event == "untrack":
            room.untrack(member)
            self._note_typing(part, None)
        else:
            raise Refusal("invalid_payload", {"problem": "presence knows track and untrack"})
        part.channel.reply(frame.ref)

    def hear_typing(self, booking_id: str, guest: Channel, actor: Actor | None) -> None:
        """Somebody in one of our own clients begins or stops."""
        room = self._rooms.get(f"{_TYPING}:{booking_id}")
        if room is not None and actor is not None:
            room.show(guest, actor.user_id, _as_typist(actor))
        elif room is not None:
            room.leave(guest)

    def _track(self, part: Part, member: Member, room: Room, meta: Meta) -> None:
        room.track(member, meta)
        self._note_typing(part, meta.get("typing"))

    def _note_typing(self, part: Part, typing: Any) -> None:
        """Who it is, is the token's to say, whatever the app tracks of it."""
        booking_id, identity = _typing_in(part), part.identity
        if booking_id is not None:
            self._board.say(booking_id, part.channel, identity.actor if identity and typing is True else None)

    def _say(self, part: Part, said: Said) -> None:
        _, room = self._member(part)
        room.broadcast(said, part.channel)

    def _member(self, part: Part) -> tuple[Member, Room]:
        if part.member is None or part.room is None:
            problem = f"You do not have permissions to write to this Channel topic: {part.name.name}"
            raise Refusal("forbidden", {"problem": problem})
        return part.member, self._rooms[part.room]


def _typing_in(part: Part) -> str | None:
    """The booking whose typing this is about; None: it is another kind of room."""
    return part.booking_id if part.name.kind == _TYPING else None


def _as_typist(actor: Actor) -> Meta:
    """What apps are told of somebody who types in one of our own clients, in the seeds' form (C-29)."""
    return {"user_id": actor.user_id, "name": actor.name, "side": actor.side, "role": actor.role, "typing": True}


def _room_of(name: RoomName, booking_id: str | None) -> str:
    """One room for a booking's id and its code."""
    return f"{name.kind}:{booking_id}" if booking_id else f"={name.name}"


def _meta(payload: dict[str, Any], at_most: int) -> Meta:
    if len(_encode(payload)) > at_most:
        raise Refusal("invalid_payload", {"problem": f"a presence has at most {at_most} bytes"})
    return {name: value for name, value in payload.items() if name not in _OWN_NAMES}


def _is_json(payload: bytes | msgspec.Raw) -> bool:
    try:
        msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
