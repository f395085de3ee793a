"""What the store must be told: where it lives, how much of the feed it keeps, how much it lets wait."""

from pathlib import Path

import msgspec


class StoreSettings(msgspec.Struct, frozen=True):
    """`keep_days` and `keep_lines`: the feed keeps whichever is more. `keep_anonymous_days`: so long are those waited
    for who came in without an account and opened no booking. `max_waiting`: jobs beyond it are refused. `url`: a
    PostgreSQL server's database; without it, SQLite in `data_dir`."""

    data_dir: Path
    url: str | None = None
    keep_days: int = 30
    keep_lines: int = 200_000
    keep_anonymous_days: int = 30
    max_waiting: int = 20_000
    max_batch: int = 1_000
    readers: int = 2
    busy_seconds: float = 5.0
    """How long another program's write lock is waited for."""
    poll_seconds: float = 0.2
    """How often, while idle, to look whether another program has committed to SQLite's file."""
    shared_poll_seconds: float = 1.0
    """The same for PostgreSQL, where hints come as well."""

    def __repr__(self) -> str:
        """Without the URL: there may be a password in it."""
        return f"StoreSettings({self.data_dir}, {'SQLite' if self.url is None else 'PostgreSQL'})"

    @property
    def look_every(self) -> float:
        return self.poll_seconds if self.url is None else self.shared_poll_seconds

    @property
    def database(self) -> Path:
        return self.data_dir / "fieldline.db"


class StoreUnusable(Exception):
    """The database cannot be served as it is. The text says why and what to do."""
