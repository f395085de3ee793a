"""A profile whose cache holds very many bookings: built once through the engine's own store, copied for each run."""

import asyncio
import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from contract.workflow_file import load_workflow
from desktop.state.lines import Me
from desktop.store import cache_schema, profile_facts, snapshot_staging, summaries
from desktop.store.profile import Profile, open_profile
from desktop.sync import saved_session
from tests.bench import programs
from tests.bench.desktop import desk_data

EPOCH = "01a1fd00-0000-7000-8000-0000000000e0"
SEQ = 1_000_000
WORKFLOWS = programs.HERE.parents[1] / "resources" / "workflows"
_MAKERS = (cache_schema, snapshot_staging, summaries, profile_facts, saved_session, desk_data)
"""Whose text decides what a profile looks like; with another text it is built anew."""


def profile_with(bookings: int) -> Path:
    """The folder of a finished profile; not to be opened, but copied."""
    text = b"".join(Path(str(module.__file__)).read_bytes() for module in _MAKERS)
    folder = programs.OUTPUT / f"profile-{bookings}-{hashlib.sha256(text).hexdigest()[:12]}"
    if not (folder / "whole").exists():
        for old in programs.OUTPUT.glob(f"profile-{bookings}-*"):
            shutil.rmtree(old)
        profile = open_profile(folder, find_ring=lambda: None)
        try:
            asyncio.run(_fill(profile, bookings))
        finally:
            profile.close()
        (folder / "whole").touch()
    return folder


def copy_of(folder: Path, to: Path) -> Path:
    """A profile of one's own to start on."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(folder, to)
    return to


async def _fill(profile: Profile, bookings: int) -> None:
    """As a sign-in and the snapshot after it would."""
    worker = profile.worker
    found = [load_workflow(path.read_text(encoding="utf-8"), path.name) for path in sorted(WORKFLOWS.glob("*.yaml"))]
    await worker.run(lambda writer: writer.put_workflows({workflow.name: workflow for workflow in found}))
    await worker.run(lambda writer: writer.own(desk_data.ME, "staff"))
    await worker.stage(lambda staging: staging.begin())
    await _stage(profile, "profiles", desk_data.people())
    for rows in desk_data.desk_rows(bookings):
        for table in ("bookings", "messages", "status_history", "receipts"):
            await _stage(profile, table, getattr(rows, table))
    await worker.stage(lambda staging: staging.finish(EPOCH, SEQ, "2026-11-21T09:00:00.000Z"))
    me = Me(desk_data.ME, desk_data.MY_NAME, "operator", "lina@bench.example")
    saved_session.SavedSession(profile.outbox.facts).write(me, None)
    profile.outbox.facts.put("server_url", "http://127.0.0.1:9")


async def _stage(profile: Profile, table: str, rows: Sequence[Any]) -> None:
    await profile.worker.stage(lambda staging: staging.stage(table, msgspec.to_builtins(rows)))
