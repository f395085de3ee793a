"""What people may say of themselves when they make or change their account: a name and a language."""

from collections.abc import Mapping
from typing import Any

import msgspec

from contract.actors import Lang
from contract.errors import Refusal

LONGEST_NAME = 200
"""Characters, as of a booking's customer."""


class OwnWords(msgspec.Struct, frozen=True):
    """None: nothing was said of it."""

    name: str | None = None
    lang: Lang | None = None


def read_own_words(data: Mapping[str, Any]) -> OwnWords:
    """From the `data` of sign-up and update, of which apps send all kinds; what is not known here is not kept.

    Raises Refusal `invalid_payload`."""
    name = next((data[key] for key in ("name", "full_name", "display_name") if data.get(key) is not None), None)
    if name is not None and not _is_name(name):
        raise _invalid("name", f"Expected 1 to {LONGEST_NAME} characters on one line")
    lang = data.get("lang")
    if lang not in (None, "en", "ar"):
        raise _invalid("lang", "Expected en or ar")
    return OwnWords(None if name is None else name.strip(), lang)


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and 1 <= len(name.strip()) <= LONGEST_NAME and name.strip().isprintable()


def _invalid(field: str, problem: str) -> Refusal:
    return Refusal("invalid_payload", {"field": f"data.{field}", "problem": problem})
