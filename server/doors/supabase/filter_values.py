"""What the words of a filter mean: operators that compare, values as their column's type, the words after `is`."""

import math
import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from server.doors.supabase.column_types import BIGINT, BOOLEAN, FLOAT, INTEGER, JSON, TIMESTAMP, ColumnType

MAX_PATTERN = 512
"""Signs of a LIKE or a regular expression."""
COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "neq": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
_IS: Mapping[str, bool | None] = {"null": None, "unknown": None, "true": True, "false": False}
_TRUE = ("true", "t", "1", "yes", "on")
_FALSE = ("false", "f", "0", "no", "off")


def as_type(value: str, kind: ColumnType) -> Any:
    """A filter's value, to be compared with a column of that type. Raises ValueError."""
    if kind in (INTEGER, BIGINT):
        number = int(value)
        if not -(2**63) <= number < 2**63:
            raise ValueError("a number has 64 bits at most")
        return number
    if kind == FLOAT:
        found = float(value)
        if not math.isfinite(found):
            raise ValueError("expected a number")
        return found
    if kind == BOOLEAN:
        if value.lower() not in _TRUE + _FALSE:
            raise ValueError(f"{value!r} is no boolean")
        return value.lower() in _TRUE
    if kind == TIMESTAMP:
        return as_moment(value)
    if kind == JSON:
        raise ValueError("a JSON column cannot be compared")
    return value


def as_moment(value: str) -> datetime:
    """ISO 8601; without a zone it is UTC. Raises ValueError."""
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def after_is(value: str, kind: ColumnType) -> bool | None:
    """What `is.` asks a column of that type to be. Raises ValueError."""
    word = value.lower()
    if word not in _IS or (_IS[word] is not None and kind != BOOLEAN):
        raise ValueError("`is` knows null and unknown, and of a boolean true and false")
    return _IS[word]
