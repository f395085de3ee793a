"""Several servers on one database: each one's clients see what the others' do, once, in one order."""

import threading
from typing import Any

import httpx

from tests.faults.many_servers.conftest import DATABASE_PASSWORD
from tests.support.people_made import address
from tests.support.running_postgres import by_hand
from tests.support.running_server import RunningServer, wait_until
from tests.support.sync_client import Operator, SyncClient, message, press

Pair = tuple[RunningServer, RunningServer]
LISTENING = "datname=current_database() AND query LIKE 'LISTEN%'"


def database_of(server: RunningServer) -> str:
    return server.env["FIELDLINE_DATABASE"]


def test_that_what_is_said_at_one_server_is_heard_at_the_other(servers: Pair) -> None:
    one, two = servers
    with (
        Operator(one, address("olga")) as olga,
        Operator(two, address("omar")) as omar,
        SyncClient(one, olga.token) as here,
        SyncClient(two, omar.token) as there,
    ):
        here.enter_now()
        there.enter_now()
        booking = olga.new_booking()
        first = here.do(message(booking, "From one"))
        heard = take_message(there, "From one")
        assert heard["seq"] == first["seq"]
        second = there.do(message(booking, "From two"))
        assert take_message(here, "From two")["seq"] == second["seq"] > first["seq"]


def take_message(client: SyncClient, text: str) -> dict[str, Any]:
    while True:
        for item in client.take_some():
            if item["table"] == "messages" and item["row"]["message"] == text:
                return item


def test_that_an_operation_sent_to_both_servers_is_done_once(servers: Pair) -> None:
    with Operator(servers[0], address("olga")) as here, Operator(servers[1], address("olga")) as there:
        booking = here.new_booking()
        said, pressed = message(booking, "Once"), press(booking, "accept")
        verdicts = at_the_same_time(
            lambda: [here.do(said), here.do(pressed)], lambda: [there.do(said), there.do(pressed)]
        )
        assert {verdict["verdict"] for pair in verdicts for verdict in pair} == {"applied"}
        told = [[{name: pair[name] for name in pair if name != "seq"} for pair in answer] for answer in verdicts]
        assert told[0] == told[1]
        rows = there.http.get(f"/sync/v1/bookings/{booking}").json()["tables"]
        assert [row["message"] for row in rows["messages"] if row["kind"] == "text"] == ["Once"]
        assert [row["version"] for row in rows["status_history"]] == [1, 2]


def test_that_of_two_who_press_at_once_at_two_servers_one_is_told_what_stands(servers: Pair) -> None:
    with Operator(servers[0], address("olga")) as here, Operator(servers[1], address("omar")) as there:
        for _ in range(10):
            booking = here.new_booking()
            accepted, cancelled = press(booking, "accept"), press(booking, "cancel", {"reason": "x"})
            for operation in (accepted, cancelled):
                operation["expect"] = {"version": 1, "status": "pending"}
            verdicts = at_the_same_time(lambda it=accepted: here.do(it), lambda it=cancelled: there.do(it))
            assert sorted(verdict["verdict"] for verdict in verdicts) == ["applied", "rejected"]
            [refused] = [verdict for verdict in verdicts if verdict["verdict"] == "rejected"]
            assert refused["current"]["version"] == 2
            rows = there.http.get(f"/sync/v1/bookings/{booking}").json()["tables"]
            assert [row["version"] for row in rows["status_history"]] == [1, 2]
            assert len([row for row in rows["messages"] if row["kind"] == "system"]) == 2


def test_that_positions_and_numbers_agree_however_many_write_at_once(servers: Pair) -> None:
    """One conversation, four writers at two servers: the feed is dense, and tells each line in position's order."""
    one, two = servers
    with Operator(one, address("olga")) as olga, SyncClient(two, olga.token) as witness:
        booking = olga.new_booking()
        witness.enter_now()

        def talk(server: RunningServer, name: str) -> list[str]:
            with Operator(server, address(name)) as person:
                said = [message(booking, f"{name} {number}") for number in range(25)]
                return [person.do(it)["verdict"] for it in said]

        told = at_the_same_time(
            *(lambda server=server, name=name: talk(server, name) for server in servers for name in ("olga", "omar"))
        )
        assert {verdict for verdicts in told for verdict in verdicts} == {"applied"}
        items: list[dict[str, Any]] = []
        while len(items) < 100:
            items += [item for item in witness.take_some() if item["table"] == "messages" and is_text(item)]
        positions = [item["row"]["position"] for item in items]
        assert positions == sorted(positions)
        for name in ("olga", "omar"):
            mine = [item["row"]["message"] for item in items if item["row"]["message"].startswith(name)]
            assert sorted(mine) == sorted(f"{name} {number}" for number in range(25) for _ in range(2))


def is_text(item: dict[str, Any]) -> bool:
    return bool(item["row"]["kind"] == "text")


