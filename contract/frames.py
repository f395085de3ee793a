"""Phoenix channel frames, version 1 (objects) and 2 (arrays). Payloads stay raw JSON until someone needs them.

Source: Phoenix's v1 and v2 JSON serializers; Supabase's variants as recorded in the reference on its wire.
"""

from typing import Literal

import msgspec

Vsn = Literal["1.0.0", "2.0.0"]
PHOENIX_TOPIC = "phoenix"
SYNC_TOPIC = "sync"
EMPTY = b"{}"


class BadFrame(ValueError):
    """Bytes that are no Phoenix frame; the socket they came on is closed."""


class Frame(msgspec.Struct, frozen=True):
    """One message of a channel. `payload` is a JSON value's own bytes."""

    join_ref: str | None
    ref: str | None
    topic: str
    event: str
    payload: msgspec.Raw


class _Object(msgspec.Struct):
    topic: str
    event: str
    payload: msgspec.Raw = msgspec.Raw(EMPTY)
    ref: str | int | None = None
    join_ref: str | int | None = None


_decode_array = msgspec.json.Decoder(tuple[str | int | None, str | int | None, str, str, msgspec.Raw]).decode
_decode_object = msgspec.json.Decoder(_Object).decode
_encode = msgspec.json.Encoder().encode


def _as_text(ref: str | int | None) -> str | None:
    return str(ref) if isinstance(ref, int) else ref


def decode_frame(data: bytes | str, vsn: Vsn) -> Frame:
    """Reads one text frame; raises BadFrame."""
    try:
        if vsn == "2.0.0":
            join_ref, ref, topic, event, payload = _decode_array(data)
        else:
            found = _decode_object(data)
            join_ref, ref, topic, event, payload = found.join_ref, found.ref, found.topic, found.event, found.payload
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadFrame(str(error)) from error
    return Frame(_as_text(join_ref), _as_text(ref), topic, event, payload)


def encode_frame(vsn: Vsn, join_ref: str | None, ref: str | None, topic: str, event: str, payload: bytes) -> bytes:
    """Writes one text frame around payload bytes that are JSON already. Version 1 leaves join_ref out."""
    if vsn == "2.0.0":
        return b"[%b,%b,%b,%b,%b]" % (_encode(join_ref), _encode(ref), _encode(topic), _encode(event), payload)
    return b'{"topic":%b,"event":%b,"payload":%b,"ref":%b}' % (_encode(topic), _encode(event), payload, _encode(ref))


def encode_reply(
    vsn: Vsn, join_ref: str | None, ref: str | None, topic: str, *, ok: bool, response: bytes = EMPTY
) -> bytes:
    """A phx_reply. `response` must be a JSON object: some clients drop anything else."""
    status = b"ok" if ok else b"error"
    return encode_frame(vsn, join_ref, ref, topic, "phx_reply", b'{"status":"%b","response":%b}' % (status, response))
