"""Runs alembic's steps. Loaded only where there are any to run: alembic takes a fifth of a server's start."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from server.store.tables import metadata


def config_for(connection: sa.Connection) -> Config:
    """What alembic must know to run its steps on that connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata
    return config


def run_to_newest(connection: sa.Connection) -> None:
    """In the transaction that the connection is in."""
    command.upgrade(config_for(connection), "head")
