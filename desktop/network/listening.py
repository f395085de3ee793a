"""Ends a listening socket so that whoever was just being let in is let in first, and so can be shown out."""

import asyncio
import contextlib

_STEPS = 3
"""From a connection taken by the loop to its guest: its task begins, its protocol hears, the guest's task begins."""


async def stop_listening(server: asyncio.Server) -> None:
    """As `server.close()`. That alone leaks a connection whose task has not yet begun (CPython issue 109564, open in
    3.11): its peer waits for nobody. To be awaited on the server's loop."""
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        with contextlib.suppress(NotImplementedError):  # the proactor of Windows, which has no readers
            loop.remove_reader(listening.fileno())
    try:
        for _ in range(_STEPS):
            await asyncio.sleep(0)
    finally:
        server.close()
