"""The folders whose files take longest come first, so that no worker is left alone with one of them at the end."""

from pathlib import Path

import pytest

_TESTS = Path(__file__).resolve().parents[1]
_HEAVY = ("together", "faults", "browser", "compat", "packaging", "demo")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    folder = item.path.relative_to(_TESTS).parts[0]
    return _HEAVY.index(folder) if folder in _HEAVY else len(_HEAVY)
