"""Values that the database itself makes, for rows written at a SQL prompt: this moment, and a fresh id."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

SQLITE_NOW = "strftime('%Y-%m-%dT%H:%M:%fZ','now')"
SQLITE_FRESH_ID = (
    "lower(hex(randomblob(4))||'-'||hex(randomblob(2))||'-4'||substr(hex(randomblob(2)),2)||'-'||"
    "substr('89AB',1+abs(random()%4),1)||substr(hex(randomblob(2)),2)||'-'||hex(randomblob(6)))"
)


class this_moment(FunctionElement[str]):  # noqa: N801 - reads as the SQL function it stands for
    """UTC text in milliseconds, as everywhere."""

    type = sa.String(24)
    inherit_cache = True


class fresh_id(FunctionElement[str]):  # noqa: N801
    """A random UUID in canonical text."""

    type = sa.String(36)
    inherit_cache = True


@compiles(this_moment, "sqlite")
def _moment_in_sqlite(element: this_moment, compiler: Any, **options: Any) -> str:
    return SQLITE_NOW


@compiles(fresh_id, "sqlite")
def _id_in_sqlite(element: fresh_id, compiler: Any, **options: Any) -> str:
    return SQLITE_FRESH_ID
