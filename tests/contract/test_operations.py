"""Operations: one meaning has one hash, however it was spelled, and a payload that does not fit is refused."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.ids import new_id
from contract.operations import PAYLOADS, Expect, Operation, operation_hash, read_payload, write_payload

OP_ID, BOOKING = new_id(), new_id()
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def operation(kind="message.send", payload='{"text":"hi"}', **others) -> Operation:
    fields = {"op_id": OP_ID, "booking_id": BOOKING, **others}
    return Operation(kind=kind, payload=msgspec.Raw(payload), **fields)


def test_that_spelling_does_not_change_the_hash():
    plain = operation_hash(operation())
    assert operation_hash(operation(payload='{ "text" :\n"\\u0068i" }')) == plain
    assert operation_hash(operation(payload='{"kind":"text","reply_to":null,"text":"hi"}')) == plain
    assert operation_hash(operation(created_at="2026-11-21T08:46:37.123Z")) == plain
    assert operation_hash(operation(op_id=new_id())) == plain


@pytest.mark.parametrize(
    "other",
    [
        operation(payload='{"text":"hi!"}'),
        operation(payload='{"text":"hi","kind":"note"}'),
        operation(booking_id=new_id()),
        operation(expect=Expect(version=3)),
        operation(kind="message.system"),
    ],
)
def test_that_another_meaning_has_another_hash(other):
    assert operation_hash(other) != operation_hash(operation())


@given(st.dictionaries(words, st.integers() | words, max_size=5))
def test_that_the_order_of_open_fields_does_not_count(fields):
    turned = dict(reversed(fields.items()))
    hashes = {
        operation_hash(operation("booking.create", json.dumps({"workflow": "chat", "fields": one})))
        for one in (fields, turned)
    }
    assert len(hashes) == 1


@pytest.mark.parametrize("kind", PAYLOADS)
@pytest.mark.parametrize(
    "payload", ['{"surprise":1}', "[]", "null", '"text"', '{"text":', '{"text":5,"transition":5,"workflow":5}']
)
def test_that_a_payload_that_does_not_fit_is_refused(kind, payload):
    with pytest.raises(msgspec.DecodeError):
        read_payload(operation(kind, payload))


@pytest.mark.parametrize("depth", [17, 900, 100_000])
def test_that_open_fields_nested_too_deeply_are_refused(depth):
    nested = "[" * depth + "]" * depth
    with pytest.raises(msgspec.ValidationError, match="Nested"):
        read_payload(operation("booking.create", f'{{"workflow":"chat","fields":{{"a":{nested}}}}}'))
    with pytest.raises(msgspec.ValidationError, match="Nested"):
        read_payload(operation(payload=f'{{"text":"x","kind":"invoice","invoice":{{"a":{nested}}}}}'))


def test_that_an_unknown_kind_is_no_operation():
    with pytest.raises(msgspec.ValidationError, match="kind"):
        msgspec.json.decode(b'{"op_id":"x","kind":"booking.destroy"}', type=Operation)


@pytest.mark.parametrize(("kind", "shape"), PAYLOADS.items(), ids=PAYLOADS.keys())
def test_that_a_written_payload_reads_as_the_same(kind, shape):
    ids = dict.fromkeys(("message_id", "technician_id", "bid_id", "notification_id"), OP_ID) | {"amount": 12.5}
    required = {"workflow": "chat", "transition": "accept", "status": "accepted", "text": "hi", **ids}
    names = {field.name for field in msgspec.structs.fields(shape) if field.required}
    payload = shape(**{name: required[name] for name in names})
    assert read_payload(operation(kind, write_payload(payload))) == payload


def test_that_an_assignment_tells_nobody_from_not_mentioned():
    taken_back = read_payload(operation("booking.assign", '{"assignee_id":null}'))
    assert taken_back.assignee_id is None
    assert taken_back.department is msgspec.UNSET
