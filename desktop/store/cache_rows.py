"""The server's rows into the cache's columns: checked against the contract, unknown fields left out."""

from collections.abc import Mapping
from typing import Any

import msgspec

from contract.rows import ROW_TYPES
from desktop.store.cache_schema import ROW_TABLES

_JSON_COLUMNS = frozenset({"fields", "invoice_data", "texts", "departments"})
_FIELDS = {table: msgspec.structs.fields(ROW_TYPES[table]) for table in ROW_TABLES}
COLUMNS = {table: tuple(field.encode_name for field in fields) for table, fields in _FIELDS.items()}
_JSON_AT = {
    table: tuple(index for index, name in enumerate(names) if name in _JSON_COLUMNS) for table, names in COLUMNS.items()
}
_encode = msgspec.json.encode


def upsert_sql(table: str, prefix: str = "") -> str:
    """Bookings keep their row number; of everything else only the newest row counts, whatever key it collides on."""
    names = COLUMNS[table]
    values = f"({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    if table != "bookings":
        return f"INSERT OR REPLACE INTO {prefix}{table} {values}"
    changed = ", ".join(f"{name} = excluded.{name}" for name in names if name != "id")
    return f"INSERT INTO {prefix}{table} {values} ON CONFLICT (id) DO UPDATE SET {changed}"


def columns_of(table: str, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Values in the order of COLUMNS; raises msgspec.ValidationError for what is no row of `table`."""
    values = list(msgspec.structs.astuple(msgspec.convert(row, ROW_TYPES[table], strict=False)))
    for index in _JSON_AT[table]:
        if values[index] is not None:
            values[index] = _encode(values[index]).decode()
    return tuple(values)


def struct_of(table: str, row: Any) -> Any:
    """A stored row as the contract's struct."""
    values = {name: row[name] for name in COLUMNS[table]}
    for index in _JSON_AT[table]:
        name = COLUMNS[table][index]
        if values[name] is not None:
            values[name] = msgspec.json.decode(values[name])
    return msgspec.convert(values, ROW_TYPES[table], strict=False)
