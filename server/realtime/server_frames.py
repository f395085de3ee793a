"""Finished server frames: WebSocket header and Phoenix frame in one piece of bytes, built once and shared by sockets.

Server frames are unmasked (RFC 6455, 5.1), so the same bytes are right for everyone who may see the same thing.
"""

import msgspec

from contract.errors import Refusal, error_body
from contract.frames import EMPTY, SYNC_TOPIC, Vsn, encode_frame, encode_reply

_TEXT = 0x81
_BINARY = 0x82
_CLOSE = 0x88
_encode = msgspec.json.Encoder().encode


def finished(text: bytes, kind: int = _TEXT) -> bytes:
    """`text` as one WebSocket text frame."""
    size = len(text)
    if size < 126:
        return b"%c%c%b" % (kind, size, text)
    if size < 65_536:
        return b"%c\x7e%b%b" % (kind, size.to_bytes(2, "big"), text)
    return b"%c\x7f%b%b" % (kind, size.to_bytes(8, "big"), text)


def finished_binary(data: bytes) -> bytes:
    """`data` as one WebSocket binary frame."""
    return finished(data, _BINARY)


def close_frame(code: int, reason: str) -> bytes:
    """A WebSocket close frame. A control frame holds 125 bytes at most, two of them the code."""
    payload = code.to_bytes(2, "big") + reason.encode()[:120]
    return b"%c%c%b" % (_CLOSE, len(payload), payload)


def push_frame(vsn: Vsn, topic: str, event: str, payload: bytes, join_ref: str | None = None) -> bytes:
    """A push. Without join_ref it fits every member of the topic, so that it can be shared."""
    return finished(encode_frame(vsn, join_ref, None, topic, event, payload))


def reply_frame(
    vsn: Vsn, join_ref: str | None, ref: str | None, topic: str, *, ok: bool, response: bytes = EMPTY
) -> bytes:
    """The answer to the frame that carried `ref`."""
    return finished(encode_reply(vsn, join_ref, ref, topic, ok=ok, response=response))


def bye_frame(vsn: Vsn, reason: str, after_ms: int) -> bytes:
    """The last push on `sync`: why the socket closes, and how long to stay away."""
    return push_frame(vsn, SYNC_TOPIC, "bye", b'{"reason":"%b","after_ms":%d}' % (reason.encode(), after_ms))


def refusal_bytes(refusal: Refusal) -> bytes:
    """What an error reply carries: {code, message, details}, and when to try again if that is known."""
    if refusal.retry_after is None:
        return _encode(error_body(refusal))
    details = refusal.details if isinstance(refusal.details, dict) else {}
    details = {**details, "retry_after_ms": round(refusal.retry_after * 1000)}
    return _encode({"code": refusal.code, "message": refusal.message, "details": details})
