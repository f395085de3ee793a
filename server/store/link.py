"""What the store asks of a connection to its database; `sqlite` and `postgres` are the two that there are."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

import sqlalchemy as sa

from contract.errors import Refusal

Errors = tuple[type[Exception], ...]


class Cursor(Protocol):
    """What the hot path uses of a driver's cursor."""

    rowcount: int

    def execute(self, sql: str, parameters: tuple[Any, ...] = ..., /) -> "Cursor": ...
    def fetchone(self) -> tuple[Any, ...] | None: ...
    def fetchall(self) -> list[tuple[Any, ...]]: ...


class Link(Protocol):
    """One connection, used by one thread at a time. Beginning a transaction opens it anew where it was lost.

    `execute` runs hot statements on the driver's cursor. `shared`: other servers write to this database too, so that
    memory is never the truth to judge by.
    """

    dialect: str
    shared: bool
    driver_errors: Errors
    integrity_errors: Errors
    execute: Callable[..., Cursor]

    @property
    def queries(self) -> sa.Connection:
        """SQLAlchemy's view of the same connection and transaction."""

    @property
    def in_transaction(self) -> bool: ...

    @property
    def spoilt(self) -> bool:
        """Whether the transaction under way can only be rolled back."""

    @property
    def away(self) -> bool:
        """Whether the database cannot be reached: an outage, which passes."""

    def begin_write(self) -> None:
        """Starts a transaction, alone among all servers; raises a driver's error when that cannot be had."""

    def begin_read(self) -> None:
        """Starts a transaction in which everything is as of one moment."""

    def commit(self) -> None: ...
    def roll_back(self) -> None:
        """Ends whatever is under way, wherever it failed; never raises."""

    def one_moment(self) -> AbstractContextManager[None]:
        """Reads inside are as of one moment, where they are not anyhow."""

    def data_version(self) -> int:
        """Another number whenever somebody else may have committed."""

    def tell_others(self) -> None:
        """A hint to the other servers that there is something to read; may get lost."""

    def passing(self, error: Exception) -> bool:
        """Whether the same transaction may well succeed when it is run again."""

    def refusal_for(self, error: Exception) -> Refusal | None:
        """What a driver's error is to whoever asked; None for what is no fault of database or values."""

    def put_triggers(self) -> None:
        """Makes wrong and missing triggers anew, inside the transaction under way."""

    def wrong_triggers(self) -> list[str]:
        """Names of the triggers that are missing or not as they should be."""

    def damage(self) -> str:
        """What the database itself finds wrong with its files and references; empty when nothing."""

    def place(self) -> str | None:
        """Names this very database among all that could have its contents; None where only the guard can tell."""

    def claim_alone(self) -> bool:
        """Until the transaction ends no server may start; False when one runs already."""

    def serve(self) -> None:
        """From now on this connection is a running server's."""

    def unusable(self, error: Exception) -> Exception:
        """An error at opening as StoreUnusable, saying what to do."""

    def close(self) -> None: ...


class Listener(Protocol):
    """Hears the other servers' hints until it is closed."""

    def close(self) -> None: ...
