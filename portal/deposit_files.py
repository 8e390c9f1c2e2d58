"""The transfers of a deposit as files: CSV for any program, xlsx for reckoning with."""

import csv
import io
from collections.abc import Sequence

import xlsxwriter
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kit import downloads, money
from kit.rows import FORMULA
from ledger.reading import Entry

MONEY = "#,##0.00"
# Which columns hold amounts: in fen as they come, in yuan as they are written.
AMOUNTS = (8, 9)

# An entry, and what it is called.
Labelled = tuple[Entry, str | Promise]


def csv_of(rows: Sequence[Labelled]) -> tuple[bytes, str]:
    """Return entries as CSV, which begins with the mark by which spreadsheets know UTF-8."""
    target = io.StringIO()
    target.write(downloads.UTF_8_MARK)
    writer = csv.writer(target)
    writer.writerow([title for title, _width in _columns()])
    for row in rows:
        writer.writerow([_cell(column, value) for column, value in enumerate(_values(row))])
    return target.getvalue().encode(), downloads.CSV


def xlsx_of(rows: Sequence[Labelled]) -> tuple[bytes, str]:
    """Return entries as a workbook; what people wrote stays text, whatever it begins with."""
    target = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        _write(book, rows)
    return target.getvalue(), downloads.XLSX


def _columns() -> list[tuple[str, int]]:
    return [
        (_("When"), 20),
        (_("What"), 16),
        (pgettext("transfer", "Reference"), 26),
        (_("Platform's order number"), 26),
        (_("Your order number"), 22),
        (pgettext("order", "Line"), 8),
        (_("Sku number"), 22),
        (_("Pieces"), 8),
        (_("Amount (¥)"), 14),
        (_("Deposit after it (¥)"), 16),
        (pgettext("payment", "Note"), 30),
    ]


def _values(row: Labelled) -> list[str | int | None]:
    """Return the cells of a row, amounts in fen."""
    entry, label = row
    return [
        f"{timezone.localtime(entry.posted_at):%Y-%m-%d %H:%M:%S}",
        str(label),
        entry.reference,
        entry.order_no,
        entry.out_order_no,
        entry.line_id,
        entry.sku_no,
        entry.quantity,
        entry.amount_fen,
        entry.balance_fen,
        entry.note,
    ]


def _cell(column: int, value: str | int | None) -> str:
    """Return a cell; one that a spreadsheet would take for a formula begins with a quote."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    if value is None:
        return ""
    return money.yuan(value).replace("¥", "").replace(",", "") if column in AMOUNTS else str(value)


def _write(book: xlsxwriter.Workbook, rows: Sequence[Labelled]) -> None:
    sheet = book.add_worksheet(_("Deposit"))
    bold, amount = book.add_format({"bold": True}), book.add_format({"num_format": MONEY})
    for column, (title, width) in enumerate(_columns()):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, bold)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(_values(row)):
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            elif value is not None and column in AMOUNTS:
                sheet.write_number(number, column, value / 100, amount)
            elif value is not None:
                sheet.write_number(number, column, value)
