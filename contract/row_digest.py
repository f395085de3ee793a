"""Hashes of rows that do not hang on spelling or order, so that two programs can compare what they hold in a few bytes.

A row's hash is the first 8 bytes of BLAKE2b over its table and its columns, in the contract's order and types, as JSON
with sorted keys. Hashes are summed: adding a row and taking it away again leaves no trace, in whatever order.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec

from contract.audit import Digest
from contract.rows import ROW_TYPES

_MODULUS = 2**64
_encode = msgspec.json.Encoder(order="sorted").encode


def read_row(table: str, row: Mapping[str, Any]) -> msgspec.Struct | None:
    """The row in its table's shape; None for what no client would hold."""
    try:
        found: msgspec.Struct = msgspec.convert(row, ROW_TYPES[table], strict=False)
    except msgspec.ValidationError:
        return None
    return found


def row_hash(table: str, row: msgspec.Struct) -> int:
    content = _encode((table, msgspec.structs.astuple(row)))
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big")


class Tally:
    """Sums over rows by table, and by booking."""

    def __init__(self) -> None:
        self._rows = dict.fromkeys(ROW_TYPES, 0)
        self._sums = dict.fromkeys(ROW_TYPES, 0)
        self._bookings: dict[str, int] = {}

    def add(self, table: str, row: msgspec.Struct) -> None:
        self._count(table, row, 1)

    def take(self, table: str, row: msgspec.Struct) -> None:
        """As if it had never been added."""
        self._count(table, row, -1)

    def _count(self, table: str, row: msgspec.Struct, sign: int) -> None:
        value = sign * row_hash(table, row)
        self._rows[table] += sign
        self._sums[table] = (self._sums[table] + value) % _MODULUS
        booking_id = _booking_of(table, row)
        if booking_id is not None:
            self._bookings[booking_id] = (self._bookings.get(booking_id, 0) + value) % _MODULUS

    def digests(self) -> dict[str, Digest]:
        return {table: Digest(self._rows[table], _hex(self._sums[table])) for table in ROW_TYPES}

    def bookings(self) -> dict[str, str]:
        """By booking, the sum over its rows in all tables. One without rows is not there."""
        return {booking_id: _hex(value) for booking_id, value in self._bookings.items() if value}


def _booking_of(table: str, row: msgspec.Struct) -> str | None:
    name = {"bookings": "id", "profiles": None}.get(table, "booking_id")
    return None if name is None else getattr(row, name)


def _hex(value: int) -> str:
    return f"{value:016x}"
