"""A table as a file: CSV for any program, a workbook for reckoning with.

Amounts come in fen and are written in yuan; what people wrote stays text, whatever it begins with.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import xlsxwriter

from kit import downloads, money, spreadsheets

MONEY = "#,##0.00"
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}

Cell = str | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its title; `width` in characters, for a workbook."""

    title: str
    width: int
    is_amount: bool = False


def as_csv(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return rows as CSV, which begins with the mark by which spreadsheets know UTF-8."""
    target = io.StringIO()
    target.write(downloads.UTF_8_MARK)
    writer = csv.writer(target)
    writer.writerow([column.title for column in columns])
    for row in rows:
        writer.writerow([_text(*pair) for pair in zip(columns, row, strict=True)])
    return target.getvalue().encode()


def as_workbook(name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return rows as a workbook with one sheet of that name."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        sheet = book.add_worksheet(name)
        bold, amount = book.add_format({"bold": True}), book.add_format({"num_format": MONEY})
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, column.title, bold)
        sheet.freeze_panes(1, 0)
        for line, row in enumerate(rows, 1):
            for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
                if isinstance(cell, str):
                    sheet.write_string(line, place, cell)
                elif cell is not None and column.is_amount:
                    sheet.write_number(line, place, cell / 100, amount)
                elif cell is not None:
                    sheet.write_number(line, place, cell)
    return target.getvalue()


def _text(column: Column, cell: Cell) -> str:
    if isinstance(cell, str):
        return spreadsheets.neutral(cell)
    if cell is None or not column.is_amount:
        return "" if cell is None else str(cell)
    return money.yuan(cell).replace("¥", "").replace(",", "")
