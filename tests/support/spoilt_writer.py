"""`fieldline-server` whose writer fails, by a fault that is not the database's, at its next commit after SIGUSR1."""

import signal
from typing import Any

from server.__main__ import main
from server.store.writer import Writer


def _spoil(*_: Any) -> None:
    Writer._read_feed = _fail  # type: ignore[method-assign]


def _fail(self: Writer) -> Any:
    raise KeyError("a fault in the program")


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _spoil)
    main()
