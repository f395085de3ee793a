"""How many operations the outbox has promised to keep, beside it: unmasks an outbox that has lost its end in silence.

SQLite takes a log that is damaged for one that ends there, and a file without content for a new one; both open
without a word. The tally is not synced: it may lag behind the outbox, after a power cut, and never runs ahead of it.
"""

import contextlib
import os
import struct
import zlib
from pathlib import Path

_FORM = struct.Struct(">QI")
"""The number, and a checksum of it."""


class OutboxTally:
    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> int:
        """The newest operation's number; 0 where there is no tally, or none that can be trusted."""
        try:
            content = self._path.read_bytes()
        except OSError:
            return 0
        if len(content) != _FORM.size:
            return 0
        number, checksum = _FORM.unpack(content)
        return int(number) if checksum == _checksum(number) else 0

    def note(self, number: int) -> None:
        """After the operation's commit. A disk that takes no more leaves the tally behind, which it may be."""
        with contextlib.suppress(OSError):
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.write(file, _FORM.pack(number, _checksum(number)))
            finally:
                os.close(file)


def _checksum(number: int) -> int:
    return zlib.crc32(number.to_bytes(8, "big"))
