"""Topics `realtime:…`: joins, tokens, broadcast and presence, each channel speaking for whoever its token names."""

import contextlib
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import msgspec

from contract.actors import Actor
from contract.binary_frames import LONGEST_NAME, BinaryBroadcast
from contract.errors import Refusal
from contract.frames import EMPTY, Frame
from server.access.identity import Identity
from server.access.tokens import TokenVerifier
from server.doors.supabase.realtime.join_request import read_join, read_request, token_of
from server.doors.supabase.realtime.part import Part
from server.doors.supabase.realtime.refusals import reason_bytes
from server.doors.supabase.realtime.replay import Replay
from server.doors.supabase.realtime.room_access import RoomAccess
from server.doors.supabase.realtime.room_names import PREFIX, read_room_name
from server.doors.supabase.realtime.row_changes import RowChanges
from server.doors.supabase.realtime.talk import Talk
from server.realtime.channels import Channel, payload_of
from server.realtime.socket import Socket
from server.store.feed import Batch

_SENT_BACK = 20
"""Topics of one socket whose first join is refused for want of a token; more are let in as they are."""
_SUBSCRIBED = "Subscribed to PostgreSQL"
_encode = msgspec.json.Encoder().encode


class _Token(msgspec.Struct):
    access_token: str | None = None


_decode_token = msgspec.json.Decoder(_Token).decode


