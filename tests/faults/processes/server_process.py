"""A server in a process of its own that tells its address through a pipe, and can be killed at named points.

`fieldline-server run` is what runs; its drivers' cursors and three of its methods are wrapped, in this process only.
"""

import os
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec

from server.commands import run as run_command
from server.commands.log_lines import set_up_logs
from server.config import load_config
from server.doors.sync.spool import Spool
from server.realtime.fan_out import FanOut
from tests.faults.processes.points import Journal, Points
from tests.faults.processes.watched_store import watch_postgres, watch_sqlite

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
            points.arm(*pipe.recv())
            pipe.send(None)
    except EOFError:
        os._exit(3)  # whoever started this is gone


def _watch(points: Points) -> None:
    publish, write, end = FanOut.publish, Spool.write, Spool.end

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

    watch_sqlite(points)
    watch_postgres(points)
    for owner, name, wrapped in (
        (FanOut, "publish", publish_watched),
        (Spool, "write", write_watched),
        (Spool, "end", end_watched),
    ):
        setattr(owner, name, wrapped)
