"""The desk without a window: real commands in real processes, against a real server over a link that is pulled."""

import asyncio
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from contract.ids import new_id
from desktop.handover.leading import lead_or_ask
from desktop.handover.requests import Ended, OperationStands, Send
from desktop.store.errors import ProfileInUse
from desktop.sync.desk import Desk
from tests.support.scripted_desk import Done, ScriptedDesk
from tests.support.server_process import ROOT
from tests.support.small_disk import needs_small_disk, on_a_small_disk
from tests.support.small_world import World
from tests.support.sync_client import message, press


@pytest.fixture(scope="module")
def signed_in(found: World) -> ScriptedDesk:
    """A profile that has met its server; the password is not needed any more."""
    desk = ScriptedDesk(found.folder / "desk", found.link.url)
    assert desk.run("sync", "--once").code == 0
    return ScriptedDesk(desk.profile, found.link.url, None)


def texts(found: World, booking: str) -> list[str]:
    return [row["message"] for row in found.rows("messages", booking) if row["kind"] == "text"]


def test_that_a_command_needs_no_qt() -> None:
    look = "import sys, desktop.__main__; sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", look], cwd=ROOT, check=False).returncode == 0


def test_that_a_first_send_signs_in_sends_and_its_life_is_told_to_the_end(
    found: World, booking: str, tmp_path: Path
) -> None:
    desk = ScriptedDesk(tmp_path / "p", found.link.url)
    code = found.rows("bookings", booking)[0]["code"]
    sent = desk.run("send", code, "On our way", "--wait", "30")
    assert (sent.code, sent.out, sent.err) == (0, f"{sent.op_id} sent\n", "")
    assert texts(found, booking) == ["On our way"]
    [row] = [row for row in found.rows("messages", booking) if row["id"] == sent.op_id]
    mark = {"booking_id": booking, "position": row["position"]}
    told = {"device_id": new_id(), "cursor": found.head(), "read": [mark]}
    assert found.customer.post("/sync/v1/receipts", json=told).status_code == 200
    assert desk.run("sync", "--once").code == 0
    [life] = desk.run("life", sent.op_id, "--json").objects
    assert (life["type"], life["state"], life["booking_code"], life["what"]) == ("life", "sent", code, "On our way")
    steps = {step["step"]: step for step in life["steps"]}
    assert list(steps) == ["typed", "on_disk", "on_wire", "stored", "delivered", "read"]
    assert all(step["at"] for step in steps.values())
    assert steps["stored"]["at"] == row["created_at"]
    assert steps["stored"]["values"]["position"] == row["position"]
    assert steps["read"]["values"]["by"] == "Person customer"
    assert [event["after"] for event in life["trail"]] == ["queued", "sending", "sent"]


def test_that_what_is_sent_offline_is_on_disk_and_arrives_once_by_sync(
    found: World, booking: str, signed_in: ScriptedDesk
) -> None:
    signed_in.run("sync", "--once")
    with found.link.while_down():
        sent = signed_in.run("send", booking, "Without a network")
        assert (sent.code, sent.out.split()[1]) == (0, "queued")
        late = signed_in.run("send", booking, "Must arrive", "--wait", "0.2")
        assert (late.code, late.err.count("\n")) == (3, 1)
        waiting = signed_in.run("outbox", "--json").objects
        assert [(line["op_id"], line["state"], line["what"]) for line in waiting] == [
            (sent.op_id, "queued", "Without a network"),
            (late.op_id, "queued", "Must arrive"),
        ]
        assert signed_in.run("sync", "--once", "--wait", "0.5").code == 3
    assert signed_in.run("sync", "--once").code == 0
    assert texts(found, booking) == ["Without a network", "Must arrive"]
    assert signed_in.run("outbox", "--json").out == ""


def test_that_sync_says_by_its_code_that_a_person_is_needed(
    found: World, booking: str, signed_in: ScriptedDesk
) -> None:
    signed_in.run("sync", "--once")
    with found.link.while_down():
        pressed = signed_in.run("press", booking, "accept")
        assert (pressed.code, pressed.out.split()[1]) == (0, "queued")
        [verdict] = found.do(found.staff, press(booking, "decline", {"reason": "No team is free"}))
        assert verdict["verdict"] == "applied"
    synced = signed_in.run("sync", "--once", "--json")
    assert (synced.code, synced.objects[-1]["needs_person"]) == (4, 1)
    assert synced.err.startswith("fieldline: 1 in the outbox")
    [life] = signed_in.run("life", pressed.op_id, "--json").objects
    assert life["state"] == "needs_decision"


