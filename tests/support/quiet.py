"""Silence is tested: an error logged and not asked about, or a thread left behind, fails the test that made it."""

import logging
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("fieldline", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=False)
settings.register_profile("torture", settings.get_profile("fieldline"))
settings.load_profile("fieldline")

GRACE = 10.0
"""Seconds that a thread may take to end after its test."""


@pytest.fixture(autouse=True)
def _no_thread_left_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + GRACE
    while left := [thread for thread in threading.enumerate() if thread not in before and not _may_stay(thread)]:
        if time.monotonic() > until:
            pytest.fail(f"threads left running: {', '.join(thread.name for thread in left)}")
        time.sleep(0.01)


def _may_stay(thread: threading.Thread) -> bool:
    """Executors of a closed loop end by themselves; daemons of a library are its own business."""
    return thread.daemon or thread.name.startswith(("asyncio_", "AnyIO"))


@pytest.fixture(autouse=True)
def _no_error_unasked(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A test that expects errors in the log says so: `@pytest.mark.expects_errors`."""
    yield
    if request.node.get_closest_marker("expects_errors"):
        return
    said = [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    if said:
        pytest.fail("errors were logged that the test did not ask for:\n" + "\n".join(said))
