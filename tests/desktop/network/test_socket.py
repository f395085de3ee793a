"""The Phoenix socket against a server that answers late, wrongly, or not at all."""

import asyncio
import contextlib
import gc

import msgspec
import pytest
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosedError

from desktop.network.errors import Busy, ContractBroken, Refused, Unreachable
from desktop.network.socket import SyncSocket, open_socket, socket_address


class Answer(msgspec.Struct):
    value: int = 0


def reply(ref, response=b"{}", status="ok", topic="sync"):
    return f'[null,"{ref}","{topic}","phx_reply",{{"status":"{status}","response":{response.decode()}}}]'


def talked(behave, use):
    """`behave(connection)` is the server's side, `use(socket, pushed)` ours, while the socket reads."""

    async def main():
        async with serve(behave, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            pushed: list[object] = []
            socket = await open_socket(f"http://127.0.0.1:{port}", pushed.append)
            async with asyncio.TaskGroup() as group:
                reading = group.create_task(_until_end(socket))
                try:
                    return await use(socket, pushed)
                finally:
                    await socket.close()
                    await reading

    return asyncio.run(main())


async def _until_end(socket: SyncSocket):
    try:
        await socket.read()
    except Unreachable:
        return


async def echo_refs(connection):
    """Answers every request with its own number."""
    with contextlib.suppress(ConnectionClosedError):
        async for text in connection:
            _, ref, topic, _, payload = msgspec.json.decode(text)
            await connection.send(reply(ref, msgspec.json.encode(payload), topic=topic))


def test_that_answers_find_their_questions_in_any_order():
    async def backwards(connection):
        asked = [msgspec.json.decode(await connection.recv()) for _ in range(3)]
        for _, ref, _, _, payload in reversed(asked):
            await connection.send(reply(ref, msgspec.json.encode(payload)))
        await connection.wait_closed()

    async def use(socket, pushed):
        return await asyncio.gather(
            *(socket.request("sync", "ops", b'{"value":%d}' % number, Answer, 2.0) for number in range(3))
        )

    assert [answer.value for answer in talked(backwards, use)] == [0, 1, 2]


def test_that_everything_else_is_handed_on_in_its_order():
    async def push(connection):
        for number in range(5):
            await connection.send(f'[null,null,"sync","changes",{{"value":{number}}}]')
        await echo_refs(connection)

    async def use(socket, pushed):
        await socket.request("sync", "ops", b"{}", Answer, 2.0)
        return [(frame.event, msgspec.json.decode(frame.payload)["value"]) for frame in pushed]

    assert talked(push, use) == [("changes", number) for number in range(5)]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"code":"epoch_changed","message":"Another."}', Refused),
        (b'{"code":"unavailable","message":"Draining."}', Busy),
        (b'{"reason":"unmatched topic"}', ContractBroken),
    ],
)
def test_that_an_unhappy_reply_is_its_error(body, kind):
    async def refuse(connection):
        async for text in connection:
            await connection.send(reply(msgspec.json.decode(text)[1], body, "error"))

    async def use(socket, pushed):
        with pytest.raises(kind):
            await socket.request("sync", "phx_join", b"{}", Answer, 2.0)

    talked(refuse, use)


def test_that_no_answer_in_time_is_unreachable_and_a_late_one_hurts_nobody():
    async def late(connection):
        _, ref, *_ = msgspec.json.decode(await connection.recv())
        await asyncio.sleep(0.1)
        await connection.send(reply(ref))
        await echo_refs(connection)

    async def use(socket, pushed):
        with pytest.raises(Unreachable, match="No answer"):
            await socket.request("sync", "ops", b"{}", Answer, 0.05)
        assert (await socket.request("sync", "ops", b'{"value":7}', Answer, 2.0)).value == 7

    talked(late, use)


def test_that_a_cut_ends_every_waiting_question_at_once():
    async def cut(connection):
        await connection.recv()
        connection.transport.abort()

    async def use(socket, pushed):
        async with asyncio.timeout(20):
            with pytest.raises(Unreachable):
                await socket.request("sync", "ops", b"{}", Answer, 60.0)
            with pytest.raises(Unreachable):
                await socket.push("sync", "cursor", b"{}")

    talked(cut, use)


