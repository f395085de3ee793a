"""The precious file's tables, step by step: operations, what became of them, drafts, read marks, facts."""

from typing import TYPE_CHECKING

from desktop.state.op_state import OP_STATES
from desktop.store.sqlcipher import Migrate

if TYPE_CHECKING:
    from sqlite_utils import Database

_STATES = ", ".join(f"'{state}'" for state in OP_STATES)


def first_tables(db: "Database") -> None:
    for statement in (
        f"""CREATE TABLE outbox (
            local_seq INTEGER PRIMARY KEY AUTOINCREMENT,
            op_id TEXT NOT NULL UNIQUE, op_hash BLOB NOT NULL, author_id TEXT NOT NULL, lane TEXT NOT NULL,
            booking_id TEXT, kind TEXT NOT NULL, payload TEXT NOT NULL, expect TEXT, created_at TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ({_STATES})), depends_on TEXT, supersedes TEXT,
            attempts INTEGER NOT NULL DEFAULT 0, alone INTEGER NOT NULL DEFAULT 0,
            hold_until REAL NOT NULL DEFAULT 0, not_before REAL NOT NULL DEFAULT 0, lease_until REAL NOT NULL DEFAULT 0,
            epoch TEXT, seq INTEGER, version INTEGER, code TEXT, error TEXT, current TEXT, done_at REAL) STRICT""",
        "CREATE INDEX outbox_waiting ON outbox (author_id, lane, local_seq) WHERE state IN ('queued', 'sending')",
        "CREATE INDEX outbox_by_lane ON outbox (lane, local_seq)",
        "CREATE INDEX outbox_by_state ON outbox (state, local_seq)",
        "CREATE INDEX outbox_children ON outbox (depends_on) WHERE depends_on IS NOT NULL",
        """CREATE TABLE op_event (
            op_id TEXT NOT NULL, at REAL NOT NULL, from_state TEXT, to_state TEXT NOT NULL,
            why TEXT NOT NULL) STRICT""",
        "CREATE INDEX op_event_by_op ON op_event (op_id)",
        """CREATE TABLE draft (
            author_id TEXT NOT NULL, booking_id TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
            saved_at REAL NOT NULL, PRIMARY KEY (author_id, booking_id, kind)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE read_mark (
            author_id TEXT NOT NULL, booking_id TEXT NOT NULL, position INTEGER NOT NULL,
            PRIMARY KEY (author_id, booking_id)) STRICT, WITHOUT ROWID""",
        "CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    ):
        db.execute(statement)


def add_evidence(db: "Database") -> None:
    """What the feed proved of an operation, each step once. Moments are the server's, `noted_at` is this computer's."""
    db.execute(
        """CREATE TABLE op_evidence (
            op_id TEXT NOT NULL, step TEXT NOT NULL CHECK (step IN ('stored', 'delivered', 'read')),
            noted_at REAL NOT NULL, moment TEXT, seq INTEGER, position INTEGER, by_name TEXT NOT NULL,
            PRIMARY KEY (op_id, step)) STRICT, WITHOUT ROWID"""
    )


def name_the_history_of_marks(db: "Database") -> None:
    """Null, of marks made before: taken for the history in which they are next asked about."""
    db.execute("ALTER TABLE read_mark ADD COLUMN epoch TEXT")


OUTBOX_STEPS: list[Migrate] = [first_tables, add_evidence, name_the_history_of_marks]
OUTBOX_TABLES = ("outbox", "op_event", "op_evidence", "draft", "read_mark", "fact")
