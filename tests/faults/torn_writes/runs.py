"""How the many openings of this tier are carried out: one after the other, or by several processes at once."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Protocol

from tests.support.server_process import FORKS


class Each(Protocol):
    """What the built-in map does."""

    def __call__(self, function: Callable[[Any], Any], values: Iterable[Any], /) -> Iterable[Any]: ...


@contextlib.contextmanager
def on_all_cores(processes: int) -> Iterator[Each]:
    """A map whose calls run in processes of their own: a crash ends one of these."""
    with ProcessPoolExecutor(processes, FORKS) as pool:
        yield lambda function, values: pool.map(function, values, chunksize=8)
