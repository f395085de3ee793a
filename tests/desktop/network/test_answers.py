"""Whatever comes as an answer becomes a value or one of four errors."""

import pytest

from contract.errors import REFUSALS
from contract.verdicts import OpsReply
from desktop.network.answers import LONGEST_WAIT, read_answer, refusal_of
from desktop.network.errors import Busy, ContractBroken, Intercepted, Refused


@pytest.mark.parametrize("content", [b"[]", b'{"epoch":1}', b"[" * 100_000])
def test_that_an_answer_of_another_shape_is_a_broken_contract(content):
    with pytest.raises(ContractBroken):
        read_answer(content, OpsReply)


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff", b'{"epoch":'])
def test_that_an_answer_that_is_no_json_is_not_the_servers(content):
    with pytest.raises(Intercepted):
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


PAGES = [b"<html>Welcome to our guests</html>", b"", b"{}", b'{"message":"no Route matched with those values"}', b"[]"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("status", [302, 307, 400, 401, 403, 404, 405, 407, 408, 413, 418, 429, 500, 502, 503, 511])
def test_that_what_is_not_in_the_form_of_our_refusals_is_something_on_the_way(status, page):
    error = refusal_of(status, page, "7")
    assert type(error) is Intercepted
    assert error.retry_after == 7.0
    assert error.broke == (status in {400, 403, 404, 405, 413, 418, 500}), "others may yet be let through"


def test_that_no_redirection_is_ours_whatever_it_says():
    assert type(refusal_of(307, b'{"code":"invalid_grant","message":"Sign in."}')) is Intercepted


@pytest.mark.parametrize("page", PAGES)
def test_that_a_refusal_in_no_form_of_ours_by_the_socket_is_a_broken_contract(page):
    assert type(refusal_of(0, page)) is ContractBroken


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
