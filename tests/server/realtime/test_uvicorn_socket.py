"""The socket behind uvicorn, on the wire: who gets in, and what ends one socket without touching another."""

import base64
import json
import os
import socket
import struct
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

from tests.support.people_made import address
from tests.support.phoenix_client import PATH, PhoenixClient
from tests.support.running_server import RunningServer


@pytest.mark.parametrize("path", [PATH, "/socket/websocket"])
@pytest.mark.parametrize("vsn", ["1.0.0", "2.0.0"])
def test_that_both_paths_and_both_versions_lead_to_the_same_topics(server: RunningServer, vsn: str, path: str) -> None:
    with PhoenixClient(server.url, vsn, path) as client:
        assert client.heartbeat() == {}
        token = server.sign_in(address("ann"))["access_token"]
        assert client.join("sync", {"device_id": "d", "access_token": token}).response["mode"] == "snapshot"


def test_that_without_a_version_frames_are_objects(server: RunningServer) -> None:
    with PhoenixClient(server.url, "", PATH) as client:
        client.socket.send('{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"7"}')
        assert json.loads(client.socket.recv(5))["ref"] == "7"


def test_that_another_path_is_refused_before_the_upgrade(server: RunningServer) -> None:
    with pytest.raises(InvalidStatus) as refused:
        PhoenixClient(server.url, path="/elsewhere")
    assert refused.value.response.status_code == 404
    assert json.loads(refused.value.response.body or b"{}")["code"] == "not_found"


def test_that_sockets_and_requests_share_the_port(server: RunningServer) -> None:
    with PhoenixClient(server.url) as client:
        assert server.get("/healthz").status_code == 200
        assert client.heartbeat() == {}


def test_that_a_browsers_way_to_ask_for_the_upgrade_is_understood(server: RunningServer) -> None:
    """Firefox sends `Connection: keep-alive, Upgrade`, and browsers send cookies and long queries."""
    with raw_socket(server) as raw:
        assert upgrade(raw, "keep-alive, Upgrade", query=f"vsn=2.0.0&apikey={'x' * 3000}").startswith(b"HTTP/1.1 101 ")
        raw.sendall(Frame(Opcode.TEXT, b'[null,"1","phoenix","heartbeat",{}]').serialize(mask=True))
        assert b'"status":"ok"' in raw.recv(4096)


@pytest.mark.parametrize(
    "text", ["hello", "{}", '["1","2"]', '["1","2","sync",{},{}]', "[" * 100_000, '{"topic":"x"', "null", ""]
)
def test_that_what_is_no_phoenix_frame_closes_that_socket_alone(server: RunningServer, text: str) -> None:
    with PhoenixClient(server.url) as bystander, PhoenixClient(server.url) as client:
        token = server.sign_in(address("ann"))["access_token"]
        client.join("sync", {"device_id": "d", "access_token": token})
        client.socket.send(text)
        assert client.closing().code == 1002
        assert bystander.heartbeat() == {}


def test_that_text_that_is_no_utf_8_closes_that_socket_alone(server: RunningServer) -> None:
    with PhoenixClient(server.url) as bystander, raw_socket(server) as raw:
        upgrade(raw)
        raw.sendall(Frame(Opcode.TEXT, b'[null,"1","ph\xff\xfe","heartbeat",{}]').serialize(mask=True))
        assert close_code(raw) == 1002
        assert bystander.heartbeat() == {}


def test_that_too_long_a_message_closes_that_socket_alone_with_1009(server: RunningServer) -> None:
    with PhoenixClient(server.url) as bystander, PhoenixClient(server.url) as client:
        token = server.sign_in(address("ann"))["access_token"]
        client.join("sync", {"device_id": "d", "access_token": token})
        client.socket.send('["1","2","sync","ops",{"x":"' + "x" * 1024 * 1024 + '"}]')
        assert client.closing().code == 1009
        assert bystander.heartbeat() == {}


def test_that_a_stranger_may_not_send_long_messages(server: RunningServer) -> None:
    with PhoenixClient(server.url) as client:
        client.socket.send('["1","1","nowhere","phx_join",{"x":"' + "x" * 100_000 + '"}]')
        assert client.closing().code == 1009


def test_that_a_binary_message_closes_that_socket_with_1003(server: RunningServer) -> None:
    with PhoenixClient(server.url) as bystander, PhoenixClient(server.url) as client:
        client.socket.send(b"\x03\x01\x01")
        assert client.closing().code == 1003
        assert bystander.heartbeat() == {}


def test_that_a_message_in_fragments_is_put_together(server: RunningServer) -> None:
    with PhoenixClient(server.url) as client:
        client.socket.send(['[null,"1",', '"phoenix",', '"heartbeat",{}]'])
        assert client.next("phx_reply", ref="1").ok


def test_that_endless_fragments_are_cut_off_with_1009(server: RunningServer) -> None:
    with PhoenixClient(server.url) as client:
        with suppress(ConnectionClosed):  # it may be cut off while it still sends
            client.socket.send("x" * 60_000 for _ in range(20))
        assert client.closing().code == 1009


def test_that_a_continuation_of_nothing_closes_the_socket(server: RunningServer) -> None:
    with raw_socket(server) as raw:
        upgrade(raw)
        raw.sendall(Frame(Opcode.CONT, b"{}").serialize(mask=True))
        assert close_code(raw) == 1002


def test_that_a_compressed_frame_nobody_agreed_on_closes_the_socket(server: RunningServer) -> None:
    with raw_socket(server) as raw:
        upgrade(raw)
        frame = Frame(Opcode.TEXT, b'[null,"1","phoenix","heartbeat",{}]').serialize(mask=True)
        raw.sendall(bytes([frame[0] | 0x40]) + frame[1:])
        assert close_code(raw) == 1002


def test_that_a_ping_is_answered(server: RunningServer) -> None:
    with PhoenixClient(server.url) as client:
        assert client.socket.ping(b"there?").wait(5)


def test_that_a_clients_goodbye_is_answered(server: RunningServer) -> None:
    client = PhoenixClient(server.url)
    client.close()
    assert client.socket.protocol.close_rcvd is not None
    assert client.socket.protocol.close_rcvd.code == 1000


def raw_socket(server: RunningServer) -> socket.socket:
    parts = urlsplit(server.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=5)


def upgrade(raw: socket.socket, connection: str = "Upgrade", query: str = "vsn=2.0.0") -> bytes:
    """Asks for the upgrade by hand; returns the head of the answer."""
    key = base64.b64encode(os.urandom(16)).decode()
    raw.sendall(
        f"GET {PATH}?{query} HTTP/1.1\r\nHost: x\r\nCookie: {'c' * 2000}\r\nUpgrade: websocket\r\n"
        f"Connection: {connection}\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n".encode()
    )
    head = b""
    while b"\r\n\r\n" not in head:
        head += raw.recv(4096)
    assert b"permessage-deflate" not in head
    return head


def close_code(raw: socket.socket) -> int:
    """The code of the close frame that comes next."""
    data = raw.recv(4096)
    assert data[0] == 0x88, data
    return int(struct.unpack(">H", data[2:4])[0])
