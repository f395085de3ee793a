"""Which database it is: SQLite in the data folder, or a PostgreSQL server's; everything above the links is the same."""

from collections.abc import Callable

from server.store.data_lock import DataLock
from server.store.link import Link, Listener
from server.store.settings import StoreSettings
from server.store.sqlite import SqliteLink


def connect(settings: StoreSettings, *, read_only: bool = False) -> Link:
    """An open connection; raises StoreUnusable."""
    if settings.url is None:
        return SqliteLink.open(settings, read_only=read_only)
    from server.store.postgres import PostgresLink  # noqa: PLC0415  (its driver is loaded only where it is used)

    return PostgresLink.open(settings, read_only=read_only)


def listen(settings: StoreSettings, look: Callable[[], None]) -> Listener | None:
    """Calls `look`, in a thread of its own, whenever another server hints at something new; None where there are no
    other servers."""
    if settings.url is None:
        return None
    from server.store.postgres_hints import PostgresListener  # noqa: PLC0415

    return PostgresListener(settings.url, look)


def lock(settings: StoreSettings) -> DataLock | None:
    """SQLite's file has one server. Servers of one PostgreSQL database may even share their folder. Raises
    DataLocked."""
    if settings.url is None:
        return DataLock(settings.data_dir)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return None
