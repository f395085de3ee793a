"""What members of a room may say, and how often; the settings' words for it are in `server/config.py`."""

import msgspec


class TalkLimits(msgspec.Struct, frozen=True):
    """Sizes in bytes, as Supabase documents them. Broadcasts are counted with a socket's frames."""

    broadcast: int = 256 * 1024
    """One broadcast's payload."""
    presence: int = 4_096
    """What one member says of itself."""
    tracks_per_second: float = 2.0
    """Presence calls of one channel; five seconds' worth may come at once."""
