"""The live chat's own names (seed E), for every role: what they show, what writing to them does, what channels hear."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from contract.ids import new_id
from contract.permissions import Sight
from tests.server.doors.permission_world import DESK, SIGHT, STAFF, VIEWERS, World, matrix_world, operation, words_in
from tests.support.phoenix_client import PhoenixClient

CHATS = ("waiting_chat", "chat_of_ava")
WHOLE = {"Prefer": "return=representation"}
SESSIONS, LINES, AGENTS = "/rest/v1/live_chat_sessions", "/rest/v1/chat_messages", "/rest/v1/support_agents"
FORBIDDEN = (403, "42501")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with matrix_world(tmp_path_factory.mktemp("live-chat")) as made:
        yield made


def outcome(answer: httpx.Response) -> tuple[int, str | None]:
    return (answer.status_code, None) if answer.status_code < 300 else (answer.status_code, answer.json()["code"])


def session_of(world: World, booking: dict[str, str]) -> dict[str, Any]:
    [found] = world.clients["olga"].get(SESSIONS, params={"id": f"eq.{booking['id']}"}).json()
    return dict(found)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_sessions_and_lines_are_those_of_the_chats_that_somebody_sees(world: World, viewer: str) -> None:
    rows = {kind for kind in CHATS if SIGHT[kind][viewer] >= Sight.ROW}
    talked = {kind for kind in CHATS if SIGHT[kind][viewer] == Sight.FULL}
    sessions = world.clients[viewer].get(SESSIONS, params={"select": "*,chat_messages(*)"})
    assert {row["id"] for row in sessions.json()} == {world.bookings[kind]["id"] for kind in rows}
    words = {("name", kind) for kind in rows} | {("said", kind) for kind in talked}
    assert words_in(sessions.text) == words, "never a note, and nothing that the view does not name"
    lines = world.clients[viewer].get(LINES, params={"select": "*,live_chat_sessions(*)"})
    assert {row["session_id"] for row in lines.json()} == {world.bookings[kind]["id"] for kind in talked}
    assert words_in(lines.text) == {word for word in words if word[1] in talked}


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_agents_are_those_profiles_of_the_desk_that_somebody_sees(world: World, viewer: str) -> None:
    found = world.clients[viewer].get(AGENTS, params={"order": "name"}).json()
    people = ["abe", "adam", "aki", "ava", "olga"] if viewer in STAFF else []
    assert [(row["id"], row["user_id"]) for row in found] == [(world.ids[name],) * 2 for name in people]


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_a_line_is_sent_by_whoever_sees_all_of_the_session(world: World, viewer: str) -> None:
    for kind in (*CHATS, "guarding"):
        booking = world.create(kind)
        row = {"id": new_id(), "session_id": booking["code"], "message": "Hello", "is_read": True,
               "sender_id": world.ids["adam"], "sender_name": "Adam", "sender_role": "admin"}  # fmt: skip
        answer = world.clients[viewer].post(LINES, json=row, headers=WHOLE)
        if kind == "guarding" or SIGHT[kind][viewer] == Sight.NONE:
            assert outcome(answer) == (404, "booking_not_found"), kind
        elif SIGHT[kind][viewer] == Sight.ROW:
            assert outcome(answer) == FORBIDDEN
        else:
            [sent] = answer.json()
            roles = {"ann": "user", "adam": "admin", "service": "admin"}
            assert (sent["id"], sent["session_id"], sent["message"]) == (row["id"], booking["id"], "Hello")
            assert (sent["is_agent"], sent["sender_role"]) == (viewer != "ann", roles.get(viewer, "agent"))
            assert (sent["sender_id"], sent["is_read"]) == (world.ids.get(viewer, sent["sender_id"]), False)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_a_session_is_opened_by_whom_the_workflow_lets(world: World, viewer: str) -> None:
    row = {"id": new_id(), "user_name": "Ann B.", "user_email": "ann@home.example", "status": "waiting",
           "started_at": "2020-01-01T00:00:00Z", "agent_id": None, "rating": None}  # fmt: skip
    answer = world.clients[viewer].post(SESSIONS, json=row, headers=WHOLE)
    if viewer in ("tom", "tim", "dora", "dan"):
        assert outcome(answer) == FORBIDDEN
        return
    made = session_of(world, {"id": str(row["id"])})
    assert answer.json() == ([] if viewer == "aki" else [made]), "an agent of another department sees it no more"
    customer = world.ids[viewer] if viewer in ("ann", "bea") else None
    assert (made["id"], made["status"], made["user_id"]) == (row["id"], "waiting", customer)
    assert (made["user_name"], made["user_email"]) == ("Ann B.", "ann@home.example")
    assert (made["agent_id"], made["assigned_at"], made["ended_at"]) == (None, None, None)
    assert made["started_at"] == made["created_at"] > "2026"
    again = world.clients[viewer].post(SESSIONS, json=row)
    assert outcome(again) == (201, None), "the same once more is the same"


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_a_session_is_ended_by_whoever_may_end_the_chat_and_rated_by_its_user(world: World, viewer: str) -> None:
    for kind in CHATS:
        booking = world.create(kind)
        ended = {"status": "ended", "ended_at": "2020-01-01T00:00:00Z"}
        answer = world.clients[viewer].patch(f"{SESSIONS}?id=eq.{booking['id']}", json=ended)
        sight, now = SIGHT[kind][viewer], session_of(world, booking)
        assert outcome(answer) == (FORBIDDEN if sight == Sight.ROW else (204, None)), kind
        assert (now["status"] == "ended") == (sight == Sight.FULL)
        assert (now["ended_at"] is not None) == (sight == Sight.FULL) and str(now["ended_at"]) > "2026"
        rated = {"rating": 5, "feedback": "Kind", "status": now["status"]}
        answer = world.clients[viewer].patch(f"{SESSIONS}?id=eq.{booking['id']}", json=rated)
        assert outcome(answer) == ((204, None) if viewer == "ann" or sight == Sight.NONE else FORBIDDEN)
        now = session_of(world, booking)
        assert (now["rating"], now["feedback"]) == ((5, "Kind") if viewer == "ann" else (None, None))


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_a_session_is_taken_at_the_desk_alone(world: World, viewer: str) -> None:
    """As the seed's service does it: the agent, the status and its own clock, all at once."""
    booking = world.create("waiting_chat")
    me = world.ids["olga"] if viewer == "service" else world.ids[viewer]
    taken = {"agent_id": me, "status": "active", "assigned_at": "2020-01-01T00:00:00Z"}
    answer = world.clients[viewer].patch(f"{SESSIONS}?id=eq.{booking['id']}", json=taken)
    sight, now = SIGHT["waiting_chat"][viewer], session_of(world, booking)
    may = sight == Sight.FULL and viewer in DESK
    assert outcome(answer) == (FORBIDDEN if sight == Sight.FULL and not may else (204, None))
    assert (now["agent_id"], now["status"]) == ((me, "active") if may else (None, "waiting"))
    assert (now["assigned_at"] is not None) == may and str(now["assigned_at"]) > "2026"


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_reading_is_marked_for_oneself_and_only_of_what_the_other_side_said(world: World, viewer: str) -> None:
    booking = world.create("waiting_chat")
    world.do("olga", operation("message.send", booking["id"], {"text": "From the desk"}))
    answer = world.clients[viewer].patch(f"{LINES}?session_id=eq.{booking['id']}", json={"is_read": True})
    assert outcome(answer) == (204, None)
    lines = world.clients["olga"].get(LINES, params={"session_id": f"eq.{booking['id']}"}).json()
    read = {row["message"]: row["is_read"] for row in lines if row["sender_role"] != "system"}
    reads = SIGHT["waiting_chat"][viewer] == Sight.FULL and viewer not in ("ava", "abe")  # since then it is Olga's
    assert read == {"<said:waiting_chat>": reads and viewer != "ann", "From the desk": reads and viewer == "ann"}


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_a_line_is_corrected_and_removed_by_its_author_or_removed_by_an_administrator(
    world: World, viewer: str
) -> None:
    booking, client = world.create("waiting_chat"), world.clients[viewer]
    sees = SIGHT["waiting_chat"][viewer] == Sight.FULL
    said = f"{LINES}?id=eq.{booking['said']}"
    allowed, denied = (204, None), FORBIDDEN if sees else (204, None)
    assert outcome(client.patch(said, json={"message": "corrected"})) == (allowed if viewer == "ann" else denied)
    removers = ("ann", "adam", "service")
    assert outcome(client.delete(said)) == (allowed if viewer in removers else denied)
    [line] = world.clients["olga"].get(said).json()
    assert (line["deleted_at"] is not None) == (viewer in removers)
    assert line["message"] == ("" if viewer in removers else "<said:waiting_chat>")


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", f"{SESSIONS}?id=not.is.null", None),
        ("PATCH", f"{SESSIONS}?id=not.is.null", {"user_id": None, "user_name": "Mallory"}),
        ("PATCH", f"{LINES}?id=not.is.null", {"sender_name": "Mallory"}),
        ("PATCH", f"{AGENTS}?id=not.is.null", {"role": "admin"}),
        ("DELETE", f"{AGENTS}?id=not.is.null", None),
        ("POST", AGENTS, {"name": "Mallory"}),
    ],
)
def test_that_what_is_nobodys_to_write_is_written_by_nobody(
    world: World, viewer: str, method: str, path: str, body: dict[str, Any] | None
) -> None:
    before = world.head()
    answer = world.clients[viewer].request(method, path, json=body)
    assert answer.status_code in ((403,) if method == "POST" else (204, 403, 422)), "204: it sees none of them"
    assert world.head() == before


