"""What the seeds' apps ask of the realtime socket, on unmodified clients from the oldest in use to the newest."""

import pytest

from tests.compat.app import App, Failed
from tests.compat.clients_tried import OLDEST
from tests.compat.conftest import Desk
from tests.support.people_made import address
from tests.support.phoenix_client import PhoenixClient
from tests.support.running_server import PASSWORD

SAID = (None, "ok")
"""What calls give: Python's say nothing."""


@pytest.mark.feature("Realtime: changes of rows, INSERT, filtered by `eq`")
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
    app.leave(f"messages:{desk.mine}")


@pytest.mark.feature("Realtime: UPDATE, with what stood before")
def test_that_the_status_listener_hears_a_press_with_what_stood_before(app: App, desk: Desk) -> None:
    booking, code = desk.open_booking()
    name = f"booking-status:{code}"
    app.listen(name, {"event": "UPDATE", "table": "bookings", "filter": f"id=eq.{code}"})
    desk.press(booking, "accept")
    [change] = app.wait(lambda: app.heard(name, "changes"), "the press heard")
    assert (change["old"]["status"], change["new"]["status"]) == ("pending", "accepted")
    app.leave(name)


@pytest.mark.feature("Realtime: DELETE")
def test_that_a_row_deleted_at_a_prompt_is_heard_of_by_its_id_alone(app: App, desk: Desk) -> None:
    booking, _ = desk.open_booking()
    message = desk.say(booking, "not for long")
    name = f"messages:{booking}"
    app.listen(name, {"event": "DELETE", "table": "messages", "filter": f"booking_id=eq.{booking}"})
    desk.delete_by_hand(message)
    [change] = app.wait(lambda: app.heard(name, "changes"), "the deletion heard")
    assert (change["eventType"], change["old"], change["new"]) == ("DELETE", {"id": message}, {})
    app.leave(name)


@pytest.mark.feature("Realtime: filters `in`, `like`, `not.`, several at once")
def test_that_filters_are_joined_and_turned_round(app: App, desk: Desk) -> None:
    booking, _ = desk.open_booking()
    name = f"chat:{booking}"
    app.listen(
        name,
        {"event": "INSERT", "table": "messages", "filter": f"booking_id=eq.{booking},message=like.%urgent%"},
        {"event": "INSERT", "table": "messages", "filter": "message=in.(yes,no)"},
        {"event": "INSERT", "table": "messages", "filter": f"booking_id=eq.{booking},message=not.in.(yes,no)"},
    )
    for text in ("yes", "quite urgent", "maybe"):
        desk.say(booking, text)
    app.wait(lambda: len(app.heard(name, "changes")) >= 4, "four callbacks")
    heard = [(change["binding"], change["new"]["message"]) for change in app.heard(name, "changes")]
    assert sorted(heard) == [(0, "quite urgent"), (1, "yes"), (2, "maybe"), (2, "quite urgent")]
    app.leave(name)


@pytest.mark.feature("Realtime: several bindings on one channel")
def test_that_two_bindings_on_one_channel_hear_each_their_own(app: App, desk: Desk) -> None:
    insert = {"event": "INSERT", "table": "messages"}
    name = "public:bookings"
    app.listen(name, insert, {"event": "*", "table": "bookings"}, insert | {"filter": "message=like.%urgent%"})
    desk.say(desk.mine, "calm")
    desk.say(desk.mine, "quite urgent")
    app.wait(lambda: len(app.heard(name, "changes")) >= 3, "three callbacks")
    heard = [(change["binding"], change["new"]["message"]) for change in app.heard(name, "changes")]
    assert sorted(heard) == [(0, "calm"), (0, "quite urgent"), (2, "quite urgent")]
    app.leave(name)


@pytest.mark.feature("Realtime: a filter that is not understood refuses the join")
def test_that_a_filter_that_is_no_filter_is_said_to_be_none(app: App) -> None:
    app.subscribe("odd", {"event": "*", "table": "messages", "filter": "nonsense"})
    [status] = app.wait(lambda: app.heard("odd", "statuses")[:1], "the join answered")
    assert status.startswith("CHANNEL_ERROR")
    assert "nonsense" in status or "filter" in status.lower()
    app.call("leave", name="odd")


def hears_wave(app: App, name: str, number: int) -> None:
    """That one broadcast and no other; then it leaves."""
    app.wait(lambda: app.heard(name, "broadcasts"), "the broadcast heard")
    assert app.heard(name, "broadcasts") == [{"event": "wave", "payload": {"n": number}}]
    app.leave(name)


