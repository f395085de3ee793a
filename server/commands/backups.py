"""`fieldline-server backup` and `restore`."""

import time
from pathlib import Path

import click

from server.access.signing_key import KEY_FILE
from server.commands.data_option import data_option, plainly, settings_of
from server.store.backup import back_up
from server.store.backup import restore as bring_back

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=_FILE)
@data_option
def backup(data: Path | None, file: Path) -> None:
    """Copies the whole database, as of one moment, to FILE. Works while the server runs. The key that tokens are signed
    with is not in it: keep a copy of signing_key.pem elsewhere."""
    with plainly():
        settings = settings_of(data)
        head = back_up(settings, file)
    click.echo(f"Backed up to {file}, up to change {head}. Not in it: {settings.data_dir / KEY_FILE}, keep that apart.")


@click.command()
@click.argument("file", type=_FILE)
@data_option
def restore(data: Path | None, file: Path) -> None:
    """Brings back what `backup` wrote. The server must not run. The present database is kept aside."""
    with plainly():
        settings = settings_of(data)
        aside = bring_back(settings, file, time.time_ns() // 1_000_000)
    kept = f" The database that was there is now {aside}." if aside is not None else ""
    click.echo(f"Restored {file}.{kept}")
    if not (settings.data_dir / KEY_FILE).exists():
        click.echo(
            f"There is no {KEY_FILE} in {settings.data_dir}. Copy the old server's there before the first start;"
            " without it a new one is made, and the API keys that `keys` printed and all access tokens are void."
        )
