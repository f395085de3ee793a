"""How a socket ends: rights that change, tokens that run out, a server that drains, is killed, or is not read."""

import time
from pathlib import Path

import jwt

from contract.actors import Actor
from server.access.signing_key import SigningKey
from server.access.tokens import TokenIssuer
from tests.support.people_made import address, change_departments, make_people
from tests.support.phoenix_client import Closed
from tests.support.running_server import RunningServer, running_server
from tests.support.sync_client import Operator, SyncClient, message, slow_connection


def test_that_a_role_that_changed_sends_its_sockets_back_to_sign_in(server: RunningServer) -> None:
    with Operator(server, address("abe")) as abe, SyncClient(server, abe.token) as client:
        reply = client.enter_now()
        change_departments(server.data_dir, abe.user_id, '["billing"]')
        assert client.next("bye").payload["reason"] == "reauth"
        assert client.closing().code == 1008
    with SyncClient(server, abe.token) as client:
        assert client.enter(reply["epoch"], reply["head"])["mode"] == "snapshot"
    change_departments(server.data_dir, abe.user_id, '["support"]')


def test_that_signing_out_ends_the_socket(server: RunningServer) -> None:
    with Operator(server, address("bea")) as bea, SyncClient(server, bea.token) as client:
        client.enter()
        assert bea.http.post("/auth/v1/logout").status_code == 204
        assert client.next("bye", timeout=20).payload["reason"] == "reauth"


def test_that_a_token_that_runs_out_ends_the_socket_unless_a_new_one_comes(tmp_path: Path) -> None:
    people = make_people(tmp_path, {"olga": ("operator", ())})
    with (
        running_server(tmp_path, env={"FIELDLINE_TOKEN_GRACE": "1"}) as server,
        Operator(server, address("olga")) as olga,
    ):
        brief = short_token(server, olga, people["olga"])
        with SyncClient(server, brief) as stale, SyncClient(server, brief) as renewed:
            stale.enter_now()
            renewed.enter_now()
            assert renewed.ask("sync", "access_token", {"access_token": olga.token}).ok
            assert stale.next("bye", timeout=10).payload["reason"] == "reauth"
            assert stale.closing().code == 1008
            assert renewed.beat()["head"] >= 0
            assert not renewed.ask("sync", "access_token", {"access_token": brief}).ok


def short_token(server: RunningServer, person: Operator, user_id: str) -> str:
    """A token of that person's session that runs out in a second."""
    claims = jwt.decode(person.token, options={"verify_signature": False})
    issuer = TokenIssuer(SigningKey.at(server.data_dir), token_seconds=1)
    return issuer.issue(Actor(user_id, "operator", "Olga"), None, claims["session_id"])[0]


def test_that_a_draining_server_says_goodbye_answers_what_is_under_way_and_exits_cleanly(tmp_path: Path) -> None:
    make_people(tmp_path, {"ann": ("customer", ()), "olga": ("operator", ())})
    with running_server(tmp_path) as server, Operator(server, address("ann")) as ann:
        booking = ann.new_booking()
        with SyncClient(server, ann.token) as one, SyncClient(server, ann.token) as other:
            one.enter_now()
            other.enter_now()
            refs = [one.send("sync", "ops", {"device_id": "d", "ops": [message(booking, str(n))]}) for n in range(50)]
            assert one.next("phx_reply", ref=refs[0]).ok
            assert server.stop() == 0
            answered = sum(_answered(one, ref) for ref in refs[1:])
            byes = [client.next("bye").payload for client in (one, other)]
            assert {bye["reason"] for bye in byes} == {"drain"}
            assert all(200 <= bye["after_ms"] <= 4_000 for bye in byes)
            assert {client.closing().code for client in (one, other)} == {1001}
        server.start()
        page = ann.http.get(f"/sync/v1/bookings/{booking}/messages?limit=200").json()
        texts = {row["message"] for row in page["rows"] if row["kind"] == "text"}
        assert len(texts) >= 1 + answered
        assert {str(n) for n in range(1 + answered)} <= texts


def _answered(client: SyncClient, ref: str) -> bool:
    """Whether that operation got its verdict before the end."""
    try:
        return client.next("phx_reply", ref=ref, timeout=1).ok
    except (Closed, TimeoutError):
        return False


