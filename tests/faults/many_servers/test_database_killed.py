"""kill -9 of PostgreSQL while people write at two servers: an outage that passes, and no promise is broken by it."""

import threading
import time
from typing import Any

from tests.support.people_made import address
from tests.support.running_postgres import RunningPostgres, by_hand
from tests.support.running_server import RunningServer, wait_until
from tests.support.sync_client import Operator, message

PATIENCE = 60.0
KILLS = 2


class Writer(threading.Thread):
    """Writes one message after the other, offering each again until it is judged. `told`: verdicts by op_id."""

    def __init__(self, person: Operator, booking: str) -> None:
        super().__init__()
        self._person = person
        self._booking = booking
        self._enough = threading.Event()
        self.told: dict[str, dict[str, Any]] = {}
        self.refused: list[str] = []

    def run(self) -> None:
        while not self._enough.wait(0.02):
            operation = message(self._booking, "Still there?")
            self.told[operation["op_id"]] = self._insist(operation)

    def _insist(self, operation: dict[str, Any]) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            answer = self._person.post_ops(operation)
            if answer.status_code == 200:
                return dict(answer.json()["verdicts"][0])
            self.refused.append(answer.json()["code"])
            time.sleep(0.02)
        raise TimeoutError(operation["op_id"])

    def stop(self) -> None:
        self._enough.set()
        self.join(PATIENCE)


def test_that_a_killed_database_loses_nothing_told_and_doubles_nothing(
    servers: tuple[RunningServer, RunningServer], postgres: RunningPostgres
) -> None:
    database = servers[0].env["FIELDLINE_DATABASE"]
    with Operator(servers[0], address("olga")) as olga, Operator(servers[1], address("omar")) as omar:
        booking = olga.new_booking()
        writers = [Writer(olga, booking), Writer(omar, booking)]
        for writer in writers:
            writer.start()
        for _ in range(KILLS):
            before = [len(writer.told) for writer in writers]
            wait_until(lambda at=before: more(writers, at, 5), PATIENCE)
            refused = [len(writer.refused) for writer in writers]
            postgres.kill()
            wait_until(lambda at=refused: all(map(refused_since, writers, at)), PATIENCE)
            assert {server.get("/healthz").status_code for server in servers} == {503}
            postgres.start()
        before = [len(writer.told) for writer in writers]
        wait_until(lambda: more(writers, before, 5), PATIENCE)
        for writer in writers:
            writer.stop()
    assert {code for writer in writers for code in writer.refused} == {"unavailable"}
    told = [op for writer in writers for op in writer.told]
    assert {verdict["verdict"] for writer in writers for verdict in writer.told.values()} == {"applied"}
    stored = by_hand(database, f"SELECT op_id FROM messages WHERE booking_id='{booking}' AND kind='text'")
    assert sorted(op for (op,) in stored) == sorted(told)
    [(head, lines, first)] = by_hand(database, "SELECT max(seq), count(*), min(seq) FROM changes")
    assert (first, lines) == (1, head)


def refused_since(writer: Writer, count: int) -> bool:
    return len(writer.refused) > count


def more(writers: list[Writer], before: list[int], by: int) -> bool:
    return all(len(writer.told) >= count + by for writer, count in zip(writers, before, strict=True))