def test_that_unread_lines_are_counted_as_the_widget_counts_them(world: World) -> None:
    booking, ann = world.create("chat_of_ava"), world.clients["ann"]
    for text in ("one", "two"):
        world.do("ava", operation("message.send", booking["id"], {"text": text}))
    own = world.do("ann", operation("message.send", booking["id"], {"text": "mine"}))["op_id"]
    assert outcome(ann.patch(f"{LINES}?id=eq.{own}", json={"is_read": True})) == (204, None), "and nothing is read"
    unread = {"session_id": f"eq.{booking['id']}", "is_agent": "is.true", "is_read": "eq.false",
              "sender_role": "eq.agent", "select": "id"}  # fmt: skip
    found = ann.head(LINES, params=unread, headers={"Prefer": "count=exact"})
    assert found.headers["content-range"].endswith("/2")
    [first] = ann.get(LINES, params=unread | {"message": "eq.one"}).json()
    marked = ann.patch(f"{LINES}?id=eq.{first['id']}", json={"is_read": True}, headers=WHOLE)
    assert [row["is_read"] for row in marked.json()] == [True]
    assert len(ann.get(LINES, params=unread).json()) == 1
    back = ann.patch(f"{LINES}?id=eq.{first['id']}", json={"is_read": False})
    assert outcome(back) == (422, "PGRST100")


