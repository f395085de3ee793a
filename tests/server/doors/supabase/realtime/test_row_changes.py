"""postgres_changes as supabase-js gets them: whose rows, in what form, narrowed by which filters."""

from contextlib import closing

import pytest
import sqlcipher3

from tests.server.doors.supabase.realtime.conftest import Connect, World, change, join, listening

INSERTS = {"event": "INSERT", "table": "messages"}


@pytest.mark.parametrize("vsn", ["1.0.0", "2.0.0"])
def test_that_a_join_is_answered_with_what_was_asked_word_for_word(world: World, connect: Connect, vsn: str) -> None:
    client = connect(vsn)
    odd = {"event": "insert", "schema": "public", "table": "messages", "filter": f"booking_id=eq.{world.mine} ", "x": 1}
    payload = {"config": {"postgres_changes": [odd, None, {"event": "*", "schema": "public"}]}}
    reply = join(client, "odd", payload, world.token(world.omar))
    assert reply.ok
    told = reply.response["postgres_changes"]
    assert [{name: value for name, value in one.items() if name != "id"} for one in told] == [
        odd,
        {"event": "*", "schema": "public"},
    ]
    assert all(isinstance(one["id"], int) and one["id"] > 0 for one in told)
    system = client.next("system").payload
    assert (system["status"], system["extension"], system["channel"]) == ("ok", "postgres_changes", "odd")


@pytest.mark.parametrize("vsn", ["1.0.0", "2.0.0"])
def test_that_a_new_message_comes_as_an_insert_with_its_row_and_column_types(
    world: World, connect: Connect, vsn: str
) -> None:
    client = connect(vsn)
    binding = INSERTS | {"filter": f"booking_id=eq.{world.mine}"}
    reply = join(client, f"messages:{world.mine}", listening(binding), world.token(world.omar))
    world.write(world.operator, world.mine, "Hello from operator")
    told = change(client)
    data = told["data"]
    assert told["ids"] == [reply.response["postgres_changes"][0]["id"]]
    assert (data["schema"], data["table"], data["type"], data["errors"]) == ("public", "messages", "INSERT", None)
    assert data["record"]["message"] == "Hello from operator"
    assert data["record"]["booking_id"] == world.mine
    assert "old_record" not in data
    types = {column["name"]: column["type"] for column in data["columns"]}
    assert types == types | {"position": "int8", "created_at": "timestamptz", "texts": "jsonb", "has_invoice": "bool"}
    assert set(types) == set(data["record"])


def test_that_a_booking_may_be_asked_for_by_its_code(world: World, connect: Connect) -> None:
    client = connect()
    join(client, "by-code", listening(INSERTS | {"filter": f"booking_id=eq.{world.code}"}), world.token(world.omar))
    world.write(world.operator, world.mine, "found by code")
    assert change(client)["data"]["record"]["message"] == "found by code"


def test_that_nobody_gets_rows_of_anothers_booking_whatever_the_filter(world: World, connect: Connect) -> None:
    client = connect()
    bindings = [INSERTS, INSERTS | {"filter": f"booking_id=eq.{world.theirs}"}, {"table": "bookings"}, {}]
    join(client, f"messages:{world.theirs}", listening(*bindings), world.token(world.omar))
    world.write(world.sara, world.theirs, "not for Omar")
    world.write(world.omar, world.mine, "for Omar")
    assert change(client)["data"]["record"]["message"] == "for Omar"


@pytest.mark.parametrize("token", [None, "anon", "sb_publishable_x"])
def test_that_without_a_persons_token_a_channel_joins_and_is_told_no_row(
    world: World, connect: Connect, token: str | None
) -> None:
    client, known = connect(), connect()
    if token == "anon":
        token = world.server.command("keys").split("anon: ")[1].split()[0]
    assert join(client, "a", listening(INSERTS, {}), token).ok
    join(known, "a", listening(INSERTS), world.token(world.omar))
    world.write(world.omar, world.mine, "unseen")
    change(known)
    assert client.silent(event="postgres_changes")


def test_that_a_token_sent_later_opens_the_channel_and_signing_out_closes_its_eyes(
    world: World, connect: Connect
) -> None:
    client, known = connect(), connect()
    anon = world.server.command("keys").split("anon: ")[1].split()[0]
    topic = "realtime:later"
    join(client, "later", listening(INSERTS), anon)
    join(known, "known", listening(INSERTS), world.token(world.omar))
    client.send(topic, "access_token", {"access_token": world.token(world.omar)})
    client.heartbeat()
    world.write(world.omar, world.mine, "now seen")
    assert change(client)["data"]["record"]["message"] == "now seen"
    client.send(topic, "access_token", {"access_token": anon})
    client.heartbeat()
    world.write(world.omar, world.mine, "signed out")
    change(known), change(known)
    assert client.silent(event="postgres_changes")


def test_that_an_app_that_joins_before_it_knows_its_token_is_sent_back_for_it_once(
    world: World, connect: Connect
) -> None:
    client = connect("1.0.0", key="sb_publishable_x")
    reply = join(client, "early", listening(INSERTS))
    assert reply.response["reason"] == "InvalidJWTToken: the join carries no access token; join again with it"
    assert join(client, "early", listening(INSERTS), world.token(world.omar)).ok
    assert not join(client, "never", listening(INSERTS)).ok
    assert join(client, "never", listening(INSERTS)).ok
    assert not join(client, "who only talks", {"config": {}}).ok
    assert join(client, "who only talks", {"config": {}}, world.token(world.omar)).ok


