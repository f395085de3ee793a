"""Where the leader of a profile can be met: a socket for its owner alone, and a file in the profile that says where.

The socket lies in a private folder of its own and not in the profile, whose path may be longer than a socket's may be.
Where asyncio has no Unix sockets it is a port of the loopback; the secret in the file then keeps others out.
"""

import asyncio
import contextlib
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

from desktop.network.listening import stop_listening

ADDRESS_FILE = "leader.address"
HAS_UNIX_SOCKETS = hasattr(socket, "AF_UNIX") and hasattr(asyncio, "start_unix_server")
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Taken = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]


class NoLeader(Exception):
    """Nobody can be met there, or whoever was met has gone."""


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of `path` and `port`."""

    secret: str
    path: str | None = None
    port: int | None = None


@contextlib.asynccontextmanager
async def meeting_point(
    profile_dir: Path, taken: Taken, limit: int, *, by_path: bool = HAS_UNIX_SOCKETS
) -> AsyncIterator[Address]:
    """Listens until the end of the block; `taken` gets each connection. Lines over `limit` bytes are refused. Only the
    process that holds the profile's lock may do this. Raises OSError."""
    folder = tempfile.mkdtemp(prefix="fieldline-") if by_path else None
    file = profile_dir / ADDRESS_FILE
    server: asyncio.Server | None = None
    try:
        if folder is not None:
            # The folder is the owner's alone, and so is what lies in it, whatever its own mode.
            path = f"{folder}/leader"
            server = await asyncio.start_unix_server(taken, path, limit=limit, start_serving=False)
            address = Address(secrets.token_urlsafe(32), path=path)
        else:
            server = await asyncio.start_server(taken, "127.0.0.1", 0, limit=limit, start_serving=False)
            address = Address(secrets.token_urlsafe(32), port=server.sockets[0].getsockname()[1])
        # Not before it is in our hands: asyncio leaves the socket open where it is cancelled while it starts to serve.
        await server.start_serving()
        _forget_stale(file)
        _write_private(file, msgspec.json.encode(address))
        yield address
    finally:
        try:
            if server is not None:
                await stop_listening(server)
        finally:
            file.unlink(missing_ok=True)
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)


async def meet(profile_dir: Path, limit: int, timeout: float) -> tuple[Address, Streams]:
    """A connection to the leader. Raises NoLeader."""
    try:
        address = msgspec.json.decode((profile_dir / ADDRESS_FILE).read_bytes(), type=Address)
        async with asyncio.timeout(timeout):
            if address.path is not None:
                return address, await asyncio.open_unix_connection(address.path, limit=limit)
            return address, await asyncio.open_connection("127.0.0.1", address.port, limit=limit)
    except (OSError, TimeoutError, msgspec.DecodeError) as error:
        raise NoLeader(str(error)) from error


def _forget_stale(file: Path) -> None:
    """A leader that was killed has left its socket behind. Only a socket, and a folder that is empty then, is taken."""
    try:
        left = msgspec.json.decode(file.read_bytes(), type=Address).path
        if left is not None and Path(left).is_socket():
            Path(left).unlink()
            Path(left).parent.rmdir()
    except (OSError, msgspec.DecodeError):
        return


def _write_private(file: Path, content: bytes) -> None:
    """Whole or not at all, for the owner's eyes only."""
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(content)
    draft.replace(file)
