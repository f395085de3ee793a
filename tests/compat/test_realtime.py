"""The seeds' code paths on unmodified supabase-js, from the oldest version in use to the newest."""

from tests.compat.app import App
from tests.compat.conftest import Desk


def test_that_the_chat_hook_hears_the_operator(app: App, desk: Desk) -> None:
    chat = {"event": "INSERT", "table": "messages", "filter": f"booking_id=eq.{desk.mine}"}
    app.listen(f"messages:{desk.mine}", chat)
    desk.say(desk.mine, "Hello from operator")
    desk.say(desk.theirs, "not for this app")
    desk.say(desk.mine, "second")
    app.wait(lambda: len(app.heard(f"messages:{desk.mine}", "changes")) >= 2, "both messages heard")
    changes = app.heard(f"messages:{desk.mine}", "changes")
    assert [change["new"]["message"] for change in changes] == ["Hello from operator", "second"]
    assert changes[0]["eventType"] == "INSERT"
    assert isinstance(changes[0]["new"]["position"], int)
    assert app.call("leave", name=f"messages:{desk.mine}") == "ok"


def test_that_the_status_listener_hears_a_press_with_what_stood_before(app: App, desk: Desk) -> None:
    booking, code = desk.open_booking()
    name = f"booking-status:{code}"
    app.listen(name, {"event": "UPDATE", "table": "bookings", "filter": f"id=eq.{code}"})
    desk.press(booking, "accept")
    [change] = app.wait(lambda: app.heard(name, "changes"), "the press heard")
    assert (change["old"]["status"], change["new"]["status"]) == ("pending", "accepted")
    app.call("leave", name=name)


def test_that_two_bindings_on_one_channel_hear_each_their_own(app: App, desk: Desk) -> None:
    insert = {"event": "INSERT", "table": "messages"}
    name = "public:bookings"
    app.listen(name, insert, {"event": "*", "table": "bookings"}, insert | {"filter": "message=like.%urgent%"})
    desk.say(desk.mine, "calm")
    desk.say(desk.mine, "quite urgent")
    app.wait(lambda: len(app.heard(name, "changes")) >= 3, "three callbacks")
    heard = [(change["binding"], change["new"]["message"]) for change in app.heard(name, "changes")]
    assert sorted(heard) == [(0, "calm"), (0, "quite urgent"), (2, "quite urgent")]
    app.call("leave", name=name)


def test_that_broadcasts_and_typing_by_presence_go_round(app: App, desk: Desk) -> None:
    name = f"typing:{desk.mine}"
    app.listen(name, broadcast={"self": True, "ack": True}, presence={"key": "omar"})
    assert app.call("send", name=name, event="wave", payload={"n": 1}) == "ok"
    app.wait(lambda: app.heard(name, "broadcasts"), "the broadcast heard")
    assert app.heard(name, "broadcasts") == [{"event": "wave", "payload": {"n": 1}}]
    assert app.call("track", name=name, payload={"typing": True}) == "ok"
    app.wait(lambda: app.heard(name, "presence")[-1:] and "omar" in app.heard(name, "presence")[-1], "seen as typing")
    assert app.heard(name, "presence")[-1]["omar"][0]["typing"] is True
    assert app.call("untrack", name=name) == "ok"
    app.wait(lambda: "omar" not in app.heard(name, "presence")[-1], "seen to have stopped")
    app.call("leave", name=name)


def test_that_somebody_elses_rows_and_rooms_stay_closed(app: App, desk: Desk) -> None:
    name = f"chat:{desk.theirs}"
    app.listen(name, {"event": "*", "table": "messages", "filter": f"booking_id=eq.{desk.theirs}"},
               broadcast={"ack": True})  # fmt: skip
    desk.say(desk.theirs, "for Sara alone")
    assert app.call("send", name=name, event="hi", payload={}) == "error"
    assert app.heard(name, "changes") == []
    app.call("leave", name=name)


def test_that_a_token_is_renewed_while_the_channel_stays(app: App, desk: Desk) -> None:
    name = f"chat:{desk.mine}"
    app.listen(name, {"event": "INSERT", "table": "messages"})
    statuses = app.heard(name, "statuses")
    before = app.call("refresh")["access_token"]
    assert app.call("refresh")["access_token"] != before
    desk.say(desk.mine, "after the refresh")
    app.wait(lambda: app.texts(name) == ["after the refresh"], "heard after the refresh")
    assert app.heard(name, "statuses") == statuses
    app.call("leave", name=name)