def test_that_a_socket_that_ends_while_a_question_is_being_sent_leaves_nothing_unsaid(caplog):
    async def main():
        async with serve(echo_refs, "127.0.0.1", 0) as server:
            socket = await open_socket(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", lambda frame: None)
            send = socket._connection.send

            async def cut_while_sending(text):
                socket.drop()
                with pytest.raises(Unreachable):
                    await socket.read()
                await send(text)

            socket._connection.send = cut_while_sending  # type: ignore[method-assign, assignment]
            with pytest.raises(Unreachable):
                await socket.request("sync", "ops", b"{}", Answer, 5.0)
            await socket.close()

    asyncio.run(main())
    gc.collect()
    assert "never retrieved" not in caplog.text


def test_that_dropping_here_needs_no_goodbye():
    async def silent(connection):
        await connection.wait_closed()

    async def use(socket, pushed):
        asked = asyncio.gather(socket.beat(Answer, 60.0), return_exceptions=True)
        await asyncio.sleep(0.05)
        socket.drop()
        async with asyncio.timeout(20):
            [error] = await asked
        assert isinstance(error, Unreachable)

    talked(silent, use)


@pytest.mark.parametrize("text", ["nonsense", "{}", "[1]", '[null,"2","sync","phx_reply","nonsense"]'])
def test_that_what_is_no_frame_is_a_broken_contract(text):
    async def babble(connection):
        await connection.recv()
        await connection.send(text)
        await connection.wait_closed()

    async def main():
        async with serve(babble, "127.0.0.1", 0) as server:
            socket = await open_socket(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", lambda frame: None)
            await socket.push("sync", "x", b"{}")
            waiting = asyncio.ensure_future(socket.request("sync", "ops", b"{}", Answer, 60.0))
            await asyncio.sleep(0)
            async with asyncio.timeout(20):
                with pytest.raises(ContractBroken):
                    await socket.read()
            with pytest.raises(Unreachable):
                await waiting
            await socket.close()

    asyncio.run(main())


@pytest.mark.parametrize("status", [403, 503])
def test_that_a_refused_upgrade_is_worth_another_try_later(status):
    def refuse(connection, request):
        return connection.respond(status, "no")

    async def main():
        async with serve(echo_refs, "127.0.0.1", 0, process_request=refuse) as server:
            with pytest.raises(Busy):
                await open_socket(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", lambda frame: None)

    asyncio.run(main())


def test_that_nobody_listening_is_unreachable():
    with pytest.raises(Unreachable):
        asyncio.run(open_socket("http://127.0.0.1:9", lambda frame: None, timeout=1.0))


@pytest.mark.parametrize(
    ("server", "address"),
    [
        ("http://desk.test:8080", "ws://desk.test:8080/realtime/v1/websocket?vsn=2.0.0"),
        ("https://desk.test", "wss://desk.test/realtime/v1/websocket?vsn=2.0.0"),
        ("https://desk.test/office", "wss://desk.test/office/realtime/v1/websocket?vsn=2.0.0"),
    ],
)
def test_that_the_socket_stands_beside_the_servers_address(server, address):
    assert socket_address(server) == address


def test_that_a_dropped_socket_answers_nothing_and_hands_nothing_on_that_had_come_already():
    async def push(connection):
        for number in range(5):
            await connection.send(f'[null,null,"sync","changes",{{"value":{number}}}]')
        await connection.wait_closed()

    async def main():
        async with serve(push, "127.0.0.1", 0) as server:
            heard: list[object] = []

            def hear(frame):
                heard.append(frame)
                socket.drop()

            socket = await open_socket(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", hear)
            asking = asyncio.ensure_future(socket.request("sync", "ops", b"{}", Answer, 20.0))
            await asyncio.sleep(0.2)
            with pytest.raises(Unreachable):
                await socket.read()
            with pytest.raises(Unreachable):
                await asking
            assert len(heard) == 1

    asyncio.run(main())