def test_that_a_session_cannot_be_opened_for_somebody_else_by_a_customer(world: World) -> None:
    row = {"user_id": world.ids["bea"], "user_name": "Bea"}
    assert outcome(world.clients["ann"].post(SESSIONS, json=row)) == FORBIDDEN
    [made] = world.clients["olga"].post(SESSIONS, json=row, headers=WHOLE).json()
    assert made["user_id"] == world.ids["bea"]


def test_that_a_system_line_by_an_apps_own_hand_is_for_the_desk(world: World) -> None:
    row = {"session_id": world.bookings["waiting_chat"]["id"], "message": "We close at six", "sender_role": "system"}
    assert outcome(world.clients["ann"].post(LINES, json=row)) == FORBIDDEN
    [told] = world.clients["ava"].post(LINES, json=row, headers=WHOLE).json()
    assert (told["sender_role"], told["sender_id"], told["is_agent"]) == ("system", None, True)


def listen(world: World, viewer: str, *bindings: dict[str, Any], **config: Any) -> PhoenixClient:
    client = PhoenixClient(world.server.url)
    asked = [{"event": "*", "schema": "public"} | one for one in bindings]
    payload = {"config": {"postgres_changes": asked} | config, "access_token": world.tokens[viewer]}
    assert client.join("realtime:live-chat", payload).ok
    return client


def next_of(client: PhoenixClient) -> dict[str, Any]:
    found: dict[str, Any] = client.next("postgres_changes", timeout=20).payload["data"]
    return found


def heard(client: PhoenixClient) -> list[dict[str, Any]]:
    """All changes told and not looked at yet; a heartbeat's reply says that there are no more."""
    ref, found = client.send("phoenix", "heartbeat", {}), []
    while (frame := client.next()).ref != ref:
        if frame.event == "postgres_changes":
            found.append(frame.payload["data"])
    return found


def test_that_a_channel_hears_of_a_session_in_the_seeds_words(world: World) -> None:
    booking = world.create("waiting_chat")
    narrowed = {"table": "live_chat_sessions", "filter": f"id=eq.{booking['code']},status=in.(active,ended)"}
    with listen(world, "ann", narrowed) as client:
        world.do("ava", operation("message.send", booking["id"], {"text": "How can I help?"}))
        told = next_of(client)
        assert (told["table"], told["type"]) == ("live_chat_sessions", "UPDATE")
        assert (told["old_record"]["status"], told["old_record"]["agent_id"]) == ("waiting", None)
        assert told["record"] == session_of(world, booking)
        assert (told["record"]["status"], told["record"]["agent_id"]) == ("active", world.ids["ava"])
        types = {column["name"]: column["type"] for column in told["columns"]}
        assert types == types | {"id": "uuid", "assigned_at": "timestamptz", "user_email": "text"}


