"""`make demo` without a screen: the story holds, the pictures are drawn, the figures are measured."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from demo.latencies import Latencies
from demo.people import PEOPLE
from demo.report import Report

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(300)
def test_that_the_story_holds_on_real_parts_and_leaves_its_report(tmp_path):
    unset = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    command = [sys.executable, "-m", "demo", "--output", str(tmp_path / "demo-output")]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    report = (tmp_path / "demo-output" / "report.md").read_text(encoding="utf-8")
    assert "❌" not in report
    assert re.search(r"painted on the desktop \| 40 \| [\d.]+ ms \| [\d.]+ ms", report)
    for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", report):
        with Image.open(tmp_path / "demo-output" / name) as picture:
            assert len(picture.convert("RGB").getcolors(maxcolors=1 << 24) or []) > 50, f"{name} is empty"


def test_that_a_claim_that_does_not_hold_fails_the_whole_report(tmp_path):
    report = Report()
    assert not report.holds
    report.claim("a holds", True, "seen")
    assert report.holds
    report.claim("b | holds", False, "not <seen>")
    assert not report.holds
    assert "❌ | b \\| holds" in report.write(tmp_path).read_text(encoding="utf-8")
    assert "&lt;seen&gt;" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_that_percentiles_are_times_that_were_seen():
    latencies = Latencies("x", "y", 10)
    assert latencies.row() == ("x", "0", "–", "–", "–", "y")
    for milliseconds in range(1, 101):
        latencies.add(milliseconds / 1000)
    assert latencies.percentile(0.5) == pytest.approx(51)
    assert latencies.percentile(0.95) == pytest.approx(96)
    assert latencies.percentile(1.0) == pytest.approx(100)


def test_that_the_scripted_customers_speak_both_languages_and_have_something_to_say():
    assert {person.lang for person in PEOPLE} == {"en", "ar"}
    assert {person.workflow for person in PEOPLE} >= {"protection", "techcare", "dental", "support"}
    for person in PEOPLE:
        assert person.opening and person.replies and person.on_status
