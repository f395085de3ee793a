"""Phoenix frames of both versions: what goes in comes out, and hostile bytes are a BadFrame and nothing else."""

import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contract.frames import BadFrame, Frame, Vsn, decode_frame, encode_frame, encode_reply

VERSIONS: tuple[Vsn, ...] = ("1.0.0", "2.0.0")
versions = st.sampled_from(VERSIONS)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
refs = st.none() | words
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@given(versions, refs, refs, words, words, json_values)
def test_that_a_frame_comes_out_as_it_went_in(vsn: Vsn, join_ref, ref, topic, event, value):
    payload = msgspec.json.encode(value)
    frame = decode_frame(encode_frame(vsn, join_ref, ref, topic, event, payload), vsn)
    kept_join_ref = join_ref if vsn == "2.0.0" else None
    assert (frame.join_ref, frame.ref, frame.topic, frame.event) == (kept_join_ref, ref, topic, event)
    assert msgspec.json.decode(frame.payload) == value


@given(versions, refs, words, st.booleans(), st.dictionaries(words, json_values, max_size=3))
def test_that_a_reply_is_json_that_any_phoenix_client_reads(vsn: Vsn, ref, topic, ok, response):
    data = encode_reply(vsn, "1", ref, topic, ok=ok, response=msgspec.json.encode(response))
    plain = json.loads(data)
    if vsn == "2.0.0":
        plain = dict(zip(("join_ref", "ref", "topic", "event", "payload"), plain, strict=True))
    assert plain["event"] == "phx_reply"
    assert plain["payload"] == {"status": "ok" if ok else "error", "response": response}
    assert (plain["ref"], plain["topic"]) == (ref, topic)


def test_that_the_payload_keeps_its_own_bytes():
    frame = decode_frame(b'[null,"7","sync","ops",{"b" :1,\n"a":2.50}]', "2.0.0")
    assert bytes(frame.payload) == b'{"b" :1,\n"a":2.50}'


def test_that_old_clients_may_count_with_numbers_and_leave_things_out():
    assert decode_frame('{"topic":"phoenix","event":"heartbeat","ref":12}', "1.0.0") == Frame(
        None, "12", "phoenix", "heartbeat", msgspec.Raw(b"{}")
    )
    numbered = decode_frame('[1,2,"t","e",{}]', "2.0.0")
    assert (numbered.join_ref, numbered.ref) == ("1", "2")


@pytest.mark.parametrize("vsn", VERSIONS)
@pytest.mark.parametrize(
    "hostile",
    [
        b"", b"null", b"42", b'"text"', b"[]", b"{}", b"[null,null,1,2,{}]", b'[null,null,"t","e"]',
        b'[null,null,"t","e",{},{}]',
        b'[null,null,"t","e",{]', b'[true,null,"t","e",{}]', b'[1.5,null,"t","e",{}]', b'{"topic":1,"event":"e"}',
        b'{"topic":"t"}',
        b'[null,null,"\xff","e",{}]', b'{"topic":"\xff","event":"e"}', b"\x00\x01\x02", b'[null,null,"\\ud800","e",{}]',
        b"[" * 200_000, b'{"a":' * 200_000, b'[null,null,"t","e",' + b"[" * 200_000,
        b'{"topic":"t","event":"e","payload":' + b"[" * 200_000,
    ],
)  # fmt: skip
def test_that_hostile_bytes_are_a_bad_frame(vsn: Vsn, hostile: bytes):
    with pytest.raises(BadFrame):
        decode_frame(hostile, vsn)


@given(versions, st.binary(max_size=200) | st.text(max_size=200) | json_values.map(msgspec.json.encode))
@example("2.0.0", '[null,null,"t","e",{}]')
@example("2.0.0", '[123456789012345678901234567890,null,"t","e",{}]')
def test_that_any_bytes_are_a_frame_or_a_bad_frame(vsn: Vsn, data):
    try:
        frame = decode_frame(data, vsn)
    except BadFrame:
        return
    msgspec.json.decode(frame.payload)
    encode_frame(vsn, frame.join_ref, frame.ref, frame.topic, frame.event, bytes(frame.payload))