def test_that_a_channel_hears_of_lines_by_the_name_it_asks_for_once_each(world: World) -> None:
    booking = world.create("chat_of_ava")
    named = {"table": "chat_messages", "filter": f"session_id=eq.{booking['id']}"}
    users = named | {"filter": named["filter"] + ",sender_role=eq.user", "select": ["message"]}
    with listen(world, "ann", named, {"table": "*"}) as both, listen(world, "olga", users) as narrow:
        world.do("olga", operation("message.send", booking["id"], {"text": "between us", "kind": "note"}))
        world.do("ann", operation("message.send", booking["id"], {"text": "Hello"}))
        tables = [next_of(both), next_of(both)]
        assert [(one["table"], one["record"]["message"]) for one in tables] == [
            ("messages", "Hello"), ("chat_messages", "Hello"),
        ]  # fmt: skip
        [row] = world.clients["ann"].get(LINES, params={"id": f"eq.{tables[1]['record']['id']}"}).json()
        assert tables[1]["record"] == row
        told = next_of(narrow)
        assert told["record"] == {"id": row["id"], "message": "Hello"}
        assert [column["name"] for column in told["columns"]] == ["id", "message"]
        world.do("ann", operation("message.remove", booking["id"], {"message_id": row["id"]}))
        removed = next_of(narrow)
        assert (removed["type"], removed["record"]["message"]) == ("UPDATE", "")
        assert removed["old_record"] == {"id": row["id"]}
        assert [one["table"] for one in heard(both)] == ["messages", "chat_messages"]
        assert heard(narrow) == []


@pytest.mark.parametrize("viewer", VIEWERS)
def test_that_nobody_hears_by_a_views_name_what_is_not_theirs(world: World, viewer: str) -> None:
    fresh = {kind: world.create(kind) for kind in (*CHATS, "guarding")}
    with listen(world, viewer, {"table": "chat_messages"}, {"table": "live_chat_sessions"}) as client:
        for kind, booking in fresh.items():
            world.do("olga", operation("message.send", booking["id"], {"text": f"<live:{kind}>", "kind": "note"}))
            world.do("ann", operation("message.send", booking["id"], {"text": f"<heard:{kind}>"}))
        told = heard(client)
    expected = {("heard", kind) for kind in CHATS if SIGHT[kind][viewer] == Sight.FULL}
    assert {word for word in words_in(str(told)) if word[0] in ("live", "heard")} == expected


def test_that_what_was_missed_comes_by_the_views_name_too(world: World) -> None:
    booking = world.create("chat_of_ava")
    resumed = {"after": world.head(), "epoch": world.epoch()}
    world.do("olga", operation("message.send", booking["id"], {"text": "between us", "kind": "note"}))
    world.do("ava", operation("message.send", booking["id"], {"text": "while you were away"}))
    bindings = {"table": "chat_messages"}, {"event": "INSERT", "table": "*"}
    with listen(world, "ann", *bindings, fieldline={"resume": resumed}) as client:
        frames = [client.next("postgres_changes", timeout=20).payload for _ in range(5)]
        assert heard(client) == []
    assert [len(frame["ids"]) for frame in frames] == [1] * 5, "each is for one of the bindings"
    lines = [one for one in (frame["data"] for frame in frames) if one["table"] != "status_history"]
    assert [(one["table"], one["record"]["message"], one["replayed"]) for one in lines] == [
        (table, message, True)
        for message in ("Agent has joined", "while you were away")
        for table in ("messages", "chat_messages")
    ]


def test_that_a_filter_on_what_a_view_does_not_have_refuses_the_join(world: World) -> None:
    for wrong in ("booking_id=eq.x", "customer_phone=like.%", "assignee_id=is.null"):
        with PhoenixClient(world.server.url) as client:
            asked = {"event": "*", "schema": "public", "table": "live_chat_sessions", "filter": wrong}
            payload = {"config": {"postgres_changes": [asked]}, "access_token": world.tokens["olga"]}
            assert "invalid filter" in client.join("realtime:wrong", payload).response["reason"]
