"""The rows of a file of goods: what its columns hold, which come next, and what became of each."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Min

from kit import bulk, languages
from kit.errors import DomainError
from supplychain import albums, checking, goods_columns, goods_items, sheet_cells, sheets
from supplychain.goods_columns import COLUMNS, HEADINGS
from supplychain.goods_items import Item, Seen
from supplychain.models import GoodsFile, GoodsFileState, GoodsRow, RowOutcome
from supplychain.sheets import ColumnMissing, ColumnRepeated, Line, Row

ROWS_AT_ONCE = 500
# Rows that are looked at to find some that hold whole items.
ROWS_LOOKED_AT = ROWS_AT_ONCE + checking.MAX_SKUS + 1
# More are not decoded within one round.
PICTURES_AT_ONCE = 50
MAX_NUMBER = 200
MAX_BROKEN = 200
# The other way of saying it, by column.
_TWINS = {"supply_price_fen": "supply_price", "retail_price_fen": "retail_price"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of a row, with what is wrong in it."""

    row_pk: int
    item_no: str
    sku_no: str
    outcome: RowOutcome
    errors: list[dict[str, Any]]
    product_pk: int | None


# --- columns ----------------------------------------------------------------------------------------


def guess(headings: Sequence[str], remembered: Mapping[str, str]) -> list[str]:
    """Return what each column holds, by its heading; empty where that is unknown, or known twice."""
    found: list[str] = []
    for heading in headings:
        column = remembered.get(heading, goods_columns.meant(heading))
        found.append(column if column in HEADINGS and column not in found else "")
    return found


def are_clear(columns: Sequence[str]) -> bool:
    """Tell whether every column that must be there is."""
    return all(set(forms) & set(columns) for forms in COLUMNS.required)


def refuse_columns(columns: Sequence[str], width: int) -> None:
    """Refuse what cannot be the columns of a sheet.

    :raises ColumnMissing: a column that must be there is not.
    :raises ColumnRepeated: two columns of one meaning.
    """
    named = [column for column in columns if column]
    assert len(columns) == width, (columns, width)
    assert set(named) <= HEADINGS.keys(), columns
    for column in named:
        if named.count(column) > 1:
            raise ColumnRepeated(pointer=column, column=HEADINGS[column])
    for forms in COLUMNS.required:
        if not set(forms) & set(named):
            raise ColumnMissing(pointer=forms[-1], column=HEADINGS[forms[-1]])


# --- reading ----------------------------------------------------------------------------------------


def insert(file: GoodsFile, lines: Sequence[Line]) -> None:
    """Keep lines of a sheet as rows."""
    bulk.insert(
        "supplychain_goodsrow",
        {
            "file_id": ("bigint", bulk.Same(file.pk)),
            "line": ("int", [line.number for line in lines]),
            "cells": ("jsonb", [_json([_storable(cell) for cell in line.cells]) for line in lines]),
            "broken": ("text", [line.broken[:MAX_BROKEN] for line in lines]),
            "item_no": ("text", bulk.Same("")),
            "sku_no": ("text", bulk.Same("")),
            "outcome": ("text", bulk.Same("")),
            "errors": ("jsonb", bulk.Same("[]")),
        },
    )


def read(row: GoodsRow, columns: Sequence[str]) -> Row:
    """Return the cells of a row by what they hold."""
    if row.broken:
        return Row(row.line, {}, row.broken)
    given = zip(columns, row.cells, strict=False)
    cells = {column: cell for column, cell in given if column and not sheets.is_empty(cell)}
    return Row(row.line, cells)


def numbers_of(row: Row) -> tuple[str, str]:
    """Return the numbers of item and sku by which a row is found again."""
    item_no, sku_no = (goods_items.text_of(row, column) for column in ("item_no", "sku_no"))
    return item_no[:MAX_NUMBER], sku_no[:MAX_NUMBER]


def following(file: GoodsFile) -> list[GoodsRow]:
    """Return the rows that are next, as many whole items as fit into a round."""
    rows = file.rows.filter(line__gt=file.line).order_by("line")
    if file.state == GoodsFileState.LOADING:
        rows = rows.exclude(outcome=RowOutcome.REFUSED)
    found = list(rows[:ROWS_LOOKED_AT])
    cells = [read(row, file.columns) for row in found]
    ends = _ends(cells)
    if len(found) < ROWS_LOOKED_AT:
        ends.append(len(found))
    # Where one item has more rows than any may have, it is refused by what is seen of it.
    return found[: _fitting(cells, ends) or len(found)]


