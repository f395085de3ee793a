"""What SQLite and PostgreSQL say in different words: this moment, a fresh id, rows as JSON, lists given as JSON."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

SQLITE_NOW = "strftime('%Y-%m-%dT%H:%M:%fZ','now')"
SQLITE_FRESH_ID = (
    "lower(hex(randomblob(4))||'-'||hex(randomblob(2))||'-4'||substr(hex(randomblob(2)),2)||'-'||"
    "substr('89AB',1+abs(random()%4),1)||substr(hex(randomblob(2)),2)||'-'||hex(randomblob(6)))"
)
POSTGRES_NOW = "to_char(clock_timestamp() AT TIME ZONE 'UTC','YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"


ANSWER_BIDS = (
    "UPDATE {bids} SET status=CASE WHEN technician_id=NEW.provider_id THEN 'accepted' ELSE 'declined' END,"
    "updated_at={now} WHERE booking_id=NEW.id AND status='pending'"
)
"""What becomes of the bids on a job whose status was changed by hand, as of a step (B-03, C-21)."""


class this_moment(FunctionElement[str]):  # noqa: N801 - reads as the SQL function it stands for
    """UTC text in milliseconds, as everywhere."""

    type = sa.String(24)
    inherit_cache = True


class fresh_id(FunctionElement[str]):  # noqa: N801
    """A random UUID in canonical text."""

    type = sa.String(36)
    inherit_cache = True


@compiles(this_moment, "sqlite")
def _moment_in_sqlite(element: this_moment, compiler: Any, **options: Any) -> str:
    return SQLITE_NOW


@compiles(fresh_id, "sqlite")
def _id_in_sqlite(element: fresh_id, compiler: Any, **options: Any) -> str:
    return SQLITE_FRESH_ID


@compiles(this_moment, "postgresql")
def _moment_in_postgres(element: this_moment, compiler: Any, **options: Any) -> str:
    return POSTGRES_NOW


@compiles(fresh_id, "postgresql")
def _id_in_postgres(element: fresh_id, compiler: Any, **options: Any) -> str:
    return "gen_random_uuid()::text"


class utf8_bytes(FunctionElement[bytes]):  # noqa: N801
    """A text as the bytes it is made of, sparing the driver to decode what is only passed on."""

    type = sa.LargeBinary()
    inherit_cache = True


@compiles(utf8_bytes, "sqlite")
def _bytes_in_sqlite(element: utf8_bytes, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS BLOB)"


@compiles(utf8_bytes, "postgresql")
def _bytes_in_postgres(element: utf8_bytes, compiler: Any, **options: Any) -> str:
    return f"convert_to({compiler.process(element.clauses, **options)},'UTF8')"


class without_text(FunctionElement[str]):  # noqa: N801
    """A message's JSON text with everything blank that somebody wrote."""

    type = sa.Text()
    inherit_cache = True


@compiles(without_text, "sqlite")
def _blank_in_sqlite(element: without_text, compiler: Any, **options: Any) -> str:
    return (
        f"json_set({compiler.process(element.clauses, **options)},'$.message','','$.texts',NULL,'$.invoice_data',NULL)"
    )


@compiles(without_text, "postgresql")
def _blank_in_postgres(element: without_text, compiler: Any, **options: Any) -> str:
    blank = '{"message":"","texts":null,"invoice_data":null}'
    return f"({compiler.process(element.clauses, **options)}::jsonb || '{blank}'::jsonb)::text"


class json_of(FunctionElement[str]):  # noqa: N801
    """A table's row as the text of a JSON object with all its columns, in the feed's own form."""

    type = sa.Text()
    inherit_cache = True

    def __init__(self, table: sa.FromClause) -> None:
        super().__init__(*table.columns)
        self.table_name = table.name  # type: ignore[attr-defined]


@compiles(json_of, "sqlite")
def _row_in_sqlite(element: json_of, compiler: Any, **options: Any) -> str:
    parts = [f"'{column.name}',{compiler.process(_sqlite_value(column), **options)}" for column in element.clauses]
    return f"json_object({','.join(parts)})"


def _sqlite_value(column: Any) -> sa.ColumnElement[Any]:
    if isinstance(column.type, sa.Boolean):
        return sa.func.json(sa.case((column, sa.literal_column("'true'")), else_=sa.literal_column("'false'")))
    if isinstance(column.type, sa.JSON):
        text = sa.type_coerce(column, sa.Text)
        return sa.case((sa.func.json_valid(text), sa.func.json(text)), else_=text)
    found: sa.ColumnElement[Any] = column
    return found


