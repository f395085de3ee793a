"""Every word on the screen, by key, in the operator's language, with the plural forms that language has."""

import tomllib
import unicodedata
from pathlib import Path
from typing import Any, Literal

from contract.actors import Lang

_FORMS = frozenset({"zero", "one", "two", "few", "many", "other"})
_LEFT_TO_RIGHT, _FIRST_STRONG, _END, _RIGHT_MARK = "\u2066", "\u2068", "\u2069", "\u200f"


class UnknownWord(KeyError):
    """A key that the language's table does not have: a fault of the program, found by a test."""


class Words:
    """`words("outbox.count", count=3)`: the text of a key with its values filled in.

    A table may give a key several plural forms; `count` chooses. In right-to-left languages values are wrapped in
    Unicode isolates, so that a code or a clock inside a sentence does not turn it round, and the sentence begins with
    a mark, so that a Latin word at its start does not either.
    """

    def __init__(self, lang: Lang, table: dict[str, Any]) -> None:
        self.lang = lang
        self.right_to_left = lang == "ar"
        self._texts: dict[str, str | dict[str, str]] = {}
        self._flatten("", table)

    def _flatten(self, prefix: str, table: dict[str, Any]) -> None:
        for name, value in table.items():
            if isinstance(value, dict) and not set(value) <= _FORMS:
                self._flatten(f"{prefix}{name}.", value)
            else:
                self._texts[prefix + name] = value

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self._texts)

    def __call__(self, key: str, **values: object) -> str:
        found = self._texts.get(key)
        if found is None:
            raise UnknownWord(f"{key!r} is not in the {self.lang} words")
        if isinstance(found, dict):
            count = values.get("count", 0)
            form = plural_form(self.lang, count if isinstance(count, int) else 0)
            found = found[form] if form in found else found["other"]
        for name, value in values.items():
            found = found.replace("{" + name + "}", self.isolated(str(value)))
        return _RIGHT_MARK + found if self.right_to_left and has_right_to_left(found) else found

    def refusal(self, code: str | None, sentence: str | None) -> str:
        """Why something was refused, by contract.errors' code, in this language; what has no words here is said as the
        server said it. Empty where nothing was."""
        key = f"refused.{code}"
        return self(key) if sentence and key in self._texts else sentence or ""

    def isolated(self, text: str) -> str:
        """`text` so that it keeps its own direction inside a right-to-left sentence."""
        return f"{_FIRST_STRONG}{text}{_END}" if self.right_to_left and text else text

    def left_to_right(self, text: str) -> str:
        """A code, clock or number, which runs left to right in every language (console features 5.1)."""
        return f"{_LEFT_TO_RIGHT}{text}{_END}" if self.right_to_left and text else text


def has_right_to_left(text: str) -> bool:
    """Whether any letter of `text` runs to the left."""
    return any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)


def plural_form(lang: Lang, count: int) -> Literal["zero", "one", "two", "few", "many", "other"]:
    """The plural category of `count` (Unicode CLDR, cardinal rules for en and ar), and zero in every language: a
    table that has no form for nothing gets its other."""
    if lang == "en":
        return "one" if count == 1 else "zero" if count == 0 else "other"
    if count in (0, 1, 2):
        return "zero" if count == 0 else "one" if count == 1 else "two"
    if 3 <= count % 100 <= 10:
        return "few"
    return "many" if count % 100 >= 11 else "other"


def load_words(folder: Path, lang: Lang) -> Words:
    """The table `<lang>.toml` of `folder`."""
    return Words(lang, tomllib.loads((folder / f"{lang}.toml").read_text(encoding="utf-8")))
