"""Set-based SQL: many rows in one statement, as arrays.

One text literal an array is the cheapest thing both psycopg2 and PostgreSQL can read; a VALUES list
or one bind a cell costs several times as much (docs/performance.md).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

# A column's SQL type and its value in every row.
Columns = Mapping[str, tuple[str, Sequence[Any]]]


def array(values: Iterable[Any]) -> str:
    """Return a PostgreSQL array literal of ints, texts, times, bytes or None."""
    return "{" + ",".join([_element(value) for value in values]) + "}"


def insert(table: str, columns: Columns, returning: str = "") -> list[tuple[Any, ...]]:
    """Insert one row an index; return what `returning` names, in no promised order."""
    names = ", ".join(columns)
    arrays = ", ".join(f"%s::{kind}[]" for kind, _ in columns.values())
    tail = f" RETURNING {returning}" if returning else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}){tail}",
            [array(values) for _, values in columns.values()],
        )
        return cursor.fetchall() if returning else []


def query(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def execute(sql: str, params: Sequence[Any] = ()) -> int:
    """Run one statement and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def new_ids(table: str, count: int) -> list[int]:
    """Draw `count` primary keys of a table, so that rows can refer to each other unsent."""
    if not count:
        return []
    rows = query(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
        [table, count],
    )
    return [row[0] for row in rows]


def _element(value: Any) -> str:
    if type(value) is int:
        return str(value)
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    if isinstance(value, bool):
        return "t" if value else "f"
    text = value if isinstance(value, str) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