@pytest.mark.feature("Realtime: broadcast, to oneself and acknowledged")
def test_that_broadcasts_go_round(app: App, desk: Desk) -> None:
    name = f"booking:{desk.mine}"
    app.listen(name, broadcast={"self": True, "ack": True})
    assert app.call("send", name=name, event="wave", payload={"n": 1}) == "ok"
    hears_wave(app, name, 1)


@pytest.mark.feature("Realtime: broadcast by HTTP, `httpSend`")
def test_that_a_broadcast_by_http_is_heard_by_those_who_joined(app: App, stranger: App, desk: Desk) -> None:
    name = f"chat:{desk.mine}"
    with pytest.raises(Failed):
        app.call("httpSend", name=f"bids:{desk.theirs}", event="wave", payload={})
    stranger.sign_in(address("olga"), PASSWORD)
    app.listen(name)
    stranger.call("httpSend", name=name, event="wave", payload={"n": 1})
    hears_wave(app, name, 1)


@pytest.mark.feature("Realtime: `send` on a channel that is not joined goes by HTTP")
def test_that_an_unjoined_channel_sends_by_http(app: App, stranger: App, desk: Desk) -> None:
    """Some versions know their token for it only once they have joined something."""
    name = f"messages-{desk.mine}"
    assert app.call("sendUnjoined", name=f"bids:{desk.theirs}", event="wave", payload={}) == "error"
    stranger.sign_in(address("olga"), PASSWORD)
    stranger.listen("lobby")
    app.listen(name)
    assert stranger.call("sendUnjoined", name=name, event="wave", payload={"n": 2}) == "ok"
    hears_wave(app, name, 2)


@pytest.mark.feature("Realtime: who types is seen from our own desk, and at it")
def test_that_typing_crosses_to_our_own_desk_and_back(app: App, desk: Desk) -> None:
    booking, _ = desk.open_booking()
    name, olga = f"typing:{booking}", desk.ids["olga"]
    types = {"type": "presence", "event": "track", "payload": {"typing": True}}
    app.listen(name, presence={"key": "omar"})
    with PhoenixClient(desk.server.url) as own:
        assert own.join(name, {"access_token": desk.olga.headers["Authorization"].removeprefix("Bearer ")}).ok
        assert own.ask(name, "presence", types).ok
        app.wait(lambda: olga in (app.heard(name, "presence") or [{}])[-1], "the operator seen to type")
        assert app.heard(name, "presence")[-1][olga][0]["typing"] is True
        assert app.call("track", name=name, payload={"user_id": desk.ids["omar"], "typing": True}) in SAID
        seen = own.next("presence_diff")
        while desk.ids["omar"] not in seen.payload["joins"]:
            seen = own.next("presence_diff")
    app.wait(lambda: olga not in app.heard(name, "presence")[-1], "the operator seen to be gone")
    app.leave(name)


@pytest.mark.feature("Realtime: presence, tracked and untracked")
def test_that_typing_by_presence_is_seen_and_seen_to_stop(app: App, desk: Desk) -> None:
    name = f"typing:{desk.mine}"
    app.listen(name, presence={"key": "omar"})
    assert app.call("track", name=name, payload={"typing": True}) in SAID
    app.wait(lambda: app.heard(name, "presence")[-1:] and "omar" in app.heard(name, "presence")[-1], "seen as typing")
    assert app.heard(name, "presence")[-1]["omar"][0]["typing"] is True
    assert app.call("untrack", name=name) in SAID
    app.wait(lambda: "omar" not in app.heard(name, "presence")[-1], "seen to have stopped")
    app.leave(name)


@pytest.mark.feature("Realtime: somebody else's rows and rooms stay closed")
def test_that_somebody_elses_rows_and_rooms_stay_closed(app: App, desk: Desk) -> None:
    name = f"chat:{desk.theirs}"
    app.listen(name, {"event": "*", "table": "messages", "filter": f"booking_id=eq.{desk.theirs}"},
               broadcast={"ack": True})  # fmt: skip
    desk.say(desk.theirs, "for Sara alone")
    if app.client.endswith(OLDEST):
        assert app.call("send", name=name, event="hi", payload={}, patience=0.5) == "unanswered"
    else:
        assert app.call("send", name=name, event="hi", payload={}) == "error"
    assert app.heard(name, "changes") == []
    app.leave(name)


@pytest.mark.feature("Realtime: a token renewed while the channel stays")
def test_that_a_token_is_renewed_while_the_channel_stays(app: App, desk: Desk) -> None:
    name = f"chat:{desk.mine}"
    app.listen(name, {"event": "INSERT", "table": "messages"})
    statuses = app.heard(name, "statuses")
    app.renew()
    app.renew()
    desk.say(desk.mine, "after the refresh")
    app.wait(lambda: app.texts(name) == ["after the refresh"], "heard after the refresh")
    assert app.heard(name, "statuses") == statuses
    app.leave(name)
