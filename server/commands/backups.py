"""`fieldline-server backup` and `restore`."""

import time
from pathlib import Path

import click

from server.commands.data_option import data_option, plainly, settings_of
from server.store.backup import back_up
from server.store.backup import restore as bring_back

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=_FILE)
@data_option
def backup(data: Path | None, file: Path) -> None:
    """Copies the whole database, as of one moment, to FILE. Works while the server runs."""
    with plainly():
        head = back_up(settings_of(data), file)
    click.echo(f"Backed up to {file}, up to change {head}.")


@click.command()
@click.argument("file", type=_FILE)
@data_option
def restore(data: Path | None, file: Path) -> None:
    """Brings back what `backup` wrote. The server must not run. The present database is kept aside."""
    with plainly():
        aside = bring_back(settings_of(data), file, time.time_ns() // 1_000_000)
    kept = f" The database that was there is now {aside}." if aside is not None else ""
    click.echo(f"Restored {file}.{kept}")
