"""Ids and codes: made by whoever creates the row, checked wherever one comes in."""

import re
import uuid

import uuid_utils

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CODE = re.compile(r"[A-Z]{2,5}[0-9]{4,20}")

SYSTEM_MESSAGE = uuid.UUID("0b6f7f4e-9f0e-5a53-9b8e-3f1d1f0c7a11")
"""Namespace of ids derived from an operation, so that repeating it can never write a second row."""


def new_id() -> str:
    """A fresh UUIDv7 as text: time-ordered, because random keys halve the insert rate."""
    return str(uuid_utils.uuid7())


def derived_id(op_id: str, what: str) -> str:
    """The id of a row that an operation writes beside its own: the same for every try of that operation."""
    return str(uuid.uuid5(SYSTEM_MESSAGE, f"{op_id}/{what}"))


def is_id(text: str) -> bool:
    """Whether `text` is a UUID in its canonical, lower-case form."""
    return _UUID.fullmatch(text) is not None


def canonical_id(text: str) -> str | None:
    """`text` as a canonical UUID when it is one in any letter case, else None."""
    lowered = text.strip().lower()
    return lowered if _UUID.fullmatch(lowered) else None


def canonical_code(text: str) -> str | None:
    """`text` as a booking code, such as REQ1759286674249 (B-08), when it is one in any letter case, else None."""
    raised = text.strip().upper()
    return raised if _CODE.fullmatch(raised) else None


def new_code(prefix: str, at_ms: int) -> str:
    """A booking code in the seeds' form: the workflow's prefix and milliseconds since 1970."""
    return f"{prefix}{at_ms}"
