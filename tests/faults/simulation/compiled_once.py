"""One memory of SQLAlchemy's for all lives and runs: what a statement is as SQL does not depend on the connection."""

from collections.abc import Callable
from typing import ParamSpec

import sqlalchemy as sa

P = ParamSpec("P")


def compiled_once(queries_over: Callable[P, sa.Connection]) -> Callable[P, sa.Connection]:
    """The same, but that not each engine compiles every statement anew: the first one's dialect and memory are all
    of theirs."""
    first: sa.Engine | None = None

    def queries_sharing(*args: P.args, **kwargs: P.kwargs) -> sa.Connection:
        nonlocal first
        queries = queries_over(*args, **kwargs)
        first = first or queries.engine
        queries.dialect = queries.engine.dialect = first.dialect
        queries.engine._compiled_cache = first._compiled_cache
        return queries

    return queries_sharing
