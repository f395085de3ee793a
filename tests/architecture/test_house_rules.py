"""The house rules hold in this repository, and each of them fires where it is broken on purpose."""

from pathlib import Path

import pytest

from tests.architecture.code_rules import CODE_RULES
from tests.architecture.repository_rules import REPOSITORY_RULES
from tests.architecture.sources import Checkout

ROOT = Path(__file__).resolve().parents[2]
RULES = {rule.__name__: rule for rule in (*CODE_RULES, *REPOSITORY_RULES)}
SENTENCE = '"""Says what this file is for."""\n\n'

FAULTS = [
    ("files_are_short", "server/store/tables.py", SENTENCE + "x = 1\n" * 299),
    ("names_say_the_job", "desktop/network/http_utils.py", SENTENCE),
    ("names_say_the_job", "desktop/helpers/clock.py", SENTENCE),
    ("names_say_the_job", "desktop/sync/session.py", SENTENCE + "class SessionManager:\n    x = 1\n"),
    ("files_open_with_a_sentence", "contract/ids.py", "x = 1\n"),
    ("files_open_with_a_sentence", "contract/ids.py", '"""ids"""\n'),
    ("nothing_catches_everything", "server/app.py", SENTENCE + "try:\n    x = 1\nexcept Exception:\n    x = 2\n"),
    ("nothing_catches_everything", "server/app.py", SENTENCE + "try:\n    x = 1\nexcept:\n    x = 2\n"),
    (
        "nothing_catches_everything",
        "desktop/sync/session.py",
        SENTENCE + "try:\n    x = 1\nexcept (OSError, BaseException):\n    x = 2\n",
    ),
    ("no_error_is_swallowed", "desktop/app.py", SENTENCE + "try:\n    x = 1\nexcept OSError:\n    pass\n"),
    ("only_the_configs_read_the_environment", "server/app.py", SENTENCE + "import os\nx = os.environ['HOME']\n"),
    ("only_the_configs_read_the_environment", "desktop/app.py", SENTENCE + "from os import getenv\n"),
    ("tasks_belong_to_a_group", "server/app.py", SENTENCE + "def f(loop, work):\n    loop.create_task(work)\n"),
    ("nothing_is_a_stub", "server/app.py", SENTENCE + "def f():\n    raise NotImplementedError\n"),
    ("nothing_is_a_stub", "server/app.py", SENTENCE + "def f():\n    pass\n"),
    ("the_tests_are_named_as_sentences", "tests/server/test_app.py", SENTENCE + "def test_app():\n    assert 1\n"),
    (
        "the_tests_are_named_as_sentences",
        "tests/server/test_app.py",
        SENTENCE + "def test_that_the_app_works():\n    assert 1\n",
    ),
    ("the_tests_mirror_the_sources", "tests/server/shop/test_app.py", SENTENCE),
    ("bundled_files_carry_their_licence", "resources/fonts/Some.ttf", ""),
    ("nothing_names_the_machine", "docs/setting-up.md", "Look into /home" + "/anna/notes first."),
    ("nothing_names_the_machine", "docs/setting-up.md", "Ask build.example." + "internal for it."),
    ("nothing_names_the_machine", "pip.conf", "index" + "-url = https://mirror.example/simple"),
    ("the_lock_names_public_registries_only", "uv.lock", 'source = { registry = "https://mirror.example/simple" }'),
    ("links_lead_somewhere", "README.md", "See [the house](ARCHITECTURE.md)."),
]


@pytest.fixture(scope="module")
def repository() -> Checkout:
    """Read and parsed once for all rules."""
    return Checkout(ROOT)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_that_the_repository_keeps_the_rule(rule, repository):
    complaints = rule(repository)
    assert not complaints, "\n" + "\n".join(complaints)


@pytest.mark.parametrize(("rule", "where", "text"), FAULTS, ids=[f"{rule}-{where}" for rule, where, _ in FAULTS])
def test_that_the_rule_fires_where_it_is_broken(tmp_path, rule, where, text):
    assert RULES[rule](Checkout(tmp_path)) == []
    planted = tmp_path / where
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(text, encoding="utf-8")
    complaints = RULES[rule](Checkout(tmp_path))
    assert len(complaints) == 1
    assert complaints[0].startswith(f"{where}:")


def test_that_every_rule_is_broken_once():
    assert {rule for rule, _, _ in FAULTS} == set(RULES)


def test_that_what_is_meant_gives_no_complaint(tmp_path):
    for where, text in {
        "resources/fonts/OFL.txt": "licence",
        "resources/fonts/Some.ttf": "",
        "desktop/config.py": SENTENCE + "import os\nx = os.environ['HOME']\n",
        "desktop/state/lines.py": SENTENCE + "x = 1\n" * 298,
        "desktop/__init__.py": "",
        "tests/desktop/state/test_lines.py": SENTENCE + "def test_that_a_line_is_one_line():\n    assert 1\n",
        "README.md": "[here](desktop/config.py), [there](https://fieldline.example/x), /api/work/7, {root}/work/x",
    }.items():
        (tmp_path / where).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / where).write_text(text, encoding="utf-8")
    assert [complaint for rule in RULES.values() for complaint in rule(Checkout(tmp_path))] == []
