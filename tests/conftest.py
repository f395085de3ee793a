"""What holds for every test: no display, no FIELDLINE_ settings from outside, and silence."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
for name in [name for name in os.environ if name.startswith("FIELDLINE_")]:
    del os.environ[name]

pytest_plugins = [
    "tests.support.quiet",
    "tests.support.heavy_first",
    "tests.support.running_postgres",
    "tests.faults.counted",
    "tests.compat.matrix",
]
