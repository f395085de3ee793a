"""A server in a process of its own that tells its address through a pipe, and can be killed at named points.

`fieldline-server run` is what runs; its driver's cursor and three of its methods are wrapped, in this process only.
"""

import os
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec
import sqlcipher3.dbapi2 as driver

from server.commands import run as run_command
from server.commands.log_lines import set_up_logs
from server.config import load_config
from server.doors.sync.spool import Spool
from server.realtime.fan_out import FanOut
from tests.faults.processes.points import Journal, Points

RATES = {"FIELDLINE_RATE_WRITE": "1000000/minute", "FIELDLINE_RATE_READ": "1000000/minute"}


class ServerOrders(msgspec.Struct, frozen=True):
    """What a server's process is started with."""

    data: Path
    port: int
    journal: Path
    log: Path
    armed: str = ""
    """A point, from the very start."""
    env: dict[str, str] = {}
    """More settings: its engine, say."""


def run_server(pipe: Connection, orders: ServerOrders) -> None:
    """The process's life: sends its address once it accepts, then takes points to be armed, until it is killed."""
    with orders.log.open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    points = Points(Journal(orders.journal, "server"))
    points.arm(orders.armed)
    _watch(points)

    def announce(url: str) -> None:
        pipe.send(url)
        threading.Thread(target=_take_orders, args=(pipe, points), name="orders", daemon=True).start()

    run_command._announce = announce
    config = load_config({"data": orders.data, "port": orders.port}, RATES | orders.env)
    set_up_logs(config.log_format, config.log_level)
    run_command.serve(config, orders.data)


def _take_orders(pipe: Connection, points: Points) -> None:
    try:
        while True:
            points.arm(pipe.recv())
            pipe.send(None)
    except EOFError:
        os._exit(3)  # whoever started this is gone


def _watch(points: Points) -> None:
    connect, publish, write, end = driver.connect, FanOut.publish, Spool.write, Spool.end

    def connect_watched(path: str, **options: Any) -> Any:
        connection = connect(path, factory=WatchedConnection, **options)
        connection.points = points
        return connection

    def publish_watched(fan_out: FanOut, batch: Any) -> None:
        carries_work = any(change.op_id is not None for change in batch.changes)
        if carries_work:
            points.pass_by("publish.before")
        publish(fan_out, batch)
        if carries_work:
            points.pass_by("publish.after")

    def write_watched(spool: Spool, data: bytes) -> None:
        write(spool, data)
        points.pass_by("snapshot.middle")

    def end_watched(spool: Spool, *, failed: bool) -> None:
        end(spool, failed=failed)
        points.pass_by("snapshot.end")

    driver.connect = connect_watched
    for owner, name, wrapped in (
        (FanOut, "publish", publish_watched),
        (Spool, "write", write_watched),
        (Spool, "end", end_watched),
    ):
        setattr(owner, name, wrapped)


class WatchedConnection(driver.Connection):  # type: ignore[misc,name-defined]
    """The driver's connection, counting what the transaction under way has written."""

    points: Points
    operations = 0
    receipts = 0

    def cursor(self, *_: Any) -> Any:
        return super().cursor(WatchedCursor)

    def execute(self, sql: str, *parameters: Any) -> Any:
        return self.cursor().execute(sql, *parameters)


class WatchedCursor(driver.Cursor):  # type: ignore[misc,name-defined]
    """The driver's cursor: passes the points around commits that hold work, and between the works of one."""

    def execute(self, sql: str, *parameters: Any) -> Any:
        connection = self.connection
        if sql == "COMMIT":
            return self._commit(connection)
        if sql.startswith("BEGIN"):
            connection.operations = connection.receipts = 0
        done = super().execute(sql, *parameters)
        if "INTO operations" in sql and sql.startswith("INSERT"):
            connection.operations += 1
            connection.points.pass_by("write.middle" if connection.operations == 1 else "batch.middle")
        elif "receipts" in sql and sql.startswith(("INSERT", "UPDATE")):
            connection.receipts += 1
        return done

    def _commit(self, connection: WatchedConnection) -> Any:
        points = connection.points
        kinds = [kind for kind, count in (("commit", connection.operations), ("receipt", connection.receipts)) if count]
        for kind in kinds:
            points.pass_by(f"{kind}.before")
        done = super().execute("COMMIT")
        for kind in kinds:
            points.pass_by(f"{kind}.after")
        return done
