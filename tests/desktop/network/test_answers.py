"""Whatever comes as an answer becomes a value or one of four errors."""

import pytest

from contract.errors import REFUSALS
from contract.verdicts import OpsReply
from desktop.network.answers import LONGEST_WAIT, read_answer, refusal_of
from desktop.network.errors import Busy, ContractBroken, NotSignedIn, Refused


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'{"epoch":1}', b"\xff", b"[" * 100_000])
def test_that_an_answer_of_another_shape_is_a_broken_contract(content):
    with pytest.raises(ContractBroken):
        read_answer(content, OpsReply)


def test_that_a_newer_servers_fields_are_let_be():
    assert read_answer(b'{"epoch":"e","head":1,"verdicts":[],"of_tomorrow":1}', OpsReply) == OpsReply("e", 1, [])


@pytest.mark.parametrize("code", list(REFUSALS))
def test_that_every_refusal_of_ours_comes_over_socket_and_http_alike(code):
    status, message = REFUSALS[code]
    body = b'{"code":"%b","message":"%b"}' % (code.encode(), message.replace('"', "'").encode())
    over_http, over_socket = refusal_of(status, body), refusal_of(0, body)
    if code not in {"not_supported"}:
        assert type(over_http) is type(over_socket), code
    if isinstance(over_http, Refused):
        assert (over_http.code, str(over_http)) == (code, message)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, Busy) for status in (408, 429, 500, 502, 503, 504)),
        (401, NotSignedIn),
        *((status, Refused) for status in (403, 404, 418)),
    ],
)
def test_that_what_a_proxy_says_in_html_is_understood_by_its_status(status, kind):
    assert type(refusal_of(status, b"<html>Bad Gateway</html>")) is kind


@pytest.mark.parametrize(
    ("header", "details", "seconds"),
    [
        ("7", "null", 7.0),
        ("soon", "null", None),
        ("-3", "null", 0.0),
        ("86400", "null", LONGEST_WAIT),
        ("inf", "null", LONGEST_WAIT),
        ("nan", "null", 0.0),
        (None, '{"retry_after_ms":2500}', 2.5),
        (None, "null", None),
    ],
)
def test_that_the_asked_for_pause_is_kept_where_it_can_be_read(header, details, seconds):
    error = refusal_of(429, b'{"code":"rate_limited","message":"Wait.","details":%b}' % details.encode(), header)
    assert isinstance(error, Busy)
    assert error.retry_after == seconds
