"""The folders whose files take longest come first, so that no worker is left alone with one of them at the end.

Before them two files that do nothing but compute: beside them others wait for processes and sockets.
"""

from pathlib import Path

import pytest

_TESTS = Path(__file__).resolve().parents[1]
_COMPUTE = ("test_first_quarter.py", "test_second_quarter.py")
_HEAVY = ("together", "faults", "browser", "compat", "packaging", "demo")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    if item.path.name in _COMPUTE:
        return -1
    folder = item.path.relative_to(_TESTS).parts[0]
    return _HEAVY.index(folder) if folder in _HEAVY else len(_HEAVY)