def test_that_every_failure_is_one_line_and_a_code_of_its_own(
    found: World, signed_in: ScriptedDesk, tmp_path: Path
) -> None:
    nobody = ScriptedDesk(tmp_path / "nobody", found.link.url, None)
    stranger = ScriptedDesk(tmp_path / "stranger", "http://127.0.0.1:9")
    wrong = ScriptedDesk(tmp_path / "wrong", found.link.url, more={"FIELDLINE_PASSWORD": "not this one"})
    (tmp_path / "file").write_text("not a folder")
    unusable = ScriptedDesk(tmp_path / "file" / "p", found.link.url)
    for desk, arguments, code, says in (
        (nobody, ("send", "REQ1759286674249", "Hello"), 5, "Nobody is signed in"),
        (stranger, ("send", "REQ1759286674249", "Hello"), 5, "fieldline sync --once"),
        (wrong, ("sync", "--once"), 5, "does not take"),
        (unusable, ("outbox",), 7, "cannot be used"),
        (signed_in, ("send", "REQ0000000000", "Hello"), 6, "There is no booking"),
    ):
        done = desk.run(*arguments)
        assert (done.code, done.out, done.err.count("\n")) == (code, "", 1), (arguments, done)
        assert says in done.err, done.err


def test_that_a_second_command_hands_over_and_takes_over_when_the_leader_is_killed(
    found: World, booking: str, signed_in: ScriptedDesk
) -> None:
    found.do(found.customer, message(booking, "one"))
    signed_in.run("sync", "--once")
    with signed_in.tailing(booking) as first:
        assert first.next_object()["text"] == "one"
        with signed_in.tailing(booking) as second:
            assert second.next_object()["text"] == "one"
            assert signed_in.run("send", booking, "two", "--wait", "30").code == 0
            assert (first.next_object()["text"], second.next_object()["text"]) == ("two", "two")
            first.process.kill()
            found.do(found.customer, message(booking, "three"))
            assert second.next_object()["text"] == "three"
            assert signed_in.run("send", booking, "four", "--wait", "30").code == 0
            assert second.next_object()["text"] == "four"
            assert second.said() == []
    assert texts(found, booking) == ["one", "two", "three", "four"]


def test_that_a_request_handed_over_twice_and_made_again_by_itself_is_done_once(
    found: World, booking: str, signed_in: ScriptedDesk
) -> None:
    request, heard = Send(new_id(), booking, "Once", 30.0), list[object]()

    async def hear(answer: object) -> None:
        heard.append(answer)

    def held_by_another() -> Desk:
        raise ProfileInUse("held by the command under test")

    found.do(found.customer, message(booking, "Hello"))
    signed_in.run("sync", "--once")
    with signed_in.tailing(booking) as leader:
        assert leader.next_object()["text"] == "Hello"
        for _ in range(2):
            asking = lead_or_ask(held_by_another, signed_in.profile, lambda: request, None, hear)
            assert asyncio.run(asking) == Ended("done")
    assert heard == [OperationStands(request.op_id, "sent")] * 2
    assert texts(found, booking) == ["Hello", "Once"]


@needs_small_disk
def test_that_a_full_disk_is_said_with_an_exit_code_of_its_own_and_keeps_no_script_from_reading(
    found: World, booking: str, signed_in: ScriptedDesk, tmp_path: Path
) -> None:
    module, profile = "tests.support.commands_on_a_full_disk", str(signed_in.profile)
    printed = on_a_small_disk(8_000_000, tmp_path, module, profile, found.link.url, booking)
    done = msgspec.json.decode(printed, type=dict[str, Done])
    assert done.pop("with room").code in {0, 4}, "other tests may have left this profile's person something to decide"
    codes = {what: each.code for what, each in done.items()}
    assert codes == {"opening": 8, "reading": 0, "writing": 8, "room again": 0}
    for each in done.values():
        assert "Traceback" not in each.err
        assert len(each.err.splitlines()) <= 1
        assert "Free some space" in each.err or each.code == 0
    assert texts(found, booking) == ["three"]
