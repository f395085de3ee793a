"""The linters are set up to find what the house forbids: one fault of each kind is planted, and found."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.planted import build_house, plant

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"

BANNED = [
    ("server/realtime/fan_out", "asyncio.create_task"),
    ("server/realtime/presence", "asyncio.ensure_future"),
    ("desktop/windows/console", "qasync.asyncSlot"),
    ("desktop/sync/backoff", "time.sleep"),
    ("server/app", "os.environ"),
    ("desktop/app", "os.getenv"),
    ("contract/ids", "uuid.uuid4"),
    ("server/store/writer", "logging.getLogger"),
    ("server/store/epoch", "pickle.loads"),
    ("server/access/passwords", "os.system"),
    ("tests/server/test_app", "unittest.mock"),
]
FOUND = [
    ("BLE001", "server/doors/sync/http", "try:\n    x = 1\nexcept Exception:\n    x = 2"),
    ("T201", "server/actions/perform", "print(1)"),
    ("S608", "server/store/feed", "def find(name: str) -> str:\n    return 'SELECT * FROM ' + name + ' WHERE x = 1'"),
    ("S101", "server/store/epoch", "assert 1"),
    ("E501", "contract/rows", f"x = '{'x' * 130}'"),
    ("FIX002", "contract/feed", "# TODO: later"),
    ("TID252", "desktop/state/overlay", "from . import lines"),
    ("PLR0913", "desktop/state/changes", "def f(a, b, c, d, e, f, g, h):\n    return a"),
    ("PLR0915", "desktop/state/many", "def f():\n" + "    x = 1\n" * 31),
    ("ASYNC251", "desktop/sync/wake", "import time\n\n\nasync def f():\n    time.sleep(1)"),
]


@pytest.fixture(scope="module")
def findings(tmp_path_factory) -> set[tuple[str, str, str]]:
    """(rule, module, message) of everything ruff says of a house with every fault in it."""
    root = tmp_path_factory.mktemp("house")
    build_house(root, PYPROJECT)
    assert not _ruff(root), "the house without faults has no findings"
    for name, banned in BANNED:
        module, member = banned.rsplit(".", 1)
        plant(
            root, name, f"import {module}\n\nx = {banned}" if module != "unittest" else f"from {module} import {member}"
        )
    for _, name, text in FOUND:
        plant(root, name, text)
    return _ruff(root)


def _ruff(root: Path) -> set[tuple[str, str, str]]:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "json", "."]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return {
        (found["code"], Path(found["filename"]).relative_to(root).with_suffix("").as_posix(), found["message"])
        for found in json.loads(done.stdout)
    }


@pytest.mark.parametrize(("name", "banned"), BANNED)
def test_that_a_banned_call_is_found_and_told_what_to_write_instead(findings, name, banned):
    said = [message for code, where, message in findings if code == "TID251" and where == name]
    assert any(
        message.startswith(f"`{banned.removesuffix('.loads')}`") and len(message.split()) > 5 for message in said
    )


@pytest.mark.parametrize(("code", "name"), [(code, name) for code, name, _ in FOUND])
def test_that_the_fault_is_found(findings, code, name):
    assert (code, name) in {(found, where) for found, where, _ in findings}


def test_that_a_function_without_types_is_refused(tmp_path):
    (tmp_path / "pyproject.toml").write_text(PYPROJECT.read_text(encoding="utf-8"), encoding="utf-8")
    plant(tmp_path, "contract/ids", "def double(x):\n    return 2 * x")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        "pyproject.toml",
        "--cache-dir",
        "cache",
        "-p",
        "contract",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "missing a type annotation" in done.stdout