@compiles(json_of, "postgresql")
def _row_in_postgres(element: json_of, compiler: Any, **options: Any) -> str:
    return f"row_to_json({element.table_name})::text"


class _text_within(FunctionElement[str]):  # noqa: N801
    type = sa.Text()
    inherit_cache = True


def text_within(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[str]:
    """The text of that name in a JSON column's object; null where there is none, or something else than a text."""
    return _text_within(column, sa.literal(name))


@compiles(_text_within, "sqlite")
def _text_in_sqlite(element: _text_within, compiler: Any, **options: Any) -> str:
    column, name = (compiler.process(one, **options) for one in element.clauses)
    path = f"'$.'||{name}"
    return f"CASE json_type({column},{path}) WHEN 'text' THEN json_extract({column},{path}) END"


@compiles(_text_within, "postgresql")
def _text_in_postgres(element: _text_within, compiler: Any, **options: Any) -> str:
    column, name = (compiler.process(one, **options) for one in element.clauses)
    return f"CASE jsonb_typeof({column}->{name}) WHEN 'string' THEN {column}->>{name} END"


class _whole_within(FunctionElement[int]):  # noqa: N801
    type = sa.Integer()
    inherit_cache = True


def whole_within(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[int]:
    """The whole number from 0 to 9 of that name in a JSON column's object; null where there is something else."""
    return _whole_within(column, sa.literal(name))


@compiles(_whole_within, "sqlite")
def _whole_in_sqlite(element: _whole_within, compiler: Any, **options: Any) -> str:
    column, name = (compiler.process(one, **options) for one in element.clauses)
    path = f"'$.'||{name}"
    is_one = f"json_type({column},{path})='integer' AND json_extract({column},{path}) BETWEEN 0 AND 9"
    return f"CASE WHEN {is_one} THEN json_extract({column},{path}) END"


@compiles(_whole_within, "postgresql")
def _whole_in_postgres(element: _whole_within, compiler: Any, **options: Any) -> str:
    column, name = (compiler.process(one, **options) for one in element.clauses)
    is_one = f"jsonb_typeof({column}->{name})='number' AND {column}->>{name} ~ '^[0-9]$'"
    return f"CASE WHEN {is_one} THEN ({column}->>{name})::int END"


class json_list(FunctionElement[str]):  # noqa: N801
    """The texts of a list given as JSON, as a table of `key` (its order) and `value`."""

    type = sa.Text()
    inherit_cache = True


@compiles(json_list, "sqlite")
def _list_in_sqlite(element: json_list, compiler: Any, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(json_list, "postgresql")
def _list_in_postgres(element: json_list, compiler: Any, **options: Any) -> str:
    given = compiler.process(element.clauses, **options)
    items = f"json_array_elements_text({given}::json) WITH ORDINALITY AS items(item, nr)"
    return f"(SELECT item AS value, nr AS key FROM {items})"  # noqa: S608  (a parameter's place, not its value)


class like_exactly(FunctionElement[bool]):  # noqa: N801
    """(column, pattern, the same as SQLite's GLOB has it): LIKE with attention to case, which SQLite's pays none."""

    type = sa.Boolean()
    inherit_cache = True


@compiles(like_exactly, "postgresql")
def _like_in_postgres(element: like_exactly, compiler: Any, **options: Any) -> str:
    column, pattern, _ = element.clauses
    return f"({compiler.process(column, **options)} LIKE {compiler.process(pattern, **options)})"


@compiles(like_exactly, "sqlite")
def _like_in_sqlite(element: like_exactly, compiler: Any, **options: Any) -> str:
    column, _, glob = element.clauses
    return f"({compiler.process(column, **options)} GLOB {compiler.process(glob, **options)})"


def as_glob(pattern: str) -> str:
    """A LIKE pattern in GLOB's words."""
    wilds = {"%": "*", "_": "?"}
    plain = {"*": "[*]", "?": "[?]", "[": "[[]"}
    return "".join(wilds[sign] if wild else plain.get(sign, sign) for sign, wild in like_signs(pattern))


def like_signs(pattern: str) -> Iterator[tuple[str, bool]]:
    """A LIKE pattern's signs, and whether each is wild: % is any text, _ any sign, a backslash makes the next plain."""
    signs = iter(pattern)
    for sign in signs:
        if sign == "\\":
            yield next(signs, "\\"), False
        else:
            yield sign, sign in "%_"
