"""Moments in time as they travel: UTC, ISO 8601, milliseconds, a trailing Z. Text order is time order."""

from datetime import UTC, datetime


def to_text(moment_ms: int) -> str:
    """Milliseconds since 1970 as `2026-11-21T08:46:37.123Z`."""
    moment = datetime.fromtimestamp(moment_ms // 1000, tz=UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment_ms % 1000:03d}Z"


def to_ms(text: str) -> int:
    """The other way round; raises ValueError for anything that is not a moment with a zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a zone: {text!r}")
    return round(moment.timestamp() * 1000)
