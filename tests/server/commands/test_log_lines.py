"""Tests of the log's two forms: what went wrong is in them, what people sent is not."""

import subprocess
import sys

import pytest

_STORY = """
import structlog
from server.commands.log_lines import set_up_logs

def take(token):
    raise ValueError("no such shelf")

set_up_logs(FORM, "info")
try:
    take("tell-nobody")
except ValueError:
    structlog.get_logger("http").exception("request failed", route="/shelves")
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_that_a_traceback_is_logged_without_the_values_it_passed_through(form: str) -> None:
    story = _STORY.replace("FORM", repr(form)).replace('take("tell-nobody")', "take('tell-' + 'nobody')")
    done = subprocess.run([sys.executable, "-c", story], capture_output=True, text=True, timeout=60, check=True)
    assert "request failed" in done.stderr
    assert "ValueError: no such shelf" in done.stderr
    assert "tell-nobody" not in done.stderr
