"""Cuts the power before and after every sync of a recorded desk, and looks at what its profile is then."""

import random
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from tests.faults.report import RESULTS
from tests.faults.torn_writes.opening import Opened, open_found
from tests.faults.torn_writes.recorded_desk import PROMISED
from tests.faults.torn_writes.runs import Each
from tests.faults.torn_writes.trace import Disk, Step, record, syncs

FATES = ("none", "all", "some")
"""Of what was not synced: gone, there, or some of it, and that torn."""

KINDS = {"W": "write", "S": "sync", "T": "truncate", "U": "remove", "R": "rename"}
LAST = 8
"""Steps that are told of a cut: those right before it."""
KEPT = RESULTS.parent
"""Where the trace is kept of which a cut broke a promise: recorded again it would have other ids and another order."""


@dataclass
class CutCounts:
    syncs: int = 0
    cuts: Counter[str] = field(default_factory=Counter)
    """By what became of what was not synced."""
    promised: int = 0
    """Operations looked for, over all cuts."""
    broken: list[str] = field(default_factory=list)


def cut_power(folder: Path, seed: int, at_most: int | None = None, each: Each = map) -> CutCounts:
    """At every sync of one trace, or at a sample of so many. Raises what opening raises, with the cut named."""
    steps = record(folder / "desk", seed)
    dice = random.Random(seed)
    lengths = sorted({number for after in syncs(steps) for number in (after - 1, after)})
    moments = [(number, fate) for number in lengths for fate in FATES]
    if at_most is not None:
        moments = dice.sample(moments, min(at_most, len(moments)))
    counts = CutCounts(syncs=len(syncs(steps)))
    found = each(_after, ((folder, steps[:number], fate) for number, fate in moments))
    for (number, fate), opened in zip(moments, found, strict=True):
        counts.cuts[f"power cut, unsynced {fate}"] += 1
        promised = promised_in(steps[:number])
        counts.promised += len(promised)
        if complaint := judge(opened, promised):
            counts.broken.append(told_of(seed, steps, number, fate, complaint))
    return counts


def cut_again(folder: Path, trace: Path, number: int, fate: str) -> str:
    """One power cut alone, after that step of a trace that was kept; what is wrong, empty where nothing is."""
    steps = msgspec.json.decode(trace.read_bytes(), type=list[Step])[:number]
    return judge(_after((folder, steps, fate)), promised_in(steps))


def told_of(seed: int, steps: list[Step], number: int, fate: str, complaint: str, kept: Path = KEPT) -> str:
    """A cut that broke a promise, in words: the trace it is of, which is kept, what was done right before, and what
    repeats exactly this one."""
    kept.mkdir(parents=True, exist_ok=True)
    trace = kept / f"trace-{seed}.json"
    trace.write_bytes(msgspec.json.encode(steps))
    before = [
        f"    {KINDS[one.kind]} {one.path} at {one.offset}, {len(one.data)} bytes" for one in steps[:number][-LAST:]
    ]
    again = f"  again: python -m tests.faults.torn_writes --trace {trace} --cut {number} --unsynced {fate}"
    what = f"seed {seed}, power cut after step {number} of {len(steps)}, unsynced {fate}: {complaint}"
    return "\n".join([what, *before, again])


def promised_in(steps: list[Step]) -> set[str]:
    """The operations whose keeping was acknowledged by then."""
    return {op for step in steps if step.path == PROMISED for op in step.data.decode().split()}


def judge(opened: Opened, promised: set[str]) -> str:
    """What is wrong; empty where nothing is. A power cut is no damage: nothing may be salvaged, nothing rebuilt."""
    lost = promised - opened.texts.keys()
    if lost:
        return f"{len(lost)} of {len(promised)} promised operations are gone, notices {opened.notices}"
    return f"{opened.notices} {opened.cache_damage}" if opened.notices or opened.cache_damage else ""


def _after(cut: tuple[Path, list[Step], str]) -> Opened:
    folder, steps, fate = cut
    found = folder / f"cut-{len(steps)}-{fate}"
    Disk(steps, random.Random(len(steps)), fate).put(found)
    try:
        opened = open_found(found)
    except BaseException as error:
        error.add_note(f"power cut at step {len(steps)}, unsynced {fate}, in {found}")
        raise
    shutil.rmtree(found)
    return opened
