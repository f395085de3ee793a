"""The story's report on one page: what was seen, what was measured, and the pictures."""

import html
import os
import platform
from dataclasses import dataclass, field
from pathlib import Path

from demo.latencies import Latencies


@dataclass(frozen=True)
class Fact:
    """Something the story claims, whether it held, and the evidence in words."""

    claim: str
    holds: bool
    evidence: str


@dataclass
class Report:
    """Gathers while the story runs; nothing in it is written in by hand."""

    facts: list[Fact] = field(default_factory=list)
    latencies: list[Latencies] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)
    """(file name in the same folder, caption)."""
    seconds: float = 0

    def claim(self, claim: str, holds: bool, evidence: str) -> None:
        self.facts.append(Fact(claim, holds, evidence))

    @property
    def holds(self) -> bool:
        return bool(self.facts) and all(fact.holds for fact in self.facts)

    def write(self, folder: Path) -> Path:
        """Writes report.md and report.html; returns the first."""
        (folder / "report.html").write_text(self._as_html(), encoding="utf-8")
        (folder / "report.md").write_text(self._as_markdown(), encoding="utf-8")
        return folder / "report.md"

    def _verdict(self) -> str:
        held = sum(fact.holds for fact in self.facts)
        load = f"{os.cpu_count()} cores with a load of {os.getloadavg()[0]:.1f}"
        machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, {load}"
        return f"{held} of {len(self.facts)} facts held, in {self.seconds:.0f} s, on {machine}."

    def _as_markdown(self) -> str:
        lines = [
            "# Fieldline: the story, as it was seen",
            "",
            self._verdict(),
            "",
            "| | claim | seen |",
            "|---|---|---|",
        ]
        lines += [f"| {_mark(fact)} | {_cell(fact.claim)} | {_cell(fact.evidence)} |" for fact in self.facts]
        lines += ["", "| measured | times | p50 | p95 | most | target |", "|---|---:|---:|---:|---:|---|"]
        lines += [f"| {' | '.join(map(_cell, latency.row()))} |" for latency in self.latencies]
        lines += [line for name, caption in self.pictures for line in ("", f"![{caption}]({name})", f"*{caption}*")]
        return "\n".join(lines) + "\n"

    def _as_html(self) -> str:
        facts = "".join(_row(_mark(fact), fact.claim, fact.evidence) for fact in self.facts)
        times = "".join(_row(*latency.row()) for latency in self.latencies)
        pictures = "".join(
            f'<figure><img src="{html.escape(name)}" alt=""><figcaption>{html.escape(caption)}</figcaption></figure>'
            for name, caption in self.pictures
        )
        return _PAGE.format(verdict=html.escape(self._verdict()), facts=facts, times=times, pictures=pictures)


def _mark(fact: Fact) -> str:
    return "✅" if fact.holds else "❌"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Fieldline: the story, as it was seen</title>
<style>
body {{ font: 15px/1.5 Inter, system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100%; margin: 1rem 0 }}
td, th {{ border-bottom: 1px solid #dde3ea; padding: .35rem .6rem; text-align: start; vertical-align: top }}
img {{ max-width: 100%; border: 1px solid #dde3ea; border-radius: 6px }}
figure {{ margin: 1.5rem 0 }} figcaption {{ color: #5b6776 }}
</style>
<h1>Fieldline: the story, as it was seen</h1>
<p>{verdict}</p>
<table><tr><th></th><th>claim</th><th>seen</th></tr>{facts}</table>
<table><tr><th>measured</th><th>times</th><th>p50</th><th>p95</th><th>most</th><th>target</th></tr>{times}</table>
{pictures}
</html>
"""
