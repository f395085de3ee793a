"""A download made faster than its readers take it: written at full speed to a file without a name, read as it grows.

Nobody's slow network holds a read transaction that way, and nothing large is held in memory."""

import asyncio
import os
import tempfile
import weakref
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

CHUNK = 128 * 1024
_GZIP = 31
"""zlib's window bits for gzip's container."""


class Cut(RuntimeError):
    """The writer failed half-way: whoever reads must not take this for the whole."""


class Spool:
    """Written by one thread, read in the loop by as many as like to. The space is freed with the last of them."""

    def __init__(self, folder: Path, loop: asyncio.AbstractEventLoop) -> None:
        self._file, name = tempfile.mkstemp(dir=folder, prefix="snapshot-")
        Path(name).unlink()
        weakref.finalize(self, os.close, self._file)
        self._zip = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
        self._loop = loop
        self._waiting = bytearray()
        self._written = 0
        self._ended = False
        self._failed = False
        self._grown = asyncio.Event()

    def write(self, data: bytes) -> None:
        """In the writer's thread."""
        self._waiting += data
        if len(self._waiting) >= CHUNK:
            self._flush(final=False)

    def end(self, *, failed: bool) -> None:
        """Once, whatever happened. Raises OSError where there is no room for the last piece: then it is no whole."""
        self._failed = True
        try:
            self._flush(final=not failed)
            self._failed = failed
        finally:  # or its readers would wait for ever
            self._ended = True
            self._tell()

    def _flush(self, *, final: bool) -> None:
        packed = self._zip.compress(bytes(self._waiting))
        self._waiting.clear()
        if final:
            packed += self._zip.flush()
        while packed:
            size = os.write(self._file, packed)
            packed = packed[size:]
            self._written += size
        self._tell()

    def _tell(self) -> None:
        self._loop.call_soon_threadsafe(self._grown.set)

    async def chunks(self, *, packed: bool) -> AsyncIterator[bytes]:
        """All of it from the start, gzipped or not; raises Cut where the writer failed."""
        unzip = None if packed else zlib.decompressobj(_GZIP)
        at = 0
        while True:
            self._grown.clear()
            data = os.pread(self._file, CHUNK, at)
            if data:
                at += len(data)
                yield data if unzip is None else unzip.decompress(data)
            elif self._ended and at == self._written:
                break
            else:
                await self._grown.wait()
        if self._failed:
            raise Cut("the snapshot could not be read to its end")