class RealtimeTopic:
    """Owned by the loop's thread. A channel's token is its own: apps sign in and out on one socket."""

    def __init__(
        self,
        verifier: TokenVerifier,
        access: RoomAccess,
        changes: RowChanges,
        talk: Talk,
        replay: Replay,
        *,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        """`spawn` starts a coroutine in the task group that owns the server's tasks."""
        self._verifier = verifier
        self._access = access
        self._changes = changes
        self._talk = talk
        self._replay = replay
        self._spawn = spawn
        self._parts: dict[Part, None] = {}

    def join(self, channel: Channel, frame: Frame) -> None:
        if len(channel.topic.encode()) > LONGEST_NAME:
            raise Refusal("invalid_payload", {"problem": f"A topic has {LONGEST_NAME} bytes at most"})
        payload = read_join(frame)
        identity = self._identify(token_of(payload))
        request = read_request(payload, stranger=identity is None)
        if token_of(payload) is None:
            _expect_token(channel)
        name = read_room_name(channel.topic.removeprefix(PREFIX))
        part = channel.state = Part(channel, name, request, identity)
        self._parts[part] = None
        if part.identity is not None:
            channel.socket.vouched = True
        self._spawn(self._admit(part, frame.ref))

    def handle(self, channel: Channel, frame: Frame) -> None:
        part: Part = channel.state
        if frame.event == "access_token":
            self._take_token(part, payload_of(frame, _decode_token).access_token)
        elif not part.admitted:
            raise Refusal("unavailable", {"problem": "the join has not been answered yet"})
        elif frame.event == "broadcast":
            self._talk.broadcast(part, frame)
        elif frame.event == "presence":
            self._talk.presence(part, frame)
        else:
            raise Refusal("invalid_payload", {"problem": f"unknown event {frame.event[:64]!r}"})

    def handle_binary(self, channel: Channel, said: BinaryBroadcast) -> None:
        part: Part = channel.state
        if part.admitted:
            self._talk.broadcast_binary(part, said)

    def leave(self, channel: Channel) -> None:
        part: Part | None = channel.state
        if part is None:
            return
        self._parts.pop(part, None)
        self._changes.remove(part)
        self._talk.leave(part)
        self._replay.end(part, meant=channel.left)

    def refusal(self, refusal: Refusal) -> bytes:
        return reason_bytes(refusal)

    def publish(self, batch: Batch) -> None:
        """One commit; whoever it takes a booking away from may no longer talk there. Apps see no gap: where there is
        one, or the commit fails on its way, all channels begin anew, and those that resume are told what they
        missed."""
        if batch.from_seq != self._changes.head + 1:
            self._fail_all()
        with contextlib.ExitStack() as unless_brought:
            unless_brought.callback(self._fail_all)
            self._access.publish(batch)
            self._changes.publish(batch)
            for change in batch.changes:
                if change.table == "bookings":
                    self._talk.look_again(change.row_id, change.after)
            unless_brought.pop_all()

    def beat(self, socket: Socket, frame: Frame) -> None:
        """A heartbeat that counts its replies was sent after the last reply was read, and all that came before it.
        Clients without references (Python's) read no replies, so that theirs tell nothing."""
        if frame.ref is not None:
            for channel in socket.channels.values():
                if channel.family is self:
                    self._replay.confirm(channel.state)

    def sweep(self, expired: float) -> None:
        """`expired`: seconds since 1970. Channels whose token ran out before that, or whose session has ended, fail in
        a way that clients mend by themselves: they rejoin with a fresh token (supabase-wire 4, 7 to 9)."""
        for part in tuple(self._parts):
            identity = part.identity
            if identity is not None and (identity.expires_at < expired or not self._verifier.stands(identity)):
                self._fail(part)

    def rights_changed(self, user_ids: Iterable[str]) -> None:
        """These people may see more or less than before: their channels begin anew."""
        changed = frozenset(user_ids)
        for part in tuple(self._parts) if changed else ():
            if part.identity is not None and part.identity.actor.user_id in changed:
                self._fail(part)

    async def _admit(self, part: Part, ref: str | None) -> None:
        channel = part.channel
        try:
            facts = await self._access.booking(part.name)
        except Refusal as refusal:  # an outage: the client tries again
            if channel.live:
                channel.reject(ref, refusal)
                self.leave(channel)
            return
        if not channel.live:
            return
        may_talk = self._access.may_talk(_actor(part.identity), part.name, facts)
        if part.request.private and not may_talk:
            problem = f"You do not have permissions to read from this Channel topic: {part.name.name}"
            channel.reject(ref, Refusal("forbidden", {"problem": problem}))
            self.leave(channel)
            return
        part.admitted = True
        part.booking_id = None if facts is None else facts.id
        missed = self._replay.begin(part)
        if not missed:
            self._changes.add(part)
        channel.reply(
            ref, _encode({"postgres_changes": [{**one.asked, "id": one.id} for one in part.request.bindings]})
        )
        self._talk.enter(part, may_talk=may_talk)
        if part.request.bindings:
            channel.push("system", _system(part, _SUBSCRIBED))
        if missed:
            with contextlib.suppress(Refusal), contextlib.ExitStack() as unless_caught_up:
                unless_caught_up.callback(self._fail, part)
                await self._replay.catch_up(part)
                unless_caught_up.pop_all()

    def _identify(self, token: str | None) -> Identity | None:
        """None for the public key, another kind of key, or nothing: nobody in particular. Raises Refusal."""
        if token is None or token.startswith("sb_") or self._verifier.is_anon_key(token):
            return None
        return self._verifier.verify(token)

    def _take_token(self, part: Part, token: str | None) -> None:
        """Signing out sends the public key: then the channel sees nothing more. A token that is no good fails it."""
        if token is None:
            return
        try:
            identity = self._identify(token)
        except Refusal:
            self._fail(part)
            return
        before, part.identity = part.identity, identity
        if identity is not None:
            part.channel.socket.vouched = True
        if part.admitted and _actor(before) != _actor(identity):
            self._replay.recognise(part)
            part.missed = []
            self._changes.remove(part)
            if not part.catching_up:
                self._changes.add(part)
            self._talk.leave(part)
            self._spawn(self._talk_again(part))

    async def _talk_again(self, part: Part) -> None:
        """For whom the channel speaks now."""
        try:
            facts = await self._access.booking(part.name)
        except Refusal:
            self._fail(part)
            return
        if part.channel.live and part.member is None:
            self._talk.enter(part, may_talk=self._access.may_talk(_actor(part.identity), part.name, facts))

    def _fail_all(self) -> None:
        for part in tuple(self._parts):
            self._fail(part)

    def _fail(self, part: Part) -> None:
        channel = part.channel
        if channel.live:
            del channel.socket.channels[channel.topic]
            self.leave(channel)
            channel.push("phx_error", EMPTY)


def _expect_token(channel: Channel) -> None:
    """supabase-js around 2.57 joins before it knows its token and never sends it afterwards, but it does with the next
    join: it is sent back for it, once, to talk as much as to hear of rows. Who then still has none listens as nobody in
    particular."""
    socket = channel.socket
    if socket.keyed and channel.topic not in socket.sent_back and len(socket.sent_back) < _SENT_BACK:
        socket.sent_back |= {channel.topic}
        raise Refusal("unauthorized", {"problem": "the join carries no access token; join again with it"})


def _actor(identity: Identity | None) -> Actor | None:
    return None if identity is None else identity.actor


def _system(part: Part, message: str) -> bytes:
    return _encode({"message": message, "status": "ok", "extension": "postgres_changes", "channel": part.name.name})
