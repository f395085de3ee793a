"""Topics and who has joined them: Phoenix's joins, leaves, heartbeats and errors, the same for every family."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

import msgspec

from contract.binary_frames import BinaryBroadcast, decode_broadcast
from contract.errors import Refusal
from contract.frames import EMPTY, PHOENIX_TOPIC, BadFrame, Frame, decode_frame, encode_frame
from server.realtime.limits import SocketLimits
from server.realtime.server_frames import finished, refusal_bytes, reply_frame
from server.realtime.socket import Socket

T = TypeVar("T")
_UNMATCHED = b'{"reason":"unmatched topic"}'


class Channel:
    """One socket's membership of one topic. `state` is the family's own."""

    __slots__ = ("family", "join_ref", "left", "socket", "state", "topic")

    def __init__(self, family: "TopicFamily", socket: Socket, topic: str, join_ref: str | None) -> None:
        self.family = family
        self.socket = socket
        self.topic = topic
        self.join_ref = join_ref
        self.state: Any = None
        self.left = False
        """Whether its client has left it, as opposed to being cut off."""

    @property
    def live(self) -> bool:
        """Whether this is still the socket's membership: not left, replaced or cut off meanwhile."""
        return self.socket.channels.get(self.topic) is self

    def reply(self, ref: str | None, response: bytes = EMPTY) -> None:
        """`response` is a JSON object's bytes: some clients drop anything else."""
        self.socket.write(reply_frame(self.socket.vsn, self.join_ref, ref, self.topic, ok=True, response=response))

    def refuse(self, ref: str | None, refusal: Refusal) -> None:
        self.deny(ref, self.family.refusal(refusal))

    def deny(self, ref: str | None, response: bytes) -> None:
        """An error reply of the family's own making."""
        self.socket.write(reply_frame(self.socket.vsn, self.join_ref, ref, self.topic, ok=False, response=response))

    def push(self, event: str, payload: bytes) -> None:
        """For this member alone, hence with its join_ref."""
        self.socket.write(finished(encode_frame(self.socket.vsn, self.join_ref, None, self.topic, event, payload)))

    def reject(self, ref: str | None, refusal: Refusal) -> None:
        """Answers the join with an error; the socket is no member."""
        self.refuse(ref, refusal)
        if self.live:
            del self.socket.channels[self.topic]


class TopicFamily(Protocol):
    """All topics of one name or prefix. `join` answers the join itself, now or later; Refusals raised by `join` and
    `handle` become error replies. `leave` is called once for every join that was not rejected. `refusal` puts one
    into the words of the family's clients: a JSON object's bytes."""

    def join(self, channel: Channel, frame: Frame) -> None: ...
    def handle(self, channel: Channel, frame: Frame) -> None: ...
    def handle_binary(self, channel: Channel, said: BinaryBroadcast) -> None: ...
    def leave(self, channel: Channel) -> None: ...
    def refusal(self, refusal: Refusal) -> bytes: ...


