"""Set-based SQL: many rows in one statement, as arrays.

One text literal an array is the cheapest thing both psycopg2 and PostgreSQL can read; a VALUES list
or one bind a cell costs several times as much (docs/performance.md). Documents travel as one JSON
array, which needs no quoting within a quotation.

Inserts and updates are planned once a connection, and so is a query that says so: planning a batch's
statements anew costs a tenth of running them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from types import NoneType
from typing import Any
from weakref import WeakKeyDictionary

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


def insert(table: str, columns: Columns, *, alike: Sequence[Sequence[str]] = ()) -> None:
    """Insert one row for each index of the columns' values.

    `alike` names groups of columns that mostly hold one value in all rows: where they do, they travel
    as that value and not as arrays. (A group, because each doubles the statements to be planned.)

    Inside `together` it is sent with its neighbours, at the end of the block.
    """
    for group in alike:
        columns = _as_constants(columns, group)
    ways = {name: _way(kind, values) for name, (kind, values) in columns.items()}
    shape = tuple((name, kind, ways[name]) for name, (kind, _) in columns.items())
    params = [
        _PARAMETER[way](columns[name][1])
        for way in (_SAME, _ARRAY, _DOCUMENTS)
        for name in columns
        if ways[name] == way
    ]
    sql = _planned(_insert_sql(table, shape))
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
        planned=True,
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


def check_references() -> None:
    """Have foreign keys of what was written so far looked up now, and not while committing.

    They are as sure either way; but what is locked afterwards is not kept locked for them. Inside
    `together` it is sent with the inserts.
    """
    # The second gives back what the first changes for the rest of the transaction.
    sql = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"
    gathered = _gathered.get()
    if gathered is None:
        execute(sql)
    else:
        gathered.append((sql, []))


def query(
    sql: str, params: Sequence[Any] | Mapping[str, Any] = (), *, planned: bool = False
) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows; with `planned` its plan is kept for the next time.

    A planned statement is one constant text, whose parameters stand in a row and tell their types.
    """
    with connection.cursor() as cursor:
        cursor.execute(_planned(sql) if planned else sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def execute(
    sql: str, params: Sequence[Any] | Mapping[str, Any] = (), *, planned: bool = False
) -> int:
    """Run one statement and return how many rows it touched; `planned` as in `query`."""
    with connection.cursor() as cursor:
        cursor.execute(_planned(sql) if planned else sql, params)
        return int(cursor.rowcount)


# Statements that a connection has prepared, and how each is executed.
_plans: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()


def _planned(sql: str) -> str:
    """Return what executes a statement by its plan, which this connection has or now makes.

    PostgreSQL keeps it as long as the session, and renews it by itself when tables or what is known
    of them change (PREPARE, plan cache).
    """
    connection.ensure_connection()
    plans = _plans.setdefault(connection.connection, {})
    if sql not in plans:
        # Named by its first words, for those who read the server's log.
        name = "_".join([*re.findall(r"\w+", sql)[:3], str(len(plans))]).lower()
        count = sql.count("%s")
        numbered = sql % tuple(f"${number}" for number in range(1, count + 1))
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            cursor.execute(f"PREPARE {name} AS {numbered}")
        plans[sql] = f"EXECUTE {name}" + (f" ({', '.join(['%s'] * count)})" if count else "")
    return plans[sql]


# How a column travels: one value for all rows, an array, or an array in JSON.
_SAME, _ARRAY, _DOCUMENTS = "same", "array", "documents"
_PARAMETER: Mapping[str, Callable[[Any], Any]] = {
    _SAME: lambda same: same.value,
    _ARRAY: array,
    _DOCUMENTS: lambda documents: f"[{','.join(documents)}]",
}


def _as_constants(columns: Columns, group: Sequence[str]) -> Columns:
    constants: dict[str, tuple[str, Sequence[Any] | Same]] = {}
    for name in group:
        kind, values = columns[name]
        if not isinstance(values, Same):
            if not values or values.count(values[0]) != len(values):
                return columns
            constants[name] = kind, Same(values[0])
    return {**columns, **constants}


def _way(kind: str, values: Sequence[Any] | Same) -> str:
    if isinstance(values, Same):
        return _SAME
    return _DOCUMENTS if kind == "jsonb" and None not in values else _ARRAY


@cache
def _insert_sql(table: str, shape: tuple[tuple[str, str, str], ...]) -> str:
    by_way = {
        way: [part for part in shape if part[2] == way] for way in (_SAME, _ARRAY, _DOCUMENTS)
    }
    names = [name for parts in by_way.values() for name, _, _ in parts]
    constants = [f"%s::{kind}" for _, kind, _ in by_way[_SAME]]
    sources = [f"unnest({', '.join(f'%s::{kind}[]' for _, kind, _ in by_way[_ARRAY])})"]
    sources += ["jsonb_array_elements(%s::jsonb)" for _ in by_way[_DOCUMENTS]]
    return (
        f"INSERT INTO {table} ({', '.join(names)})"
        f" SELECT {', '.join([*constants, 'given.*'])} FROM ROWS FROM ({', '.join(sources)}) AS given"
    )


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
