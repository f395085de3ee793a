"""How much and how often may be said in a channel is the operator's to set."""

from pathlib import Path
from typing import Any

from tests.server.doors.supabase.realtime.conftest import join
from tests.support.people_made import Standing, address, make_people
from tests.support.phoenix_client import PhoenixClient
from tests.support.running_server import running_server

PEOPLE: dict[str, Standing] = {"omar": ("customer", ())}
TIGHT = {
    "FIELDLINE_MAX_BROADCAST": "1024",
    "FIELDLINE_MAX_PRESENCE": "1024",
    "FIELDLINE_PRESENCE_PER_SECOND": "0.001",
}
TOPIC = "realtime:lounge"


def wave(size: int) -> dict[str, Any]:
    return {"type": "broadcast", "event": "wave", "payload": {"text": "x" * size}}


def track(size: int) -> dict[str, Any]:
    return {"type": "presence", "event": "track", "payload": {"text": "x" * size}}


def test_that_larger_broadcasts_and_larger_or_hasty_presence_are_refused_with_a_reason(tmp_path: Path) -> None:
    make_people(tmp_path, PEOPLE)
    with running_server(tmp_path, env=TIGHT) as server, server.client(address("omar")) as omar:
        token = omar.headers["Authorization"].removeprefix("Bearer ")
        client = PhoenixClient(server.url)
        try:
            join(client, "lounge", {"config": {"broadcast": {"ack": True}}}, token)
            assert client.ask(TOPIC, "broadcast", wave(900)).ok
            refused = client.ask(TOPIC, "broadcast", wave(1_100))
            assert (refused.ok, refused.response) == (False, {"error": "payload_size_exceeded"})
            by_http = omar.post("/realtime/v1/api/broadcast/lounge/events/wave", json={"text": "x" * 1_100})
            assert by_http.status_code == 413
            too_long = client.ask(TOPIC, "presence", track(1_100))
            assert (too_long.ok, "1024 bytes" in too_long.response["reason"]) == (False, True)
            too_soon = client.ask(TOPIC, "presence", track(10))
            assert (too_soon.ok, "too many" in too_soon.response["reason"]) == (False, True)
        finally:
            client.close()
