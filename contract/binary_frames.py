"""Supabase's binary frames (serializer 2.0.0): a broadcast from a client, kind 3, and one to a client, kind 4.

Source: realtime-js's serializer as recorded in the reference on Supabase's wire, 1.3. All lengths are bytes of UTF-8,
each written in one byte.
"""

import msgspec

from contract.frames import BadFrame

FROM_CLIENT = 3
TO_CLIENT = 4
_HEAD = 7
LONGEST_NAME = 255
"""Bytes of a topic or an event."""


class BinaryBroadcast(msgspec.Struct, frozen=True):
    """What a client broadcasts. `payload` is a JSON value's bytes if `json`, else whatever the app meant."""

    join_ref: str | None
    ref: str | None
    topic: str
    event: str
    json: bool
    payload: bytes


def decode_broadcast(data: bytes) -> BinaryBroadcast:
    """Reads a frame of kind 3; its meta (what to store, which we do not) is passed over. Raises BadFrame."""
    if len(data) < _HEAD or data[0] != FROM_CLIENT or data[6] > 1:
        raise BadFrame("no broadcast of kind 3")
    parts = []
    at = _HEAD
    for size in data[1:6]:
        parts.append(data[at : at + size])
        at += size
    if at > len(data):
        raise BadFrame("shorter than its parts")
    try:
        join_ref, ref, topic, event, _ = (part.decode() for part in parts)
    except UnicodeDecodeError as error:
        raise BadFrame(str(error)) from error
    return BinaryBroadcast(join_ref or None, ref or None, topic, event, data[6] == 1, data[at:])


def encode_broadcast(topic: str, event: str, payload: bytes, *, json: bool) -> bytes:
    """A frame of kind 4. Raises ValueError for a topic or event that no length byte can tell."""
    names = topic.encode(), event.encode()
    if max(map(len, names)) > LONGEST_NAME:
        raise ValueError("A topic and an event have 255 bytes at most.")
    head = bytes([TO_CLIENT, len(names[0]), len(names[1]), 0, int(json)])
    return b"".join([head, *names, payload])
