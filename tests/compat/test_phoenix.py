"""phoenix's own JavaScript client as nothing but that: both addresses, its heartbeat, and our clients' topic `sync`."""

from collections.abc import Iterator

import pytest

from contract.ids import new_id
from tests.compat.app import App
from tests.compat.clients_tried import PHOENIX
from tests.compat.conftest import Desk
from tests.support.people_made import address
from tests.support.running_server import PASSWORD


@pytest.fixture(scope="module", params=["/socket", "/realtime/v1"])
def plain(request: pytest.FixtureRequest, desk: Desk) -> Iterator[App]:
    """`/websocket` is the client's to add."""
    with App(PHOENIX, desk.server.url, desk.anon_key, path=request.param) as started:
        started.sign_in(address("omar"), PASSWORD)
        yield started


@pytest.mark.feature("Realtime: heartbeats are answered", clients=[PHOENIX])
def test_that_a_heartbeat_comes_back(plain: App) -> None:
    assert plain.call("ping") >= 0


@pytest.mark.parametrize("plain", ["/socket"], indirect=True)
@pytest.mark.feature("Realtime: our own clients' topic `sync`, through a restart too", clients=[PHOENIX])
def test_that_sync_is_joined_written_to_heard_and_joined_again(plain: App, desk: Desk) -> None:
    me = desk.olga.get("/sync/v1/me").json()
    device = new_id()
    join = {"device_id": device, "epoch": me["epoch"], "cursor": me["head"]}
    plain.call("listen", name="sync", join=join)
    plain.wait(lambda: plain.heard("sync", "statuses") == ["SUBSCRIBED"], "joined")

    send = {"op_id": new_id(), "kind": "message.send", "booking_id": desk.mine, "payload": {"text": "by sync"}}
    answer = plain.call("push", name="sync", event="ops", payload={"device_id": device, "ops": [send]})
    assert [verdict["verdict"] for verdict in answer["verdicts"]] == ["applied"]
    plain.wait(lambda: "by sync" in heard(plain), "the line heard")

    desk.server.restart()
    plain.wait(lambda: plain.heard("sync", "statuses").count("SUBSCRIBED") == 2, "joined again")
    desk.say(desk.mine, "after the restart")
    plain.wait(lambda: "after the restart" in heard(plain), "the next line heard")


def heard(app: App) -> list[str]:
    items = [item for frame in app.heard("sync", "frames") for item in frame["items"]]
    return [item["row"]["message"] for item in items if item["table"] == "messages" and item["row"]]