class ChannelRouter:
    """Families by exact topic (`sync`) or by prefix (`typing:`, which then is the text before and with the colon)."""

    def __init__(
        self,
        families: Mapping[str, TopicFamily],
        limits: SocketLimits,
        beat: Callable[[Socket, Frame], bytes],
        clock: Callable[[], float],
    ) -> None:
        """`beat` gives a heartbeat reply's response; `clock` counts seconds and never goes back."""
        self._families = families
        self._limits = limits
        self._beat = beat
        self._clock = clock

    def receive(self, socket: Socket, data: bytes) -> None:
        """One text frame of a client."""
        now = socket.heard_at = self._clock()
        if socket.closed:
            return
        try:
            frame = decode_frame(data, socket.vsn)
        except (BadFrame, RecursionError):
            socket.close(1002, "no Phoenix frame")
            return
        if not socket.frames.take(now):
            self._slow_down(socket, frame)
            return
        socket.refused = 0
        if frame.topic == PHOENIX_TOPIC:
            self._answer_phoenix(socket, frame)
        elif frame.event == "phx_join":
            self._join(socket, frame, now)
        else:
            self._pass_on(socket, frame)

    def receive_binary(self, socket: Socket, data: bytes) -> None:
        """One binary frame: Supabase's clients broadcast in them."""
        now = socket.heard_at = self._clock()
        if socket.closed:
            return
        try:
            said = decode_broadcast(data)
        except BadFrame:
            socket.close(1003, "text frames, and binary broadcasts")
            return
        frame = Frame(said.join_ref, said.ref, said.topic, "broadcast", msgspec.Raw(EMPTY))
        channel = socket.channels.get(said.topic)
        if not socket.frames.take(now):
            self._slow_down(socket, frame)
        elif channel is None:
            _reply(socket, frame, ok=False, response=_UNMATCHED)
        else:
            socket.refused = 0
            try:
                channel.family.handle_binary(channel, said)
            except Refusal as refusal:
                channel.refuse(frame.ref, refusal)

    def forget(self, socket: Socket) -> None:
        """The socket is gone: so are its memberships."""
        channels = list(socket.channels.values())
        socket.channels.clear()
        for channel in channels:
            channel.family.leave(channel)

    def _answer_phoenix(self, socket: Socket, frame: Frame) -> None:
        if frame.event == "heartbeat":
            _reply(socket, frame, ok=True, response=self._beat(socket, frame))
        else:
            _reply(socket, frame, ok=False, response=_UNMATCHED)

    def _join(self, socket: Socket, frame: Frame, now: float) -> None:
        old = socket.channels.pop(frame.topic, None)
        if old is not None:
            old.family.leave(old)
            socket.write(finished(encode_frame(socket.vsn, old.join_ref, old.join_ref, old.topic, "phx_close", EMPTY)))
        family = self._family(frame.topic)
        if family is None:
            _reply(socket, frame, ok=False, response=_UNMATCHED)
            return
        channel = Channel(family, socket, frame.topic, frame.join_ref or frame.ref)
        if len(socket.channels) >= self._limits.max_topics:
            channel.refuse(frame.ref, Refusal("rate_limited", {"topics": self._limits.max_topics}))
        elif not socket.joins.take(now):
            channel.refuse(frame.ref, Refusal("rate_limited", {}, retry_after=socket.joins.wait()))
        else:
            socket.channels[frame.topic] = channel
            try:
                family.join(channel, frame)
            except Refusal as refusal:
                channel.reject(frame.ref, refusal)

    def _pass_on(self, socket: Socket, frame: Frame) -> None:
        channel = socket.channels.get(frame.topic)
        if frame.event == "phx_leave":
            _reply(socket, frame, ok=True, response=EMPTY)
            if channel is not None:
                self._close(channel)
        elif channel is None:
            _reply(socket, frame, ok=False, response=_UNMATCHED)
        else:
            try:
                channel.family.handle(channel, frame)
            except Refusal as refusal:
                channel.refuse(frame.ref, refusal)

    def _close(self, channel: Channel) -> None:
        socket, join_ref = channel.socket, channel.join_ref
        del socket.channels[channel.topic]
        channel.left = True
        channel.family.leave(channel)
        socket.write(finished(encode_frame(socket.vsn, join_ref, join_ref, channel.topic, "phx_close", EMPTY)))

    def _slow_down(self, socket: Socket, frame: Frame) -> None:
        socket.refused += 1
        if socket.refused > self._limits.abuse:
            socket.close(1008, "too many frames")
            return
        refusal = Refusal("rate_limited", {}, retry_after=socket.frames.wait())
        _reply(socket, frame, ok=False, response=refusal_bytes(refusal))

    def _family(self, topic: str) -> TopicFamily | None:
        prefix, colon, name = topic.partition(":")
        if not colon:
            return self._families.get(topic)
        return self._families.get(prefix + colon) if name else None


def _reply(socket: Socket, frame: Frame, *, ok: bool, response: bytes) -> None:
    """Answers a frame by its own references, joined or not."""
    socket.write(reply_frame(socket.vsn, frame.join_ref, frame.ref, frame.topic, ok=ok, response=response))


def no_binary(channel: Channel, said: BinaryBroadcast) -> None:
    """For families that take text only."""
    raise Refusal("invalid_payload", {"problem": "this topic takes no binary frames"})


def payload_of(frame: Frame, decode: Callable[[bytes], T]) -> T:
    """The frame's payload in a shape; raises Refusal `invalid_payload` or `malformed_json`."""
    try:
        return decode(frame.payload)
    except msgspec.ValidationError as error:
        raise Refusal("invalid_payload", {"problem": str(error)}) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal("malformed_json", {"problem": str(error)}) from error
