"""The rebuildable file's tables: the server's rows with their own columns, and what is worked out from them."""

from typing import TYPE_CHECKING

from desktop.store.sqlcipher import Migrate

if TYPE_CHECKING:
    from sqlite3 import Connection

    from sqlite_utils import Database

ROW_TABLES = ("bookings", "messages", "status_history", "receipts", "profiles")
SNAPSHOT_TABLES = (*ROW_TABLES, "summary", "ranges")
"""A snapshot replaces these, all at once."""
STAGING = "staging_"

_TABLES = {
    # `num` is a row's number for lists: small enough to hold 100,000 of them in an array.
    "bookings": """num INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, code TEXT NOT NULL, workflow TEXT NOT NULL,
        status TEXT NOT NULL, version INTEGER NOT NULL, customer_id TEXT, customer_name TEXT NOT NULL,
        customer_phone TEXT, provider_id TEXT, assignee_id TEXT, assignee_name TEXT, department TEXT, created_by TEXT,
        priority INTEGER NOT NULL, title TEXT NOT NULL, place TEXT, scheduled_start TEXT, scheduled_end TEXT,
        lang TEXT NOT NULL, fields TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
        status_since TEXT NOT NULL, op_id TEXT""",
    # Kept in the order of reading: a page of a conversation is a few pages of the file, not fifty.
    "messages": """id TEXT NOT NULL UNIQUE, booking_id TEXT NOT NULL, sender_type TEXT NOT NULL, sender_id TEXT,
        message TEXT NOT NULL, created_at TEXT NOT NULL, has_invoice INTEGER NOT NULL, invoice_data TEXT,
        position INTEGER NOT NULL, kind TEXT NOT NULL, sender_role TEXT NOT NULL, sender_name TEXT NOT NULL,
        texts TEXT, reply_to TEXT, client_created_at TEXT, edited_at TEXT, deleted_at TEXT, deleted_by TEXT, op_id TEXT,
        PRIMARY KEY (booking_id, position)""",
    "status_history": """id TEXT NOT NULL UNIQUE, booking_id TEXT NOT NULL, version INTEGER NOT NULL, from_status TEXT,
        to_status TEXT NOT NULL, transition TEXT, actor_id TEXT, actor_name TEXT NOT NULL, reason TEXT,
        at TEXT NOT NULL, op_id TEXT, PRIMARY KEY (booking_id, version)""",
    "receipts": """id TEXT NOT NULL UNIQUE, booking_id TEXT NOT NULL, user_id TEXT NOT NULL, side TEXT NOT NULL,
        delivered_position INTEGER NOT NULL, read_position INTEGER NOT NULL, delivered_at TEXT, read_at TEXT,
        PRIMARY KEY (booking_id, user_id)""",
    "profiles": """id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, lang TEXT NOT NULL,
        departments TEXT NOT NULL, created_at TEXT NOT NULL, disabled_at TEXT""",
    # Worked out by query from the rows above, for every booking they touch, in the same transaction.
    "summary": """num INTEGER PRIMARY KEY, booking_id TEXT NOT NULL, workflow TEXT NOT NULL, status TEXT NOT NULL,
        open INTEGER NOT NULL, assignee_id TEXT, needs_answer INTEGER NOT NULL, waiting_since TEXT,
        activity_at TEXT NOT NULL, last_position INTEGER, last_text TEXT NOT NULL, last_side TEXT, last_kind TEXT,
        unread INTEGER NOT NULL, my_read INTEGER NOT NULL, delivered_to INTEGER NOT NULL, read_to INTEGER NOT NULL,
        search TEXT NOT NULL""",
    # The messages held of a booking have no holes from `lo` upwards; `more`: the server has older ones. A page of those
    # read before `since` lacks a change that has been left out here, or may be of another stretch.
    "ranges": """booking_id TEXT PRIMARY KEY, lo INTEGER NOT NULL, more INTEGER NOT NULL,
        since INTEGER NOT NULL DEFAULT 0""",
}
_CLUSTERED = frozenset({"messages", "status_history", "receipts", "profiles", "ranges"})
_INDEXES = {
    "summary": (
        # With the text that a filter looks through: so it reads this index alone, in order, an eighth of the time.
        "needs_answer DESC, waiting_since, activity_at DESC, search",
        "workflow, status, needs_answer DESC, waiting_since, activity_at DESC",
        "assignee_id, open, needs_answer DESC, waiting_since, activity_at DESC",
    ),
}


def create_row_tables(connection: "Connection | Database", prefix: str = "") -> None:
    """The tables a snapshot replaces, without their indexes: those are quicker made once the rows are in."""
    for table in SNAPSHOT_TABLES:
        options = "STRICT, WITHOUT ROWID" if table in _CLUSTERED else "STRICT"
        connection.execute(f"CREATE TABLE {prefix}{table} ({_TABLES[table]}) {options}")


def create_indexes(connection: "Connection | Database", generation: int, prefix: str = "") -> None:
    """Index names stay when a table is renamed, so each generation of tables has its own."""
    for table, indexes in _INDEXES.items():
        for number, columns in enumerate(indexes):
            connection.execute(f"CREATE INDEX {table}_{number}_g{generation} ON {prefix}{table} ({columns})")


def first_tables(db: "Database") -> None:
    create_row_tables(db)
    create_indexes(db, 0)
    for statement in (
        # Whose sight this is, and up to where. `as_of` is the server's moment of the newest evidence.
        """CREATE TABLE position (one INTEGER PRIMARY KEY CHECK (one = 1), owner_id TEXT, side TEXT, epoch TEXT,
            seq INTEGER NOT NULL, as_of TEXT, generation INTEGER NOT NULL) STRICT""",
        "INSERT INTO position VALUES (1, NULL, NULL, NULL, 0, NULL, 0)",
        # Bookings fetched whole: what the feed still brings of them up to `seq` is older than what is held.
        "CREATE TABLE fetched (booking_id TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        # Bookings that came into sight and are still to be fetched.
        "CREATE TABLE wanted (booking_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
        # Bookings whose summary is still to be worked out: a long stretch of the feed is not stopped for each.
        "CREATE TABLE stale (booking_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
        "CREATE TABLE workflows (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE closed_status (workflow TEXT, status TEXT, PRIMARY KEY (workflow, status)) STRICT, WITHOUT ROWID",
        "CREATE TABLE remembered (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    ):
        db.execute(statement)


def filter_from_the_index(db: "Database") -> None:
    """Caches made before have an index without the text to look through."""
    generation = db.execute("SELECT generation FROM position").fetchone()[0]
    for index in (
        f"{table}_{number}_g{generation}" for table, all_of in _INDEXES.items() for number in range(len(all_of))
    ):
        db.execute(f"DROP INDEX IF EXISTS {index}")
    create_indexes(db, generation)


def older_pages_by_their_moment(db: "Database") -> None:
    """Caches made before do not know since when a page fits; no page is under way when a cache is opened."""
    if "since" not in db["ranges"].columns_dict:
        db.execute("ALTER TABLE ranges ADD COLUMN since INTEGER NOT NULL DEFAULT 0")


CACHE_STEPS: list[Migrate] = [first_tables, filter_from_the_index, older_pages_by_their_moment]
