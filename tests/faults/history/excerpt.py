"""Cuts a history down to what is about an operation, a booking or a process: what a person reads of a failure."""

from collections.abc import Sequence
from typing import Any

import msgspec

from tests.faults.history.events import Began, Event, Faulted, Healed

ALWAYS = (Began, Faulted, Healed)
AT_MOST = 60
"""Events; of more, the first and the last are shown."""


def excerpt(events: Sequence[Event], words: Sequence[str]) -> list[Event]:
    """The events that mention one of the words, their lists cut to the lines that do, and the faults between them."""
    told = [event for event in events if not isinstance(event, ALWAYS) and _mentions(event, words)]
    if not told:
        return []
    first, last = told[0].at, told[-1].at
    kept = [_trimmed(event, words) for event in told]
    kept += [event for event in events if isinstance(event, ALWAYS) and first <= event.at <= last]
    kept.sort(key=lambda event: event.at)
    return kept if len(kept) <= AT_MOST else [*kept[: AT_MOST // 2], *kept[-AT_MOST // 2 :]]


def _mentions(value: Any, words: Sequence[str]) -> bool:
    text = msgspec.json.encode(value).decode()
    return any(word in text for word in words)


def _trimmed(event: Event, words: Sequence[str]) -> Event:
    """The same event; lists and tables in it only with what mentions a word."""
    values: dict[str, Any] = {}
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if isinstance(value, tuple) and value and isinstance(value[0], msgspec.Struct):
            values[name] = tuple(item for item in value if _mentions(item, words))
        elif isinstance(value, dict):
            values[name] = {key: item for key, item in value.items() if _mentions([key, item], words)}
    return msgspec.structs.replace(event, **values)
