"""SQLAlchemy's view of a driver's connection whose transactions we begin and end ourselves."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool


def queries_over(dialect: str, connection: Any, **options: Any) -> sa.Connection:
    """`dialect` as SQLAlchemy's addresses begin, such as `sqlite://`; `options` of `sa.create_engine`."""
    engine = sa.create_engine(
        dialect,
        creator=lambda: connection,
        poolclass=StaticPool,
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
        hide_parameters=True,  # errors are logged with their statement: not with the messages and hashes in it
        **options,
    )
    return engine.connect()
