"""The measured part of the story: how long a line takes to the screen, and a key press to its bubble."""

import time

import msgspec

from contract.ids import new_id
from demo.latencies import Latencies
from demo.page import wait_for
from demo.stage import Stage

LINES = 40
PRESSES = 25


def measure_lines(stage: Stage, latencies: Latencies) -> None:
    """A customer's line by HTTP, from before the request until it is painted on the desktop."""
    token = stage.staff.link(stage.measured_id).rsplit("/", 1)[-1]
    answer = stage.http.post(
        "/auth/v1/token",
        params={"grant_type": "booking_link"},
        json={"link_token": token},
        headers={"Authorization": ""},
    )
    headers = {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}
    stage.desk.open(stage.measured_id)
    for number in range(LINES):
        text = f"Measured line {number + 1}."
        operation = {
            "op_id": new_id(),
            "kind": "message.send",
            "booking_id": stage.measured_id,
            "payload": {"text": text},
        }
        body = msgspec.json.encode({"device_id": "measured", "ops": [operation]})
        started = time.time()
        stage.http.post("/sync/v1/ops", content=body, headers=headers).raise_for_status()
        latencies.add(_painted(stage, text) - started)


def measure_presses(stage: Stage, latencies: Latencies) -> None:
    """The operator's Return key until the bubble is painted, the commit to disk included."""
    for number in range(PRESSES):
        text = f"Measured answer {number + 1}."
        pressed = stage.desk.say(text)
        latencies.add(_painted(stage, text) - pressed)


def _painted(stage: Stage, text: str) -> float:
    time.sleep(0.1)  # asking the screen's thread while it works would be measured too
    wait_for(lambda: stage.desk.painted_at(text) is not None, text)
    return stage.desk.painted_at(text) or 0
