"""The command line's promises: printed lines, exit codes, and that docs/scripting.md says the same."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from desktop.__main__ import main
from desktop.commands.command_line import COMMANDS, EXIT_CODES, INTERRUPTED
from desktop.commands.printing import json_line, plain_line
from desktop.handover import requests
from desktop.handover.requests import DeskStands, LifeLine, MessageLine, OperationStands, OutboxLine, Step, read_answer

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "scripting.md").read_text(encoding="utf-8")
SAID = MessageLine("m", "b", 7, "2026-11-21T10:00:00.000Z", "text", "customer", "Omar", "two\nlines\x1b[2J")
LIFE = LifeLine(
    "o", "message.send", "b", "REQ1759286674249", "sent", "Hello", None,
    [Step("typed", "2026-11-21T10:00:00.000Z", "click"), Step("read", None, "nothing")], [],
)  # fmt: skip
ANSWERS = [
    OperationStands("o", "queued"),
    SAID,
    OutboxLine("o", "b", "REQ1759286674249", "message.send", "Hello", "failed", "", 1, "Too long."),
    DeskStands("live", 7, 7, 0, 2),
    LIFE,
]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_that_a_json_line_is_one_line_and_reads_back_as_what_it_was(answer: requests.AnyAnswer) -> None:
    assert "\n" not in json_line(answer)
    assert read_answer(json_line(answer).encode()) == answer


def test_that_a_message_cannot_move_the_terminal_it_is_printed_on() -> None:
    assert plain_line(SAID) == "2026-11-21T10:00:00.000Z Omar: two lines [2J"


def test_that_a_life_says_where_nothing_is_known() -> None:
    lines = [line.split() for line in plain_line(LIFE).splitlines()]
    assert lines[1] == ["typed", "2026-11-21T10:00:00.000Z", "by", "this", "computer's", "clock"]
    assert lines[2] == ["read", "-"]


def test_that_the_page_names_every_exit_code_command_and_field() -> None:
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}
    assert codes == {*EXIT_CODES.values(), 1, 2, INTERRUPTED}
    assert all(f"| `{command.name}" in PAGE for command in COMMANDS)
    for answer in ANSWERS:
        tag, fields = type(answer).__struct_config__.tag, type(answer).__struct_fields__
        [row] = [line for line in PAGE.splitlines() if line.startswith(f"| `{tag}` |")]
        assert [name for name in fields if not re.search(rf"\b{name}\b", row)] == []


@pytest.mark.parametrize(
    "arguments",
    [("send", "REQ1"), ("press", "REQ1", "decline", "--value", "reason"), ("teleport",), ("sync", "--wait", "-1")],
)
def test_that_a_wrong_command_line_is_refused_before_anything_is_opened(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = CliRunner().invoke(main, ["--profile", str(tmp_path / "p"), *arguments])
    assert done.exit_code == 2
    assert not (tmp_path / "p").exists()
