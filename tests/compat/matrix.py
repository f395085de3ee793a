"""The table of docs/supabase.md: client, feature, and what a test saw. `python -m tests.compat.matrix` writes it anew.

A test names its feature in a mark, its client is a parameter; what was seen travels with the test's report, from the
workers too. A run that sees something else than the page says fails; one that saw everything also misses what the page
says beyond that.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, cast

import pytest

from tests.compat.clients_tried import CLIENTS

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "supabase.md"
BEGIN, END = "<!-- matrix: written by `python -m tests.compat.matrix` -->", "<!-- end of matrix -->"
WORKS, LACKS, REFUSED = "✓", "–", "501"
_GROUPS = ("Sign-in", "Realtime", "Beyond Supabase", "Rows", "The seeds' apps", "In a browser", "Not served")
_PROPERTY = "compat"


class Cell(NamedTuple):
    """`place`: file and line of the test, by which rows are ordered."""

    feature: str
    client: str
    answer: str
    place: tuple[str, int]


class Recorder:
    """A plugin of the process that gathers the reports."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._cells: dict[tuple[str, str], Cell] = {}
        self._complaints: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" or not report.passed:
            return
        for name, value in report.user_properties:
            if name != _PROPERTY:
                continue
            cell = Cell(*cast("tuple[str, str, str, tuple[str, int]]", value))
            feature, client, answer, _ = cell
            before = self._cells.setdefault((feature, client), cell)
            if before.answer != answer:
                self._complaints.append(f"{feature}, {client}: one test saw {before.answer}, another {answer}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self._cells:
            return
        whole = _whole(self._config) and not session.testsfailed and session.exitstatus == pytest.ExitCode.OK
        if self._config.getoption("write_matrix"):
            if whole and not self._complaints:
                PAGE.write_text(page_with(PAGE.read_text("utf-8"), self._cells.values()), "utf-8")
            else:
                self._complaints.append("not written: some test did not run or did not pass")
        else:
            self._complaints += differences(PAGE.read_text("utf-8"), self._cells.values(), whole=whole)
        if self._complaints and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._complaints:
            terminalreporter.section("docs/supabase.md does not say what was seen")
            for complaint in self._complaints:
                terminalreporter.line(complaint)
            terminalreporter.line("If what was seen is right: python -m tests.compat.matrix")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-matrix", action="store_true", help="write the table of docs/supabase.md from this run")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(config))


def note(item: pytest.Item, feature: str, client: str, answer: str) -> None:
    """For the report of this test."""
    file, line, _ = item.location
    item.user_properties.append((_PROPERTY, tuple(Cell(feature, client, answer, (file, line or 0)))))


def differences(page: str, cells: Iterable[Cell], *, whole: bool) -> list[str]:
    """What the page says otherwise; with `whole` also what it says and nobody saw."""
    said, seen = _read(page), {(cell.feature, cell.client): cell.answer for cell in cells}
    found = [
        f"{feature}, {client}: seen {answer}, the page says {said.get((feature, client), 'nothing')}"
        for (feature, client), answer in seen.items()
        if said.get((feature, client)) != answer
    ]
    if whole:
        found += [f"{feature}, {client}: on the page, and no test saw it" for feature, client in said.keys() - seen]
    return found


def page_with(page: str, cells: Iterable[Cell]) -> str:
    """The page with the table of these cells between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{_table(list(cells))}\n{END}{after}"


def _table(cells: Sequence[Cell]) -> str:
    answers = {(cell.feature, cell.client): cell.answer for cell in cells}
    places = {cell.feature: (_GROUPS.index(cell.feature.partition(": ")[0]), cell.place) for cell in cells}
    lines = ["| | " + " | ".join(_heading(client) for client in CLIENTS) + " |", "|---|" + ":-:|" * len(CLIENTS)]
    for group in _GROUPS:
        features = sorted((one for one in places if one.startswith(f"{group}: ")), key=lambda one: places[one])
        if features:
            lines.append(f"| **{group}** |" + " |" * len(CLIENTS))
        for feature in features:
            row = (answers.get((feature, client), "") for client in CLIENTS)
            lines.append(f"| {feature.partition(': ')[2]} | " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n"


def _heading(client: str) -> str:
    return client.replace(",", "").replace(" ", "<br>")


def _read(page: str) -> dict[tuple[str, str], str]:
    """Feature and client to what the table says."""
    table = page.partition(BEGIN)[2].partition(END)[0]
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("| ")]
    if not lines:
        return {}
    clients = {_heading(client): client for client in CLIENTS}
    columns = [clients.get(heading, heading) for heading in lines[0][1:]]
    found, group = {}, ""
    for name, *answers in lines[1:]:
        if name.startswith("**"):
            group = name.strip("*")
        else:
            found |= {
                (f"{group}: {name}", client): answer for client, answer in zip(columns, answers, strict=False) if answer
            }
    return found


def _whole(config: pytest.Config) -> bool:
    """Whether every test of this folder was asked for."""
    option = config.option
    narrowed = option.keyword or option.markexpr or option.deselect or option.ignore_glob
    asked = [(config.invocation_params.dir / str(one)).resolve() for one in config.args]
    ignored = [(config.invocation_params.dir / str(one)).resolve() for one in option.ignore or ()]
    inside = any(HERE.is_relative_to(one) for one in asked)
    return inside and not narrowed and not any(one.is_relative_to(HERE) for one in ignored)


if __name__ == "__main__":
    sys.exit(pytest.main([str(HERE), "-q", "-n", "2", "--dist", "loadfile", "--write-matrix"]))
