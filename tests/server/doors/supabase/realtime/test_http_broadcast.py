"""Broadcasts by HTTP: whom they reach and in which form, and whose are refused."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract.ids import new_id
from server.access.signing_key import SigningKey
from server.access.tokens import TokenIssuer
from server.access.visibility import Visibility
from server.doors.rate_limits import Rates
from server.doors.supabase.realtime.http_broadcast import HttpBroadcast
from server.doors.supabase.realtime.room_access import RoomAccess
from server.doors.supabase.realtime.talk import Talk
from server.doors.supabase.realtime.talk_limits import TalkLimits
from server.realtime.typing_board import TypingBoard
from tests.server.doors.supabase.realtime.conftest import Connect, World, join
from tests.support.doors_in_process import PASSWORD, DoorsInProcess, with_doors

PATH = "/realtime/v1/api/broadcast"
ACK = {"config": {"broadcast": {"ack": True, "self": False}}}
BYTES = {"Content-Type": "application/octet-stream"}


def send(client: httpx.Client, *messages: dict[str, Any]) -> httpx.Response:
    return client.post(PATH, json={"messages": list(messages)})


def message(topic: str, event: str = "wave", **payload: Any) -> dict[str, Any]:
    return {"topic": topic, "event": event, "payload": payload, "private": False}


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_that_both_forms_reach_everyone_in_the_room_by_id_or_code(world: World, connect: Connect) -> None:
    old, new = connect("1.0.0"), connect("2.0.0")
    join(old, f"chat:{world.mine}", ACK, world.token(world.omar))
    join(new, f"chat:{world.code}", ACK, world.token(world.operator))
    assert send(world.omar, message(f"chat:{world.code}", n=1)).status_code == 202
    one = world.operator.post(f"{PATH}/chat%3A{world.mine}/events/wave%20twice?private=true&vsn=2.0.0", json={"n": 2})
    assert (one.status_code, one.content) == (202, b"")
    for client, topic in ((old, world.mine), (new, world.code)):
        heard = [client.next("broadcast") for _ in range(2)]
        assert [frame.topic for frame in heard] == [f"realtime:chat:{topic}"] * 2
        assert heard[0].payload == {"type": "broadcast", "event": "wave", "payload": {"n": 1}}
        assert heard[1].payload == {"type": "broadcast", "event": "wave twice", "payload": {"n": 2}}


def test_that_bytes_reach_those_who_can_read_them(world: World, connect: Connect) -> None:
    old, new = connect("1.0.0"), connect("2.0.0")
    for client in (old, new):
        join(client, f"chat:{world.mine}", ACK, world.token(world.omar))
    sent = world.omar.post(f"{PATH}/chat:{world.mine}/events/photo", content=b"\xff\x00\xfe", headers=BYTES)
    assert sent.status_code == 202
    while isinstance(frame := new.socket.recv(20), str):
        pass
    assert frame.endswith(b"photo\xff\x00\xfe")
    assert old.silent(event="broadcast")


def test_that_several_messages_go_all_or_none(world: World, connect: Connect) -> None:
    client = connect()
    join(client, f"chat:{world.mine}", ACK, world.token(world.omar))
    answer = send(world.omar, message(f"chat:{world.mine}"), message(f"chat:{world.theirs}"))
    assert refused(answer) == (403, "forbidden")
    assert send(world.omar, message(f"chat:{world.mine}", "a"), message(f"chat:{world.mine}", "b")).status_code == 202
    assert [client.next("broadcast").payload["event"] for _ in range(2)] == ["a", "b"]


def test_that_only_who_may_talk_there_over_a_socket_may_so_here(world: World, connect: Connect) -> None:
    omar = world.omar.get("/auth/v1/user").json()["id"]
    rooms = {
        f"chat:{world.mine}": {"omar", "operator"},
        f"typing:{world.code}": {"omar", "operator"},
        f"user:{omar}:notifications": {"omar"},
        "lobby": {"omar", "sara", "operator", "tom"},
        "chat:REQ0000000000000": set(),
    }
    people = {"omar": world.omar, "sara": world.sara, "operator": world.operator, "tom": world.tom}
    for topic, allowed in rooms.items():
        for name, client in people.items():
            socket = connect()
            assert join(socket, topic, ACK, world.token(client)).ok
            said = {"type": "broadcast", "event": "wave", "payload": {}}
            assert socket.ask(f"realtime:{topic}", "broadcast", said).ok == (name in allowed), (topic, name)
            for answer in (send(client, message(topic)), client.post(f"{PATH}/{topic}/events/wave", json={})):
                expected = (202, None) if name in allowed else (403, "forbidden")
                assert (answer.status_code, answer.json()["code"] if answer.content else None) == expected
            socket.close()


def test_that_nobody_in_particular_broadcasts_nothing(world: World) -> None:
    anon_key = TokenIssuer(SigningKey.at(world.server.data_dir)).anon_key()
    with httpx.Client(base_url=world.server.url) as nobody:
        for headers in (
            {},
            {"apikey": anon_key},
            {"Authorization": f"Bearer {anon_key}"},
            {"Authorization": "Bearer x"},
        ):
            for topic in ("lobby", f"chat:{world.mine}"):
                asked = {"messages": [message(topic)]}
                assert refused(nobody.post(PATH, json=asked, headers=headers)) == (401, "unauthorized")
                one = nobody.post(f"{PATH}/{topic}/events/wave", json={}, headers=headers)
                assert refused(one) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("", b"{", 400, "malformed_json"),
        ("", b"{}", 422, "invalid_payload"),
        ("", b'{"messages":[{"event":"e"}]}', 422, "invalid_payload"),
        ("", b'{"messages":[{"topic":"","event":"e"}]}', 422, "invalid_payload"),
        ("", b'{"messages":[{"topic":"lobby","event":""}]}', 422, "invalid_payload"),
        ("", json.dumps({"messages": [message("x" * 250)]}).encode(), 422, "invalid_payload"),
        ("", json.dumps({"messages": [message("lobby", "e" * 256)]}).encode(), 422, "invalid_payload"),
        ("", json.dumps({"messages": [message("lobby")] * 101}).encode(), 422, "invalid_payload"),
        ("", json.dumps({"messages": [message("lobby", text="x" * 256 * 1024)]}).encode(), 413, "body_too_large"),
        ("/lobby/events/e", b"not json", 400, "malformed_json"),
        ("/lobby/events/e", b"", 400, "malformed_json"),
        ("/lobby/events/e", b'"' + b"x" * 256 * 1024 + b'"', 413, "body_too_large"),
        ("/lobby/events/" + "e" * 256, b"{}", 422, "invalid_payload"),
    ],
)
def test_that_what_is_no_broadcast_is_refused(world: World, path: str, body: bytes, status: int, code: str) -> None:
    assert refused(world.omar.post(PATH + path, content=body)) == (status, code)


def test_that_each_message_of_a_request_counts(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        await doors.add_user("ann@desk.example")
        signed_in = await doors.sign_in.with_password("ann@desk.example", PASSWORD)
        access = RoomAccess(doors.store, Visibility({}))
        door = HttpBroadcast(access, Talk(access.sees_fully, new_id, TypingBoard(), TalkLimits()))
        headers = {"Authorization": f"Bearer {signed_in.access_token}"}
        transport = httpx.ASGITransport(doors.application(door.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://desk", headers=headers) as ann:
            answers = [await ann.post(PATH, json={"messages": [message("lobby")] * 4}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [202, 429]
        assert answers[-1].json()["code"] == "rate_limited"

    with_doors(tmp_path, story, Rates(write="5/minute"))