def test_that_a_change_says_what_the_row_was_before(world: World, connect: Connect) -> None:
    client = connect()
    booking = world.server.create_booking(world.omar)
    join(client, "b", listening({"event": "UPDATE", "table": "bookings", "filter": f"id=eq.{booking}"}),
         world.token(world.omar))  # fmt: skip
    world.act(world.operator, "booking.transition", booking, transition="accept")
    data = change(client)["data"]
    assert (data["old_record"]["status"], data["record"]["status"]) == ("pending", "accepted")


def test_that_internal_notes_never_reach_the_customer(world: World, connect: Connect) -> None:
    client = connect()
    join(client, "n", listening(INSERTS), world.token(world.omar))
    world.act(world.operator, "message.send", world.mine, text="he always complains", kind="note")
    world.write(world.operator, world.mine, "after the note")
    assert change(client)["data"]["record"]["message"] == "after the note"


def test_that_two_bindings_of_one_channel_share_a_frame_with_both_ids(world: World, connect: Connect) -> None:
    client = connect()
    both = listening(INSERTS, {"event": "*", "table": "messages"}, {"event": "UPDATE", "table": "bookings"})
    reply = join(client, "two", both, world.token(world.omar))
    ids = [one["id"] for one in reply.response["postgres_changes"]]
    world.write(world.omar, world.mine, "for both")
    assert change(client)["ids"] == ids[:2]
    assert client.silent(event="postgres_changes")


def test_that_only_the_columns_asked_for_are_sent_and_always_the_id(world: World, connect: Connect) -> None:
    client = connect()
    join(client, "s", listening(INSERTS | {"select": ["message"]}), world.token(world.omar))
    world.write(world.omar, world.mine, "short")
    data = change(client)["data"]
    assert set(data["record"]) == {"id", "message"} == {column["name"] for column in data["columns"]}


@pytest.mark.parametrize(
    "wrong",
    [
        "booking_id",
        "booking_id=eq",
        "booking_id=is_like.3",
        "password_hash=eq.x",
        "message=match.(",
        "position=gt.x",
        "id=in.(a",
        r"message=match.\pL{400}",
    ],
)
def test_that_a_filter_nobody_understands_refuses_the_join_rather_than_be_none(
    world: World, connect: Connect, wrong: str
) -> None:
    reply = join(connect(), "w", listening(INSERTS | {"filter": wrong}), world.token(world.omar))
    assert not reply.ok
    assert "invalid filter" in reply.response["reason"]


def test_that_a_forged_token_is_refused_in_words_clients_know(world: World, connect: Connect) -> None:
    forged = world.token(world.omar)[:-4] + "AAAA"
    reply = join(connect(), "f", listening(INSERTS), forged)
    assert not reply.ok
    assert reply.response["reason"].startswith("InvalidJWTToken")


def test_that_a_filter_cannot_tell_what_is_hidden(world: World, connect: Connect) -> None:
    """A job on the marketplace hides its customer; a filter on the hidden name must find nothing."""
    client = connect()
    guess = {"event": "*", "table": "bookings", "filter": "customer_name=like.Omar%"}
    join(client, "guess", listening(guess), world.token(world.tom))
    join(client, "jobs", listening({"event": "INSERT", "table": "bookings"}), world.token(world.tom))
    world.server.create_booking(world.omar, "techcare")
    told = client.next("postgres_changes")
    assert told.topic == "realtime:jobs"
    assert told.payload["data"]["record"]["customer_name"] == ""
    assert client.silent(event="postgres_changes")


def test_that_strangers_have_no_patterns_compiled_and_nobody_many(world: World, connect: Connect) -> None:
    pattern = INSERTS | {"filter": "message=like.%urgent%"}
    assert "patterns" in join(connect(), "p", listening(pattern)).response["reason"]
    many = listening(*[pattern] * 6)
    assert "patterns" in join(connect(), "p", many, world.token(world.omar)).response["reason"]
    assert join(connect(), "p", listening(pattern), world.token(world.omar)).ok


def test_that_a_filter_without_a_table_is_refused(world: World, connect: Connect) -> None:
    reply = join(connect(), "t", listening({"filter": "position=gt.5"}), world.token(world.omar))
    assert "needs a table" in reply.response["reason"]


def test_that_a_value_no_program_would_write_matches_nothing_and_hurts_nobody(world: World, connect: Connect) -> None:
    """SQLite takes any text at a prompt, also where a number or a moment belongs."""
    booking = world.server.create_booking(world.omar)
    client, other = connect(), connect()
    odd = [
        {"table": "bookings", "filter": "priority=lt.9"},
        {"table": "bookings", "filter": "scheduled_start=gt.2020-01-01"},
    ]
    join(client, "odd", listening(*odd), world.token(world.omar))
    join(other, "all", listening({"table": "bookings", "event": "UPDATE"}), world.token(world.omar))
    with closing(sqlcipher3.connect(world.server.data_dir / "fieldline.db")) as prompt, prompt:
        prompt.execute("UPDATE bookings SET priority='high', scheduled_start='tomorrow' WHERE id=?", (booking,))
    assert change(other)["data"]["record"]["scheduled_start"] == "tomorrow"
    assert client.silent(event="postgres_changes")


def test_that_what_a_removed_message_said_is_told_nobody(world: World, connect: Connect) -> None:
    world.write(world.omar, world.mine, "I regret this")
    [row, *_] = world.omar.get("/rest/v1/messages", params={"message": "eq.I regret this"}).json()
    client = connect()
    join(client, "removal", listening({"event": "UPDATE", "table": "messages"}), world.token(world.operator))
    world.act(world.omar, "message.remove", world.mine, message_id=row["id"])
    told = change(client)["data"]
    assert told["record"]["deleted_at"] is not None
    assert "regret" not in str(told)
