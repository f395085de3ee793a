"""The import rules of pyproject.toml fire: each is broken once in a small copy of the house."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.planted import build_house, plant

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
}

FAULTS = [
    ("contract-alone", "contract/ids", "import desktop.state.lines"),
    ("contract-alone", "contract/rows", "import server.store.feed"),
    ("contract-pure", "contract/frames", "import asyncio"),
    ("contract-pure", "contract/feed", "import sqlalchemy"),
    ("sides-apart", "server/actions/assign", "import desktop.intents.send_message"),
    ("sides-apart", "desktop/sync/session", "import server.access.visibility"),
    ("desktop-layers", "desktop/store/outbox", "import desktop.sync.desk"),
    ("desktop-layers", "desktop/intents/undo_press", "import desktop.widgets.composer"),
    ("desktop-layers", "desktop/network/http", "import desktop.store.cache"),
    ("desktop-layers", "desktop/state/changes", "import desktop.network.socket"),
    ("desktop-layers", "desktop/handover/door", "import desktop.windows.console"),
    ("desktop-layers", "desktop/stray", ""),
    ("server-layers", "server/store/writer", "import server.access.visibility"),
    ("server-layers", "server/actions/edit", "import server.realtime.socket"),
    ("server-layers", "server/realtime/fan_out", "import server.doors.sync.http"),
    ("server-layers", "server/stray", ""),
    ("widgets-are-plain", "desktop/widgets/badge", "import desktop.store.cache"),
    ("windows-only-connect", "desktop/windows/inbox", "import desktop.network.socket"),
    ("qt-on-screen-only", "desktop/intents/retry", "import PySide6.QtCore"),
    ("qt-on-screen-only", "desktop/commands/app", "import PySide6.QtCore"),
    ("qt-on-screen-only", "server/store/tables", "import PySide6.QtCore"),
    ("sqlite-in-the-store-only", "desktop/intents/discard", "import sqlite_utils"),
    ("sqlite-in-the-store-only", "desktop/state/overlay", "import sqlcipher3"),
    ("network-in-the-network-only", "desktop/sync/polling", "import httpx"),
    ("network-in-the-network-only", "server/actions/notify", "import httpx"),
    ("network-in-the-network-only", "desktop/windows/sign_in", "import websockets"),
    ("http-in-the-doors-only", "server/actions/send_message", "import starlette.requests"),
    ("http-in-the-doors-only", "server/store/backup", "import uvicorn"),
    ("sql-below-the-doors", "server/doors/sync/pull", "import sqlcipher3"),
    ("server-has-no-desktop-libraries", "server/app", "import keyring"),
    ("no-circles", "server/doors/sync/topic", "import server.doors.monitoring.health"),
]
CIRCLE = ("server/doors/monitoring/stats", "import server.doors.sync.http")


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory) -> dict[str, str]:
    """What import-linter says of a house with every fault in it: contract name -> its part of the report."""
    root = tmp_path_factory.mktemp("house")
    build_house(root, PYPROJECT)
    assert "0 broken" in _lint(root), "the house without faults keeps every rule"
    for _, name, line in FAULTS:
        plant(root, name, line)
    plant(root, *CIRCLE)
    report = _lint(root)
    parts = re.split(r"^(.+)\n-+\n", report, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _lint(root: Path) -> str:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
        "--no-cache",
    ]
    done = subprocess.run(command, cwd=root, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize(("contract", "name", "line"), FAULTS, ids=[f"{rule}-{name}" for rule, name, _ in FAULTS])
def test_that_the_import_rule_fires_where_it_is_broken(verdicts, contract, name, line):
    report = verdicts.get(CONTRACTS[contract], "")
    expected = (
        r"\.(sync -> \.monitoring|monitoring -> \.sync)"
        if contract == "no-circles"
        else name.replace("/", r"\.") + r"\b"
    )
    assert re.search(expected, report), report


def test_that_every_import_rule_is_broken_once():
    assert {rule for rule, _, _ in FAULTS} == set(CONTRACTS)
