"""Topic `sync` of the socket: the feed from the client's cursor on, its operations and receipts (docs/protocol.md)."""

import time
from collections.abc import Callable
from typing import Any

import msgspec

from contract.actors import Actor
from contract.binary_frames import BinaryBroadcast
from contract.errors import Refusal
from contract.feed import Beat, JoinReply, JoinRequest, ReadMark
from contract.frames import EMPTY, SYNC_TOPIC, Frame
from contract.verdicts import OpsRequest
from server.access.identity import Identity
from server.access.tokens import TokenVerifier
from server.actions.mark_delivered import mark_delivered
from server.actions.mark_read import mark_read
from server.doors.receipts import write_receipt
from server.doors.sync.operations import Answer, Operations
from server.realtime.channels import Channel, no_binary, payload_of
from server.realtime.fan_out import FanOut
from server.realtime.server_frames import refusal_bytes, reply_frame
from server.realtime.socket import Socket
from server.realtime.views import View, eyes
from server.store.store import Store
from server.store.transactions import WriteTx


class _Cursor(msgspec.Struct):
    seq: int


class _Token(msgspec.Struct):
    access_token: str


_decode_join = msgspec.json.Decoder(JoinRequest).decode
_decode_ops = msgspec.json.Decoder(OpsRequest).decode
_decode_cursor = msgspec.json.Decoder(_Cursor).decode
_decode_read = msgspec.json.Decoder(ReadMark).decode
_decode_token = msgspec.json.Decoder(_Token).decode
_encode = msgspec.json.Encoder().encode


Receipt = Callable[[WriteTx], object]
_MOST_UNTAKEN = 1_000
"""Receipts of one socket. Of those beyond, the next mark of that conversation tells as much."""


class Subscriber:
    """A channel's part in the feed. `view` is None while the client must first take a snapshot."""

    __slots__ = ("ahead", "behind", "cursor", "device_id", "untaken", "view")

    def __init__(self, device_id: str, view: View | None, cursor: int, behind: int) -> None:
        self.device_id = device_id
        self.view = view
        self.cursor = cursor
        """What the device holds for sure."""
        self.behind = behind
        """The head when it joined: up to there it may confirm messages that this view was never sent."""
        self.ahead = 0
        """What it says it holds and this server has not told of yet: it was read from the database."""
        self.untaken: dict[str, Receipt] = {}
        """By what they are about: tried again with the next heartbeat."""


