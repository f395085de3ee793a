"""HTTP against a server that misbehaves in every way a network can."""

import asyncio

import pytest

from contract.feed import SnapshotEnd, SnapshotHead, SnapshotPart
from desktop.network.errors import Busy, ContractBroken, Intercepted, NotSignedIn, Refused, Unreachable
from desktop.network.http import ServerHttp

HEAD = b'{"epoch":"e","seq":3,"counts":{"bookings":1}}\n'
PART = b'{"table":"bookings","rows":[{"id":"b"}]}\n'
END = b'{"end":true,"rows":1}\n'


def answer(status, body, headers=()):
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def served(replies, use):
    """Runs `use(http)` against a socket that answers each connection with the next bytes; what was asked is kept."""
    asked = []

    async def handle(reader, writer):
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(replies.pop(0) if len(replies) > 1 else replies[0])
        await writer.drain()
        writer.close()

    async def main():
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        http = ServerHttp(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout=20.0)
        try:
            return await use(http)
        finally:
            await http.close()
            server.close()
            await server.wait_closed()

    return asyncio.run(main()), asked


def failing(reply, use=lambda http: http.me("token")):
    with pytest.raises((Unreachable, Refused, ContractBroken)) as caught:
        served([reply], use)
    return caught.value


def test_that_the_token_travels_as_bearer_and_never_in_the_address():
    found, [asked] = served([answer(200, b'{"head":3,"epoch":"e"}')], lambda http: http.me("s3cret"))
    assert found.head == 3
    assert "Authorization: Bearer s3cret" in asked.replace("authorization", "Authorization")
    assert "s3cret" not in asked.splitlines()[0]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b"", Unreachable),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", Unreachable),
        (b"SSH-2.0-OpenSSH\r\n\r\n", Unreachable),
        (answer(502, b"<html>"), Intercepted),
        (answer(503, b'{"code":"unavailable","message":"Draining."}', ["Retry-After: 9"]), Busy),
        (answer(401, b'{"code":"token_expired","message":"Expired."}'), NotSignedIn),
        (answer(403, b'{"code":"forbidden","message":"No."}'), Refused),
        (answer(200, b'{"of":"another server"}'), ContractBroken),
        (answer(200, b"<html>captive portal"), Intercepted),
        (answer(302, b"", ["Location: http://portal.example/"]), Intercepted),
        (answer(304, b""), Intercepted),
        (answer(404, b"<html>Not Found"), Intercepted),
    ],
)
def test_that_each_way_to_fail_has_its_error(reply, kind):
    assert type(failing(reply)) is kind


def test_that_a_server_that_is_not_there_or_says_nothing_is_unreachable():
    async def nobody():
        http = ServerHttp("http://127.0.0.1:9", timeout=20.0)
        try:
            await http.me("token")
        finally:
            await http.close()

    with pytest.raises(Unreachable):
        asyncio.run(nobody())


async def read_snapshot(http):
    found = []
    async with http.snapshot("token") as lines:
        async for line in lines:
            found.append(line)
    return found


def test_that_a_snapshot_comes_line_by_line():
    found, _ = served([answer(200, HEAD + PART + END)], read_snapshot)
    assert [type(line) for line in found] == [SnapshotHead, SnapshotPart, SnapshotEnd]


def test_that_a_snapshot_without_its_end_has_none():
    found, _ = served([answer(200, HEAD + PART)], read_snapshot)
    assert not any(isinstance(line, SnapshotEnd) for line in found)


@pytest.mark.parametrize("cut", range(1, 80, 13))
def test_that_a_snapshot_cut_anywhere_never_looks_whole(cut):
    whole = answer(200, HEAD + PART + END)
    assert isinstance(failing(whole[:-cut], read_snapshot), Unreachable | ContractBroken)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (answer(401, b'{"code":"token_expired","message":"Expired."}'), NotSignedIn),
        (answer(302, b"", ["Location: http://portal.example/"]), Intercepted),
        (answer(200, b"<html>\n<body>"), Intercepted),
    ],
)
def test_that_a_snapshot_refused_and_one_that_is_a_page_have_their_errors(reply, kind):
    assert type(failing(reply, read_snapshot)) is kind


def test_that_workflows_are_asked_for_by_their_tag():
    found, asked = served(
        [answer(200, b'{"workflows":{}}', ['ETag: "t1"']), answer(304, b"")],
        _twice,
    )
    assert found == (({}, '"t1"'), None)
    assert 'if-none-match: "t1"' in asked[1].lower()


async def _twice(http):
    first = await http.workflows(None)
    return first, await http.workflows('"t1"')


def test_that_connections_of_before_a_sleep_are_not_used_again():
    async def use(http):
        await http.me("token")
        await http.forget_connections()
        return await http.me("token")

    found, asked = served([answer(200, b'{"head":3}')], use)
    assert (found.head, len(asked)) == (3, 2)


def test_that_a_request_under_way_when_connections_are_forgotten_is_given_up_at_once():
    async def main():
        asked, over = asyncio.Event(), asyncio.Event()

        async def handle(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            asked.set()
            await over.wait()
            writer.close()

        async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
            http = ServerHttp(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout=300.0)
            asking = asyncio.ensure_future(http.me("token"))
            await asked.wait()
            await http.forget_connections()
            with pytest.raises(Unreachable):
                await asking
            await http.close()
            over.set()

    asyncio.run(main())
