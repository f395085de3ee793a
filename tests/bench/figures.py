"""One figure: what was measured, against what, and whether DESIGN 11's target is met; and the table of them."""

import statistics
from collections.abc import Sequence
from typing import Literal

import msgspec

Kind = Literal["ratio at least", "ratio at most", "at least", "at most", "none"]


class Target(msgspec.Struct, frozen=True):
    """`ratio …` compares ours / theirs with `limit`, `at least` and `at most` ours alone; `none` is for orientation."""

    text: str
    kind: Kind = "none"
    limit: float = 0

    def met(self, ours: float, ratio: float | None) -> bool | None:
        if self.kind == "none":
            return None
        if self.kind in ("at least", "at most"):
            return ours >= self.limit if self.kind == "at least" else ours <= self.limit
        if ratio is None:
            return None
        return ratio >= self.limit if self.kind == "ratio at least" else ratio <= self.limit


ORIENTATION = Target("")


class Figure(msgspec.Struct, frozen=True):
    """`ours` and `theirs` are medians of the passes, `ratio` the median of the passes' ratios (they are taken in turn,
    so that a noisy neighbour hits both). `failed` says why there is no value."""

    name: str
    unit: str
    target: Target = ORIENTATION
    ours: float | None = None
    against: str = ""
    theirs: float | None = None
    ratio: float | None = None
    met: bool | None = None
    note: str = ""
    failed: str = ""
    our_passes: list[float] = msgspec.field(default_factory=list)
    their_passes: list[float] = msgspec.field(default_factory=list)


def figure(
    name: str,
    unit: str,
    ours: Sequence[float],
    target: Target = ORIENTATION,
    against: str = "",
    theirs: Sequence[float] = (),
    note: str = "",
) -> Figure:
    """The figure of several passes."""
    middle = statistics.median(ours)
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True)) if theirs else None
    return Figure(
        name=name,
        unit=unit,
        target=target,
        ours=middle,
        against=against,
        theirs=statistics.median(theirs) if theirs else None,
        ratio=ratio,
        met=target.met(middle, ratio),
        note=note,
        our_passes=list(ours),
        their_passes=list(theirs),
    )


def failure(name: str, unit: str, target: Target, why: str) -> Figure:
    """A figure that could not be taken counts as not met."""
    return Figure(name=name, unit=unit, target=target, met=False if target.kind != "none" else None, failed=why)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _row(one: Figure) -> tuple[str, ...]:
    verdict = {True: "met", False: "NOT MET", None: ""}[one.met]
    ours = _number(one.ours) if not one.failed else "failed"
    theirs = f"{_number(one.theirs)}  {one.against}" if one.theirs is not None else one.against
    ratio = f"{one.ratio:.2f}" if one.ratio is not None else ""
    return (one.name, one.unit, ours, theirs, ratio, one.target.text, verdict)


_HEAD = ("figure", "unit", "ours", "peer or floor", "ratio", "target", "")


def table(figures: Sequence[Figure]) -> str:
    """The figures as text, notes below."""
    rows = [_HEAD, *(_row(one) for one in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*lines, "", *_notes(figures)])


def markdown(figures: Sequence[Figure]) -> str:
    """The same for a page of documentation."""
    rows = [_HEAD, tuple("---" for _ in _HEAD), *(_row(one) for one in figures)]
    return "\n".join([*(f"| {' | '.join(row)} |" for row in rows), "", *_notes(figures)])


def _notes(figures: Sequence[Figure]) -> list[str]:
    return [f"- {one.name}: {one.failed or one.note}" for one in figures if one.failed or one.note]