def test_that_nothing_acknowledged_is_lost_by_a_kill_and_nothing_repeated_is_doubled(tmp_path: Path) -> None:
    make_people(tmp_path, {"ann": ("customer", ())})
    limits = {"FIELDLINE_FRAMES_PER_SECOND": "10000"}
    with running_server(tmp_path, env=limits) as server, Operator(server, address("ann")) as ann:
        booking = ann.new_booking()
        operations = [message(booking, f"line {number}") for number in range(300)]
        acknowledged: list[str] = []
        with SyncClient(server, ann.token) as client:
            epoch = client.enter_now()["epoch"]
            refs = {client.send("sync", "ops", {"device_id": "d", "ops": [one]}): one for one in operations[:150]}
            for ref in list(refs)[:40]:
                [verdict] = client.next("phx_reply", ref=ref).response["verdicts"]
                acknowledged.append(verdict["op_id"])
            server.kill()
        server.start()
        with SyncClient(server, ann.token) as client:
            assert client.enter_now()["epoch"] == epoch
            for operation in operations:
                assert client.do(operation)["verdict"] == "applied"
        ids = [row["id"] for row in all_messages(ann, booking) if row["kind"] == "text"]
        assert sorted(map(str, ids)) == sorted(str(operation["op_id"]) for operation in operations)
        assert set(acknowledged) <= set(ids)


def test_that_after_a_restore_clients_start_over_and_what_was_undone_is_done_once_more(tmp_path: Path) -> None:
    make_people(tmp_path, {"ann": ("customer", ())})
    with running_server(tmp_path) as server, Operator(server, address("ann")) as ann:
        booking = ann.new_booking()
        kept, undone = message(booking, "before the backup"), message(booking, "after the backup")
        ann.do(kept)
        server.command("backup", str(tmp_path / "backup.db"))
        ann.do(undone)
        with SyncClient(server, ann.token) as client:
            old = client.enter_now()
        server.stop()
        server.command("restore", str(tmp_path / "backup.db"))
        server.start()
        with SyncClient(server, ann.token) as client:
            reply = client.enter(old["epoch"], old["head"])
            assert reply["mode"] == "snapshot"
            assert reply["epoch"] != old["epoch"]
            assert client.ops(undone, epoch=old["epoch"]).response["code"] == "epoch_changed"
            assert [row["id"] for row in all_messages(ann, booking) if row["kind"] == "text"] == [kept["op_id"]]
            for operation in (kept, undone, undone):
                assert client.ops(operation, epoch=reply["epoch"]).response["verdicts"][0]["verdict"] == "applied"
        texts = [row["message"] for row in all_messages(ann, booking) if row["kind"] == "text"]
        assert texts == ["before the backup", "after the backup"]


def all_messages(person: Operator, booking: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    before = 10**15
    while True:
        page = person.http.get(f"/sync/v1/bookings/{booking}/messages?limit=200&before={before}").json()
        rows = page["rows"] + rows
        if not page["more"]:
            return rows
        before = page["rows"][0]["position"]


def test_that_a_slow_reader_is_cut_and_catches_up_while_others_wait_for_nothing(tmp_path: Path) -> None:
    make_people(tmp_path, {"ann": ("customer", ()), "olga": ("operator", ())})
    limits = {"FIELDLINE_MAX_BACKLOG": "65536", "FIELDLINE_RATE_WRITE": "100000/minute"}
    with (
        running_server(tmp_path, env=limits) as server,
        Operator(server, address("ann")) as ann,
        Operator(server, address("olga")) as olga,
    ):
        booking = ann.new_booking()
        with (
            SyncClient(server, olga.token, max_queue=1, sock=slow_connection(server)) as sleeper,
            SyncClient(server, olga.token) as awake,
        ):
            sleeper.enter_now()
            awake.enter_now()
            sent = 0
            waits = []
            while not cut_readers(olga):
                assert sent < 3_000, "the slow reader was never cut"
                batch = [message(booking, "x" * 7_000) for _ in range(10)]
                begun = time.monotonic()
                assert ann.post_ops(*batch).status_code == 200
                awake.take(10, table="messages")
                waits.append(time.monotonic() - begun)
                sent += 10
            assert sorted(waits)[len(waits) // 2] < 0.5
            cursor = sleeper.cursor
            end = sleeper.closing()
            assert end.code in (1013, None)
        with SyncClient(server, olga.token) as back:
            reply = back.enter(awake.epoch, cursor)
            assert reply["mode"] in ("delta", "pull")
            if reply["mode"] == "pull":
                back.pull(olga, reply["head"])
            got = [item for item in back.items if item["table"] == "messages" and item["row"]["kind"] == "text"]
            assert len(got) == sent


def cut_readers(person: Operator) -> int:
    text = person.http.get("/metrics").text
    [line] = [line for line in text.splitlines() if line.startswith("fieldline_slow_readers_cut")]
    return int(float(line.split()[1]))
