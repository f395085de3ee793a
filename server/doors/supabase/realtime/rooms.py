"""Broadcast and presence: who is in a channel of a name, what they say to each other. Nothing of this is stored."""

import time
from collections.abc import Callable, Iterable, Iterator

import msgspec

from contract.binary_frames import encode_broadcast
from contract.frames import Vsn
from server.realtime.channels import Channel
from server.realtime.pace import Pace
from server.realtime.presence import Diff, Meta, Presence, diff_payload
from server.realtime.server_frames import finished_binary, push_frame

_BURST_SECONDS = 5.0
_encode = msgspec.json.Encoder().encode


class Said(msgspec.Struct, frozen=True):
    """One broadcast. `payload` is JSON if `json`, else whatever the app meant."""

    event: str
    payload: bytes
    json: bool


class Member:
    """A channel's part in its room."""

    __slots__ = ("channel", "key", "own_broadcasts", "pace", "presence")

    def __init__(
        self, channel: Channel, key: str, tracks_per_second: float, *, own_broadcasts: bool, presence: bool
    ) -> None:
        self.channel = channel
        self.key = key
        self.own_broadcasts = own_broadcasts
        self.presence = presence
        self.pace = Pace(tracks_per_second, max(1.0, _BURST_SECONDS * tracks_per_second), time.monotonic())


class Room:
    """All members of one name."""

    def __init__(self) -> None:
        self.members: dict[Channel, Member] = {}
        self._presence = Presence()

    def enter(self, member: Member) -> None:
        self.members[member.channel] = member
        if member.presence:
            member.channel.push("presence_state", self._state())

    def leave(self, channel: Channel) -> None:
        self.members.pop(channel, None)
        channel.socket.forget_presence(channel)
        self._tell(self._presence.untrack(channel))

    def track(self, member: Member, meta: Meta) -> None:
        member.presence = True
        self.show(member.channel, member.key, meta)

    def show(self, channel: Channel, key: str, meta: Meta) -> None:
        """Somebody who is there, be it by another kind of client. `leave` takes them away again."""
        self._tell(self._presence.track(channel, key, meta))

    def untrack(self, member: Member) -> None:
        self._tell(self._presence.untrack(member.channel))

    def broadcast(self, said: Said, sender: Channel | None) -> None:
        """To every member but the sender, unless it asked to hear itself. What is no JSON cannot be told to clients of
        version 1."""
        hearing = [one.channel for one in self.members.values() if one.channel is not sender or one.own_broadcasts]
        for channel, frame in _framed(hearing, lambda vsn, topic: _broadcast_frame(vsn, topic, said)):
            channel.socket.offer(frame)

    def _tell(self, diff: Diff | None) -> None:
        payload = None if diff is None else diff_payload(diff, _as_it_is)
        if payload is not None:
            watching = [one.channel for one in self.members.values() if one.presence]
            for channel, frame in _framed(
                watching, lambda vsn, topic: push_frame(vsn, topic, "presence_diff", payload)
            ):
                channel.socket.tell_presence(channel, frame, self._state)

    def _state(self) -> bytes:
        return self._presence.state(_as_it_is)


def _framed(channels: Iterable[Channel], build: Callable[[Vsn, str], bytes | None]) -> Iterator[tuple[Channel, bytes]]:
    """The same for many, built once for those who share a version and a topic; None is for them to miss."""
    frames: dict[tuple[Vsn, str], bytes | None] = {}
    for channel in channels:
        key = (channel.socket.vsn, channel.topic)
        if key not in frames:
            frames[key] = build(*key)
        frame = frames[key]
        if frame is not None:
            yield channel, frame


def _broadcast_frame(vsn: Vsn, topic: str, said: Said) -> bytes | None:
    if said.json:
        payload = b'{"type":"broadcast","event":%b,"payload":%b}' % (_encode(said.event), said.payload)
        return push_frame(vsn, topic, "broadcast", payload)
    if vsn == "1.0.0":
        return None
    return finished_binary(encode_broadcast(topic, said.event, said.payload, json=False))


def _as_it_is(meta: Meta) -> Meta:
    return meta
