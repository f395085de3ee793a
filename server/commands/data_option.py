"""The option that every command takes, and what a command says when the database cannot be used."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from contract.errors import Refusal
from server.commands.log_lines import set_up_logs
from server.config import ConfigError, ServerConfig, load_config
from server.store.settings import StoreSettings, StoreUnusable

Command = TypeVar("Command", bound=Callable[..., Any])


def data_option(command: Command) -> Command:
    """Adds --data; without it FIELDLINE_DATA or the TOML file counts."""
    return click.option("--data", type=click.Path(path_type=Path), help="The server's data folder.")(command)


def config_of(data: Path | None) -> ServerConfig:
    """The server's settings, as `run` would have them; raises click's exceptions."""
    try:
        config = load_config({"data": data})
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    set_up_logs(config.log_format, config.log_level)
    return config


def settings_of(data: Path | None) -> StoreSettings:
    """The store's settings for that folder; raises click's UsageError when none is named anywhere."""
    config = config_of(data)
    if config.data is None:
        raise click.UsageError("Say where the data is: --data DIR (or FIELDLINE_DATA).")
    return StoreSettings(config.data, config.database, keep_days=config.keep_days, keep_lines=config.keep_lines)


@contextlib.contextmanager
def plainly() -> Iterator[None]:
    """Turns what may go wrong into one sentence on stderr and exit code 1."""
    try:
        yield
    except StoreUnusable as error:
        raise click.ClickException(str(error)) from error
    except Refusal as refusal:
        details = f" {refusal.details}" if refusal.details else ""
        raise click.ClickException(f"{refusal.message}{details}") from refusal
