"""`fieldline-server run`: serves until it is told to stop, then drains and exits 0."""

import asyncio
import socket
import sys
from pathlib import Path
from typing import Any

import click

from contract.workflow_file import WorkflowError
from server.app import Application
from server.commands.log_lines import set_up_logs
from server.config import ConfigError, ServerConfig, load_config
from server.store.settings import StoreUnusable

_BACKLOG = 2_048
_OTHER_FILES = 500
"""Databases, downloads, requests."""


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the database, its keys and backups.")
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one.")
@click.option("--demo", is_flag=True, default=None, help="Adds the demo's people and bookings.")
@click.option("--tls-cert", type=click.Path(path_type=Path), help="Certificate chain in PEM.")
@click.option("--tls-key", type=click.Path(path_type=Path), help="Its private key.")
@click.option("--embedded", is_flag=True, help="SQLite in the data folder, whatever database is configured.")
@click.option("--config", type=click.Path(path_type=Path), help="TOML file; see docs/configuration.md.")
def run(*, embedded: bool, **given: Any) -> None:
    """Starts the server. Prints `Listening on http://HOST:PORT` once it accepts."""
    if embedded:
        given["database"] = ""
    try:
        config = load_config(given)
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    if config.data is None:
        raise click.UsageError("Say where the data is: --data DIR (or FIELDLINE_DATA).")
    set_up_logs(config.log_format, config.log_level)
    serve(config, config.data)


def serve(config: ServerConfig, data_dir: Path) -> None:
    """Until SIGTERM or SIGINT. Raises click.ClickException when it cannot start, or cannot go on."""
    listener = _listen(config.host, config.port)
    with listener:
        try:
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            application = Application(config, data_dir)
        except (StoreUnusable, WorkflowError, OSError) as error:
            raise click.ClickException(str(error)) from error
        _allow_many_sockets(config.max_sockets)
        with asyncio.Runner(loop_factory=_new_loop) as runner:
            try:
                runner.run(application.run(listener, _announce))
            except StoreUnusable as error:
                raise click.ClickException(str(error)) from error


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG, reuse_port=False)
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host}, port {port}: {error.strerror or error}.") from error


def _announce(url: str) -> None:
    click.echo(f"Listening on {url}")


def _new_loop() -> asyncio.AbstractEventLoop:
    """uvloop where there is one."""
    if sys.platform == "win32":
        return asyncio.SelectorEventLoop()
    import uvloop  # noqa: PLC0415  (not made for Windows)

    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def _allow_many_sockets(count: int) -> None:
    """Each socket is an open file, and systems allow a process few unless it asks for more."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  (not there on Windows)

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
