"""Puts a new cache in a damaged one's place while the program runs; where that cannot be, all is as it was."""

import time
from pathlib import Path

from desktop.store.cache_reader import CacheReader
from desktop.store.cache_worker import CacheWorker, open_cache
from desktop.store.cache_writer import CacheWriter
from desktop.store.errors import DiskFull, Unavailable
from desktop.store.sqlcipher import files_of, put_aside, take_back

_TRIED = "cache.tried.db"
"""There for a moment, to see whether there is room for a new one."""


async def rebuild(path: Path, key: bytes, worker: CacheWorker, reader: CacheReader) -> bool:
    """False where somebody else has just done it. Raises DiskFull and Unavailable where none can be made: then the
    damaged one is in use as before."""
    found_damaged = worker.file_number
    async with worker.held():
        if worker.file_number != found_damaged:
            return False
        try:
            _try_a_new_one(path.with_name(_TRIED), key)
            # Windows moves no file that is open.
            reader.close()
            worker.close_file()
            try:
                writer = _in_its_place(path, key)
            except (OSError, DiskFull, Unavailable):
                worker.go_on_with(open_cache(path, key))
                raise
            else:
                worker.replace(writer)
            finally:
                reader.reopen()
        except OSError as error:
            raise Unavailable(str(error)) from error
    return True


def _try_a_new_one(path: Path, key: bytes) -> None:
    try:
        open_cache(path, key).connection.close()
    finally:
        for file in files_of(path):
            file.unlink(missing_ok=True)


def _in_its_place(path: Path, key: bytes) -> CacheWriter:
    """Where it fails the old one is in its place again."""
    mark = f"damaged-{int(time.time())}"
    aside = path.with_name(f"{path.name}.{mark}")
    try:
        put_aside(path, mark)
    except OSError:
        if aside.exists() and not path.exists():
            aside.replace(path)
        raise
    try:
        return open_cache(path, key)
    except (DiskFull, Unavailable):
        take_back(path, mark)
        raise