def _ends(rows: Sequence[Row]) -> list[int]:
    """Return after how many rows an item ends and another begins."""
    item_nos = [goods_items.text_of(row, "item_no") for row in rows]
    return [
        place
        for place in range(1, len(rows))
        if not item_nos[place] or item_nos[place] != item_nos[place - 1]
    ]


def _fitting(rows: Sequence[Row], ends: Sequence[int]) -> int:
    """Return at which end there is enough for a round."""
    pictures, counted = 0, 0
    for end in ends:
        pictures += sum(_pictures_of(row) for row in rows[counted:end])
        counted = end
        if end >= ROWS_AT_ONCE or pictures >= PICTURES_AT_ONCE:
            return end
    return counted


def _pictures_of(row: Row) -> int:
    """Return how many pictures a row names; those that are stored already cost nothing."""
    cell = row.cells.get("images")
    parts = sheet_cells.SEPARATORS.split(cell) if isinstance(cell, str) else []
    return sum(not albums.STORED.fullmatch(part.strip()) for part in parts)


def seen_before(file: GoodsFile) -> Seen:
    """Return where items and skus stand in the rows that were done."""
    done = file.rows.filter(line__lte=file.line) if file.line else file.rows.none()
    return _seen(done)


def seen_beside(file: GoodsFile, rows: Sequence[Row]) -> Seen:
    """Return where the items and skus of some rows stand in the others."""
    others = file.rows.exclude(line__in=[row.line for row in rows])
    pairs = [numbers_of(row) for row in rows]
    items = others.filter(item_no__in={item_no for item_no, _sku_no in pairs})
    skus = others.filter(sku_no__in={sku_no for _item_no, sku_no in pairs})
    return Seen(items=_seen(items).items, skus=_seen(skus).skus)


def _seen(rows: Any) -> Seen:
    lines = rows.order_by().values_list
    items = lines("item_no").annotate(first=Min("line"))
    skus = lines("sku_no").annotate(first=Min("line"))
    return Seen(
        items={item_no: line for item_no, line in items if item_no},
        skus={sku_no: line for sku_no, line in skus if sku_no},
    )


# --- answers ----------------------------------------------------------------------------------------


def answers(file: GoodsFile, rows: Sequence[GoodsRow], items: Iterable[Item]) -> list[Answer]:
    """Return what became of rows, of which the items were made in this order."""
    found: list[Answer] = []
    for item in items:
        errors: dict[int, list[dict[str, Any]]] = {}
        for line, column, refusal in item.refusals:
            errors.setdefault(line, []).append(_error(file, column, refusal))
        outcome = RowOutcome.REFUSED if item.refusals else item.outcome
        assert outcome is not None, item
        for row in rows[len(found) : len(found) + item.row_count]:
            numbers = numbers_of(read(row, file.columns))
            wrong = errors.get(row.line, [])
            found.append(Answer(row.pk, *numbers, outcome, wrong, item.product_pk))
    assert len(found) == len(rows), (len(found), len(rows))
    return found


def write(found: Sequence[Answer]) -> None:
    """Write answers into their rows."""
    bulk.update(
        "supplychain_goodsrow",
        [one.row_pk for one in found],
        {
            "item_no": ("text", [one.item_no for one in found]),
            "sku_no": ("text", [one.sku_no for one in found]),
            "outcome": ("text", [str(one.outcome) for one in found]),
            "errors": ("jsonb", [_json(one.errors) for one in found]),
            "product_id": ("bigint", [one.product_pk for one in found]),
        },
    )


def _error(file: GoodsFile, column: str, refusal: DomainError) -> dict[str, Any]:
    if column not in file.columns and _TWINS.get(column) in file.columns:
        column = _TWINS[column]
    return {"column": column, "code": refusal.code, "said": languages.in_each(lambda: str(refusal))}


def _storable(cell: Any) -> Any:
    """Return a cell without the characters that PostgreSQL cannot keep."""
    return (
        cell.replace("\0", "").encode(errors="ignore").decode() if isinstance(cell, str) else cell
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
