"""Tier 8: the window tells the truth: for each history written down here, the glyphs it shows are those beside it.

Written by hand, so that the table that the program and the random histories are held to is itself held to something.
"""

import pytest

from tests.faults.tally import Tally
from tests.faults.window.stage import Stage
from tests.faults.window.story import Story

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)

MESSAGE = """
-                                                              | queued
claim                                                          | queued sending
claim reach answer                                             | queued sending sent
claim reach answer hear                                        | queued sending sent
claim reach answer hear delivered hear                         | queued sending sent delivered
claim reach answer hear delivered hear read hear               | queued sending sent delivered read
claim reach answer hear read hear                              | queued sending sent read
claim reach answer hear read hear delivered                    | queued sending sent read
claim reach answer delivered read hear hear hear               | queued sending sent delivered read
claim reach hear answer                                        | queued sending sent
claim reach hear lost                                          | queued sending sent
claim reach lost hear                                          | queued sending queued sent
claim reach lost claim hear                                    | queued sending queued sending sent
claim reach lost claim reach answer hear                       | queued sending queued sending sent
claim lost claim lost claim reach answer                       | queued sending queued sending queued sending sent
claim busy claim reach answer                                  | queued sending queued sending sent
claim broke claim reach answer                                 | queued sending queued sending sent
claim token claim reach answer                                 | queued sending queued sending sent
claim again claim reach answer                                 | queued sending queued sending sent
claim late claim reach answer                                  | queued sending queued sending sent
claim refused                                                  | queued sending failed
claim refused restart                                          | queued sending failed
claim refused retry claim reach answer hear                    | queued sending failed queued sending sent
claim refused discard                                          | queued sending failed gone
claim reach refused hear                                       | queued sending failed sent
claim reach refused hear read hear                             | queued sending failed sent read
claim reach refused discard hear                               | queued sending failed gone sent
claim reach lost discard hear                                  | queued sending queued gone sent
discard                                                        | queued gone
restart                                                        | queued
claim restart                                                  | queued sending queued
claim restart claim reach answer hear                          | queued sending queued sending sent
claim reach restart hear                                       | queued sending queued sent
claim reach answer restart hear                                | queued sending sent
claim reach answer hear read hear restart                      | queued sending sent read
theirs claim reach answer                                      | queued sending failed
theirs hear claim reach answer restart                         | queued sending failed
theirs claim reach answer discard                              | queued sending failed gone
theirs claim reach answer retry claim reach answer             | queued sending failed anew queued sending failed
claim reach kept                                               | queued sending sent
claim reach kept answer                                        | queued sending sent
claim kept reach answer hear                                   | queued sending sent
claim reach answer kept                                        | queued sending sent
claim reach answer hear kept                                   | queued sending sent
claim reach answer hear restored                               | queued sending sent queued
claim reach answer restored claim reach answer hear            | queued sending sent queued sending sent
claim reach answer hear read hear restored claim reach answer  | queued sending sent read queued sending sent
"""

PRESS = """
-                                                              | queued
claim reach answer                                             | queued sending sent
claim reach answer hear                                        | queued sending sent gone
claim reach hear                                               | queued sending gone
claim reach hear answer                                        | queued sending gone
claim lost claim reach answer hear                             | queued sending queued sending sent gone
claim reach lost hear                                          | queued sending queued gone
claim refused                                                  | queued sending failed
claim refused restart retry                                    | queued sending failed queued
claim refused discard                                          | queued sending failed gone
claim reach refused hear                                       | queued sending failed gone
restart claim restart                                          | queued sending queued
discard                                                        | queued gone
theirs hear                                                    | queued card
theirs hear restart                                            | queued card
theirs hear discard                                            | queued card gone
theirs hear retry claim reach answer                           | queued card queued sending card
theirs claim reach answer                                      | queued sending card
theirs claim reach answer restart                              | queued sending card
theirs claim reach answer hear discard                         | queued sending card gone
claim lost theirs hear                                         | queued sending queued
claim lost theirs hear claim reach answer                      | queued sending queued sending card
"""

OFFLINE = """
-                                                              | held
restart                                                        | held
retry online claim reach answer hear                           | held queued sending sent gone
online                                                         | held
theirs hear                                                    | held card
theirs hear restart                                            | held card
discard                                                        | held gone
"""


@pytest.mark.parametrize(
    ("kind", "joined", "scripts"),
    [("message", True, MESSAGE), ("accept", True, PRESS), ("cancel", False, OFFLINE)],
    ids=["a line", "a press", "a press that waits for a yes"],
)
def test_that_the_window_shows_what_each_history_says(
    stage: Stage, tally: Tally, kind: str, joined: bool, scripts: str
) -> None:
    for script in scripts.strip().splitlines():
        steps, glyphs = script.split("|")
        story = Story(stage, kind, tally, joined=joined)
        for step in steps.replace("-", "").split():
            story.tell(step)
        assert [glyph.removeprefix("strip ") for glyph in story.shown] == glyphs.split(), script
        story.finish()
