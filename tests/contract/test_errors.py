"""Refusals: each code has one status and a sentence that tells the caller what to do."""

import msgspec
import pytest

from contract.errors import REFUSALS, Refusal, error_body


@pytest.mark.parametrize("code", REFUSALS)
def test_that_a_refusal_travels_as_code_message_and_details(code):
    status, message = REFUSALS[code]
    assert 400 <= status < 600
    assert message.endswith((".", "…"))
    body = msgspec.json.decode(msgspec.json.encode(error_body(Refusal(code, {"field": "text"}))))
    assert body == {"code": code, "message": message, "details": {"field": "text"}}


def test_that_only_a_listed_code_can_be_refused_with():
    with pytest.raises(KeyError):
        Refusal("because")
