"""All open sockets and the one sweep over them that stands in for timers: silence, expired tokens, slow goodbyes."""

import random
from collections.abc import Callable

from server.access.identity import Identity
from server.realtime.limits import SocketLimits
from server.realtime.socket import Socket

DRAIN_SPREAD_MS = 4_000
"""Clients of a draining server come back spread over this time, not all at once."""


class OpenSockets:
    """Idle sockets own no timer and no task: whoever runs the server calls `sweep` every few seconds."""

    def __init__(
        self,
        limits: SocketLimits,
        wall_clock: Callable[[], float],
        session_ended: Callable[[str | None], bool],
    ) -> None:
        """`wall_clock`: seconds since 1970, what tokens expire by. `session_ended`: whether that session was signed out
        of, whatever its tokens say."""
        self._limits = limits
        self._wall_clock = wall_clock
        self._session_ended = session_ended
        self._slow_ones_gone = 0
        self._open: set[Socket] = set()
        self._closing: dict[Socket, float] = {}

    def __len__(self) -> int:
        return len(self._open)

    @property
    def full(self) -> bool:
        return len(self._open) >= self._limits.max_sockets

    @property
    def slow_readers_cut(self) -> int:
        """Sockets closed because they did not read, ever."""
        return self._slow_ones_gone + sum(socket.too_slow for socket in self._open)

    def add(self, socket: Socket) -> None:
        self._open.add(socket)

    def remove(self, socket: Socket) -> None:
        self._open.discard(socket)
        self._closing.pop(socket, None)
        self._slow_ones_gone += socket.too_slow

    def of_user(self, user_id: str) -> list[Socket]:
        return [socket for socket in self._open if socket.identity and socket.identity.actor.user_id == user_id]

    def sweep(self, now: float) -> None:
        """`now` by the clock that `heard_at` is taken from."""
        expired = self._wall_clock() - self._limits.token_grace
        for socket in list(self._open):
            if socket.closed:
                if now - self._closing.setdefault(socket, now) >= self._limits.closing:
                    socket.abort()
            elif now - socket.heard_at > self._limits.silence:
                socket.close(1001, "no heartbeat")
            elif self._is_stranger(socket) and now - socket.opened_at > self._limits.silence:
                socket.close(1008, "nothing joined")
            elif socket.identity is not None and self._may_not_stay(socket.identity, expired):
                socket.bye("reauth", 0, 1008)

    def _is_stranger(self, socket: Socket) -> bool:
        """Whoever takes up room without ever saying what for."""
        return socket.identity is None and not socket.channels

    def _may_not_stay(self, identity: Identity, expired: float) -> bool:
        return identity.expires_at < expired or self._session_ended(identity.session_id)


def random_delay() -> int:
    """Milliseconds a client is asked to stay away: full jitter, so that a thousand do not come back as one."""
    return random.randrange(200, DRAIN_SPREAD_MS)  # noqa: S311  (spreads load, guards nothing)
