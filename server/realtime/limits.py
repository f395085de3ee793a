"""What one socket may take of the server."""

import msgspec


class SocketLimits(msgspec.Struct, frozen=True):
    """Sizes in bytes, times in seconds, rates a second. A burst is twice its rate."""

    max_frame: int = 1024 * 1024
    max_stranger_frame: int = 64 * 1024
    """Before anything is joined."""
    max_backlog: int = 1024 * 1024
    """Unsent bytes of what must not be lost beyond which a slow reader is cut off; it resumes by its cursor."""
    max_aside: int = 320 * 1024
    """Unsent bytes up to which a slow reader is still sent what may be lost: typing, presence, broadcasts."""
    max_topics: int = 100
    frames_per_second: float = 200.0
    joins_per_second: float = 20.0
    abuse: int = 200
    """Frames refused in a row for coming too fast, after which the socket is closed."""
    silence: float = 60.0
    """A socket not heard of for so long is dead: clients beat every 15 s."""
    token_grace: float = 60.0
    """How long a socket outlives its access token, for the client to send a new one."""
    closing: float = 5.0
    """How long a closing socket may take to say goodbye."""
    max_sockets: int = 12_000
