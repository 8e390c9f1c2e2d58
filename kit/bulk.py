"""Set-based SQL: many rows in one statement, as arrays.

One text literal an array is the cheapest thing both psycopg2 and PostgreSQL can read; a VALUES list
or one bind a cell costs several times as much (docs/performance.md).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import NoneType
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class Same:
    """One value for every row of an insert."""

    value: Any


_gathered: ContextVar[list[tuple[str, list[Any]]] | None] = ContextVar("gathered", default=None)

# A column's SQL type and its value in every row.
Columns = Mapping[str, tuple[str, Sequence[Any] | Same]]


def array(values: Iterable[Any]) -> str:
    """Return a PostgreSQL array literal of ints, texts, times, bytes or None."""
    items = list(values)
    kinds = set(map(type, items))
    if kinds <= {int, NoneType}:
        # How Python shows a list of numbers is nearly it, and the fastest way there is.
        return "{" + str(items)[1:-1].replace("None", "NULL") + "}"
    if kinds == {bytes}:
        return "{" + ",".join([f'"\\\\x{item.hex()}"' for item in items]) + "}"
    if kinds == {str}:
        joined = '","'.join(items)
        # Mostly nothing needs escaping, and one look at the whole tells.
        if "\\" not in joined and joined.count('"') == 2 * (len(items) - 1):
            return '{"' + joined + '"}'
    return "{" + ",".join(map(_element, items)) + "}"


def insert(table: str, columns: Columns) -> None:
    """Insert one row for each index of the columns' values.

    Inside `together` it is sent with its neighbours, at the end of the block.
    """
    same = {name: column for name, column in columns.items() if isinstance(column[1], Same)}
    each = {name: column for name, column in columns.items() if name not in same}
    arrays = ", ".join(f"%s::{kind}[]" for kind, _ in each.values())
    constants = "".join(f", %s::{kind}" for kind, _ in same.values())
    sql = (
        f"INSERT INTO {table} ({', '.join([*each, *same])})"
        f" SELECT given.*{constants} FROM unnest({arrays}) AS given"
    )
    params = [
        *[constant.value for _, constant in same.values()],  # type: ignore[union-attr]
        *[array(values) for _, values in each.values()],  # type: ignore[arg-type]
    ]
    gathered = _gathered.get()
    if gathered is None:
        execute(sql, params)
    else:
        gathered.append((sql, params))


def update(
    table: str, pks: Sequence[int], columns: Mapping[str, tuple[str, Sequence[Any]]]
) -> None:
    """Set columns of rows, by primary key; every row must be there, or it is a bug."""
    if not pks:
        return
    names = list(columns)
    arrays = ", ".join(["%s::bigint[]", *(f"%s::{kind}[]" for kind, _ in columns.values())])
    touched = execute(
        f"UPDATE {table} AS row SET {', '.join(f'{name} = new.{name}' for name in names)}"
        f" FROM unnest({arrays}) AS new (pk, {', '.join(names)}) WHERE row.id = new.pk",
        [array(pks), *[array(values) for _, values in columns.values()]],
    )
    assert touched == len(pks), (table, touched, len(pks))


@contextmanager
def together() -> Iterator[None]:
    """Send the inserts of a block in one round trip, in their order, when the block ends."""
    statements: list[tuple[str, list[Any]]] = []
    token = _gathered.set(statements)
    try:
        yield
    finally:
        _gathered.reset(token)
    if statements:
        execute(";".join(sql for sql, _ in statements), [p for _, ps in statements for p in ps])


def query(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
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
