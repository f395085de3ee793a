"""The words of the desk: both languages complete, plurals right, nothing on the screen that is not in the tables."""

import fnmatch
import re
from pathlib import Path

import pytest

from contract.actors import Lang
from contract.errors import REFUSALS
from desktop.intents.desk_port import DeskPort
from desktop.intents.live_desk import LiveDesk
from desktop.widgets.words import UnknownWord, Words, plural_form
from tests.support.paper_console import make_words
from tests.support.paper_desk import PaperDesk
from tests.support.screen_literals import literals_shown, word_keys_used

DESKTOP = Path(__file__).resolve().parents[3] / "desktop"
SCREEN_FILES = sorted([*(DESKTOP / "widgets").glob("*.py"), *(DESKTOP / "windows").glob("*.py"), DESKTOP / "app.py"])
_NAMES = re.compile(r"{(\w+)}")
ASKED_ELSEWHERE = frozenset({"notice.", "refused.", "key.", "delivery.", "role.", "outbox.state.", "view.", "sheet."})
"""Keys whose last part comes from the engine or a table."""


def names_in(words: Words, key: str) -> set[str]:
    found = words._texts[key]
    texts = found.values() if isinstance(found, dict) else [found]
    return {name for text in texts for name in _NAMES.findall(text)} - {"count"}


def test_that_both_languages_have_the_same_keys() -> None:
    assert make_words("en").keys == make_words("ar").keys


def test_that_both_languages_fill_in_the_same_values() -> None:
    english, arabic = make_words("en"), make_words("ar")
    differing = [key for key in english.keys if names_in(english, key) != names_in(arabic, key)]
    assert differing == []


def test_that_every_key_the_program_asks_for_is_there() -> None:
    keys = make_words().keys
    missing = {
        f"{file.name}: {used}"
        for file in SCREEN_FILES
        for used in word_keys_used(file)
        if not fnmatch.filter(keys, used)
    }
    assert missing == set()


def test_that_no_word_of_the_tables_is_left_unused() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in SCREEN_FILES)
    used = {used for file in SCREEN_FILES for used in word_keys_used(file)}
    unused = {
        key
        for key in make_words().keys
        if f'"{key}"' not in text
        and not any(fnmatch.fnmatch(key, pattern) for pattern in used)
        and not key.startswith(tuple(ASKED_ELSEWHERE))
    }
    assert unused == set()


def test_that_nothing_is_shown_that_cannot_be_translated() -> None:
    found = {f"{file.name}:{line}: {text}" for file in SCREEN_FILES for line, text in literals_shown(file)}
    assert found == set()


def test_that_every_notice_the_engine_gives_has_words() -> None:
    given = set()
    for folder in ("sync", "store", "intents"):
        for file in (DESKTOP / folder).glob("*.py"):
            text = file.read_text(encoding="utf-8")
            given |= set(re.findall(r"\.notice\(\s*\"(\w+)\"", text))
            given |= set(re.findall(r"notices\.append\(\(\"(\w+)\"", text))
    assert given
    assert {f"notice.{key}" for key in given} <= make_words().keys


def test_that_an_unknown_key_is_an_error() -> None:
    with pytest.raises(UnknownWord):
        make_words()("no.such.key")


def test_that_english_has_one_and_many() -> None:
    words = make_words()
    assert words("row.unread", count=1) == "1 unread message"
    assert words("row.unread", count=7) == "7 unread messages"
    assert words("banner.queued", count=0) == ""


COUNTED = {0: "zero", 1: "one", 2: "two", 3: "few", 10: "few", 11: "many", 100: "other", 103: "few"}


@pytest.mark.parametrize(("count", "form"), list(COUNTED.items()))
def test_that_arabic_counts_in_six_forms(count: int, form: str) -> None:
    assert plural_form("ar", count) == form


def test_that_arabic_uses_its_dual() -> None:
    assert "رسالتان" in make_words("ar")("row.unread", count=2)


def test_that_values_in_arabic_keep_their_own_direction() -> None:
    said = make_words("ar")("toast.taken", code="REQ1759286674249")
    assert "\u2068REQ1759286674249\u2069" in said
    assert said.startswith("\u200f")


def test_that_the_live_desk_and_the_paper_desk_fit_what_the_windows_need() -> None:
    wanted = {name for part in DeskPort.__mro__ for name in vars(part) if not name.startswith("_")}
    assert wanted <= set(dir(LiveDesk))
    assert wanted - {"changes", "workflows", "link", "me", "work_offline"} <= set(dir(PaperDesk))


OF_THE_REQUEST = frozenset({"not_found", "too_many_ops", "epoch_changed"})
"""Refusals that no single operation meets."""
OF_ACCOUNTS = frozenset({"signup_disabled", "anonymous_provider_disabled", "user_already_exists", "email_exists",
                         "weak_password", "same_password"})  # fmt: skip
"""Refusals of sign-up and of one's own account, which the desk does not offer."""


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_that_whatever_a_server_refuses_an_operation_for_is_said_in_the_windows_language(lang: Lang) -> None:
    words = make_words(lang)
    met = (
        {code for code, (status, _) in REFUSALS.items() if status in (403, 404, 409, 422)}
        - OF_THE_REQUEST
        - OF_ACCOUNTS
    )
    assert {code for code in met if words.refusal(code, "The server's sentence.") == "The server's sentence."} == set()
    assert words.refusal("a_code_of_tomorrow", "The server's sentence.") == "The server's sentence."
    assert words.refusal("stale", None) == ""