class SyncTopic:
    """Who writes, reads and listens here has been identified at the join and is known by the socket."""

    def __init__(self, store: Store, verifier: TokenVerifier, fan_out: FanOut, operations: Operations) -> None:
        self._store = store
        self._verifier = verifier
        self._fan_out = fan_out
        self._operations = operations
        self._handlers = {
            "ops": self._ops,
            "cursor": self._cursor,
            "read": self._read,
            "access_token": self._access_token,
        }

    def join(self, channel: Channel, frame: Frame) -> None:
        request = payload_of(frame, _decode_join)
        identity = self._identify(channel.socket, request.access_token)
        if request.epoch != self._fan_out.epoch or (request.cursor or 0) <= self._fan_out.head:
            self._enter(channel, frame, request, identity)
            return

        def caught_up(answer: BaseException | None) -> None:
            if not channel.live:
                return
            if answer is None:
                self._enter(channel, frame, request, identity)
            else:
                channel.reject(frame.ref, answer if isinstance(answer, Refusal) else Refusal("internal"))

        # Another server of this database has told more than was read here so far; a commit reads what there is.
        self._store.submit(have_feed_read, caught_up)

    def _enter(self, channel: Channel, frame: Frame, request: JoinRequest, identity: Identity) -> None:
        mode, missed = self._catch_up(channel, identity.actor, request)
        cursor = request.cursor if mode != "snapshot" and request.cursor is not None else 0
        view = None if mode == "snapshot" else self._fan_out.enter(identity.actor, channel.socket)
        channel.state = Subscriber(request.device_id, view, cursor, self._fan_out.head)
        reply = _encode(self._reply(mode, identity.actor))
        socket = channel.socket
        head = reply_frame(socket.vsn, channel.join_ref, frame.ref, SYNC_TOPIC, ok=True, response=reply)
        socket.write(head + missed)
        if cursor:
            self._confirm(identity.actor, channel.state, cursor)

    def handle(self, channel: Channel, frame: Frame) -> None:
        handler = self._handlers.get(frame.event)
        if handler is None:
            raise Refusal("invalid_payload", {"event": frame.event, "known": list(self._handlers)})
        handler(channel, frame)

    def leave(self, channel: Channel) -> None:
        state: Subscriber | None = channel.state
        if state is not None and state.view is not None:
            self._fan_out.leave(state.view, channel.socket)

    def handle_binary(self, channel: Channel, said: BinaryBroadcast) -> None:
        no_binary(channel, said)

    def refusal(self, refusal: Refusal) -> bytes:
        return refusal_bytes(refusal)

    def beat(self, socket: Socket) -> bytes:
        """What a heartbeat is answered with."""
        channel = socket.channels.get(SYNC_TOPIC)
        state: Subscriber | None = None if channel is None else channel.state
        if channel is None or state is None:
            return EMPTY
        untaken, state.untaken = state.untaken, {}
        for about, receipt in untaken.items():
            self._write(state, about, receipt)
        self._move_cursor(channel, state, state.ahead)
        head, view = self._fan_out.head, state.view
        return _encode(Beat(head, head if view is None else view.sent, _now_ms()))

    def _catch_up(self, channel: Channel, actor: Actor, request: JoinRequest) -> tuple[Any, bytes]:
        """The join's mode, and for a short gap the frames that close it."""
        cursor, fan_out = request.cursor, self._fan_out
        if cursor is None or request.epoch != fan_out.epoch or not self._store.floor <= cursor <= fan_out.head:
            return "snapshot", b""
        if fan_out.rights_changed_since(actor.user_id, cursor):
            return "snapshot", b""
        missed = fan_out.gap(actor, cursor, channel.socket.vsn)
        return ("pull", b"") if missed is None else ("delta", missed)

    def _reply(self, mode: Any, actor: Actor) -> JoinReply:
        return JoinReply(self._fan_out.epoch, self._fan_out.head, self._store.floor, mode, _now_ms(), user_of(actor))

    def _identify(self, socket: Socket, token: str) -> Identity:
        identity = self._verifier.verify(token)
        known = socket.identity
        if known is not None and known.actor.user_id != identity.actor.user_id:
            raise Refusal("unauthorized", {"problem": "this socket is another person's"})
        socket.identity = identity
        return identity

    def _ops(self, channel: Channel, frame: Frame) -> None:
        socket = channel.socket
        if socket.leaving or socket.identity is None:
            raise Refusal("unavailable", retry_after=1.0)
        request = payload_of(frame, _decode_ops)
        started = 0

        def done(answer: Answer) -> None:
            if isinstance(answer, Refusal):
                channel.refuse(frame.ref, answer)
            else:
                channel.reply(frame.ref, _encode(answer))
            socket.answered(started)

        started = len(request.ops)
        socket.expect(started)
        try:
            self._operations.submit(socket.identity.actor, request, done)
        except Refusal:
            socket.answered(started)
            raise

    def _cursor(self, channel: Channel, frame: Frame) -> None:
        """Reaches the writer only when it tells something new: one device confirms for all who see with its eyes."""
        seq = payload_of(frame, _decode_cursor).seq
        state: Subscriber | None = channel.state
        if state is not None:
            state.ahead = seq
            self._move_cursor(channel, state, seq)

    def _move_cursor(self, channel: Channel, state: Subscriber, seq: int) -> None:
        if not state.cursor < seq <= self._fan_out.head or channel.socket.identity is None:
            return
        was, state.cursor = state.cursor, seq
        news = state.view is not None and state.view.confirm(seq)
        if news or was < state.behind:
            self._confirm(channel.socket.identity.actor, state, seq)

    def _confirm(self, actor: Actor, state: Subscriber, cursor: int) -> None:
        device_id = state.device_id
        self._write(state, "cursor", lambda tx: mark_delivered(tx, actor, device_id, cursor))

    def _read(self, channel: Channel, frame: Frame) -> None:
        mark = payload_of(frame, _decode_read)
        identity, state = channel.socket.identity, channel.state
        if identity is None or state is None:
            return
        actor = identity.actor
        self._write(state, mark.booking_id, lambda tx: mark_read(tx, actor, mark.booking_id, mark.position))

    def _write(self, state: Subscriber, about: str, receipt: Receipt) -> None:
        def untaken() -> None:
            if len(state.untaken) < _MOST_UNTAKEN:
                state.untaken[about] = receipt

        write_receipt(self._store, receipt, untaken)

    def _access_token(self, channel: Channel, frame: Frame) -> None:
        before = channel.socket.identity
        identity = self._identify(channel.socket, payload_of(frame, _decode_token).access_token)
        channel.reply(frame.ref)
        if before is not None and eyes(before.actor) != eyes(identity.actor):
            channel.socket.bye("reauth", 0, 1008)


def user_of(actor: Actor) -> dict[str, Any]:
    """The person as clients get them."""
    return {
        "id": actor.user_id,
        "name": actor.name,
        "role": actor.role,
        "lang": actor.lang,
        "departments": list(actor.departments),
        "side": actor.side,
    }


def have_feed_read(tx: WriteTx) -> None:
    """A job that does nothing: its commit reads what other servers have told meanwhile."""


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