def at_the_same_time(*calls):
    """Their results, in the calls' order."""
    results: list[object] = [None] * len(calls)

    def run(index: int) -> None:
        results[index] = calls[index]()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_that_a_change_at_a_sql_prompt_reaches_the_clients_of_both(servers: Pair) -> None:
    """Nobody hints at it: each server finds it by itself within a second or so."""
    one, two = servers
    with (
        Operator(one, address("olga")) as olga,
        SyncClient(one, olga.token) as here,
        SyncClient(two, olga.token) as there,
    ):
        booking = olga.new_booking()
        here.enter_now()
        there.enter_now()
        by_hand(database_of(one), f"UPDATE bookings SET status='accepted' WHERE id='{booking}'")
        for client in (here, there):
            steps: list[tuple[str, int]] = []
            while ("accepted", 2) not in steps:
                rows = [item["row"] for item in client.take_some() if item["table"] == "bookings"]
                steps += [(row["status"], row["version"]) for row in rows]
            assert steps[-2:] == [("accepted", 1), ("accepted", 2)]


def test_that_hints_are_heard_again_after_their_connection_was_cut(servers: Pair) -> None:
    one, two = servers
    listening = f"SELECT pid FROM pg_stat_activity WHERE {LISTENING}"
    before = by_hand(database_of(one), listening)
    assert len(before) == 2
    by_hand(database_of(one), *(f"SELECT pg_terminate_backend({pid})" for (pid,) in before))
    with (
        Operator(one, address("olga")) as olga,
        Operator(two, address("omar")) as omar,
        SyncClient(two, omar.token) as there,
    ):
        booking = olga.new_booking()
        there.enter_now()
        olga.do(message(booking, "Without a hint"))
        take_message(there, "Without a hint")
    wait_until(lambda: len(by_hand(database_of(one), listening)) == 2, 20)
    assert not set(before) & set(by_hand(database_of(one), listening))


def test_that_who_comes_from_a_server_that_is_ahead_goes_on_from_there(servers: Pair) -> None:
    """Hints are lost, so that the second server has not read yet what the client knows from the first one."""
    one, two = servers
    with Operator(one, address("olga")) as olga, SyncClient(two, olga.token) as there:
        booking = olga.new_booking()
        epoch = olga.http.get("/sync/v1/me").json()["epoch"]
        for number in range(5):
            without_hints(one)
            known = olga.do(message(booking, f"Told {number}"))["seq"]
            reply = there.enter(epoch, known)
            assert reply["mode"] == "delta"
            assert reply["head"] >= known


def test_that_what_a_polling_client_has_from_a_server_that_is_ahead_is_delivered_though_it_says_so_once(
    servers: Pair,
) -> None:
    one, two = servers
    elsewhere = httpx.Client(base_url=two.url)
    with Operator(one, address("olga")) as olga, Operator(one, address("carla")) as carla, elsewhere:
        elsewhere.headers["Authorization"] = f"Bearer {carla.token}"
        booking = carla.new_booking()
        for number in range(5):
            without_hints(one)
            said = olga.do(message(booking, f"Had {number}"))
            told = {"device_id": "polling", "cursor": said["seq"]}
            assert elsewhere.post("/sync/v1/receipts", json=told).status_code == 200
            [(position,)] = by_hand(database_of(one), f"SELECT position FROM messages WHERE id='{said['op_id']}'")
            delivered = f"SELECT delivered_position FROM receipts WHERE booking_id='{booking}' AND side='customer'"
            assert by_hand(database_of(one), delivered) == [(position,)]


def without_hints(server: RunningServer) -> None:
    """What is stored next is read by the other server at its next look only: within a second."""
    by_hand(database_of(server), f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {LISTENING}")


def test_that_signing_out_at_one_server_counts_at_the_other(servers: Pair) -> None:
    with Operator(servers[0], address("carla")) as here, Operator(servers[1], address("olga")) as other:
        elsewhere = httpx.Client(base_url=servers[1].url, headers={"Authorization": f"Bearer {here.token}"})
        with elsewhere, SyncClient(servers[1], here.token) as client:
            client.enter()
            assert elsewhere.get("/sync/v1/me").status_code == 200
            assert here.http.post("/auth/v1/logout").status_code == 204
            assert client.next("bye", timeout=20).payload["reason"] == "reauth"
            assert elsewhere.get("/sync/v1/me").status_code == 401
        assert other.http.get("/sync/v1/me").status_code == 200


def test_that_a_lost_database_connection_passes_and_its_password_is_told_nobody(servers: Pair) -> None:
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid<>pg_backend_pid() AND datname="
    with Operator(servers[0], address("olga")) as olga:
        booking = olga.new_booking()
        by_hand(database_of(servers[0]), f"{cut}current_database()")
        wait_until(lambda: all(server.get("/healthz").status_code == 200 for server in servers), 20)
        assert olga.do(message(booking, "Here again"))["verdict"] == "applied"
    for server in servers:
        log = server.log.read_text()
        assert "the database can be reached again" in log
        assert DATABASE_PASSWORD not in log
