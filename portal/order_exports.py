"""A distributor's orders as files, one row a line: CSV for any program, xlsx for reckoning with."""

import csv
import io
from collections.abc import Iterator, Sequence

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kit import downloads, money
from kit.rows import FORMULA
from orders.models import Line, Order, Shipment

MONEY = "#,##0.00"
MAX_ORDERS = 10_000
# Which columns hold amounts: in fen as they come, in yuan as they are written.
AMOUNTS = (7, 12, 13, 14)

Cell = str | int


def csv_of(orders: Sequence[Order]) -> tuple[bytes, str]:
    """Return orders as CSV, which begins with the mark by which spreadsheets know UTF-8."""
    target = io.StringIO()
    target.write(downloads.UTF_8_MARK)
    writer = csv.writer(target)
    writer.writerow([title for title, _width in _columns()])
    for row in _rows(orders):
        writer.writerow([_text(column, cell) for column, cell in enumerate(row)])
    return target.getvalue().encode(), downloads.CSV


def xlsx_of(orders: Sequence[Order]) -> tuple[bytes, str]:
    """Return orders as a workbook; what people wrote stays text, whatever it begins with."""
    target = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet(_("Orders"))
        bold, amount = book.add_format({"bold": True}), book.add_format({"num_format": MONEY})
        for column, (title, width) in enumerate(_columns()):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, bold)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(_rows(orders), 1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                elif column in AMOUNTS:
                    sheet.write_number(number, column, cell / 100, amount)
                else:
                    sheet.write_number(number, column, cell)
    return target.getvalue(), downloads.XLSX


def _columns() -> list[tuple[str, int]]:
    return [
        (_("Your order number"), 22),
        (_("Platform's order number"), 26),
        (_("State"), 12),
        (_("Placed"), 20),
        (_("Goods"), 32),
        (_("Sku number"), 22),
        (_("Pieces"), 8),
        (_("Price (¥)"), 12),
        (_("Cancelled"), 8),
        (_("Shipped"), 8),
        (_("Received"), 8),
        (_("Refunded"), 8),
        (_("Sum of the line (¥)"), 14),
        (_("Freight of the order (¥)"), 14),
        (_("Total of the order (¥)"), 14),
        (_("Parcels"), 30),
        (_("Remark"), 24),
    ]


def _rows(orders: Sequence[Order]) -> Iterator[list[Cell]]:
    pks = [order.pk for order in orders]
    by_order: dict[int, list[Line]] = {}
    for line in Line.objects.filter(order__in=pks).order_by("pk"):
        by_order.setdefault(line.order_id, []).append(line)
    parcels: dict[int, list[str]] = {}
    numbers = Shipment.objects.filter(fulfilment__order__in=pks).exclude(state="voided")
    for order_pk, carrier, number in numbers.order_by("pk").values_list(
        "fulfilment__order_id", "carrier_code", "tracking_no"
    ):
        parcels.setdefault(order_pk, []).append(f"{carrier} {number}")
    for order in orders:
        for line in by_order.get(order.pk, []):
            yield _row(order, line, parcels.get(order.pk, []))


def _row(order: Order, line: Line, parcels: Sequence[str]) -> list[Cell]:
    return [
        order.out_order_no,
        order.order_no,
        str(order.get_state_display()),
        f"{timezone.localtime(order.placed_at):%Y-%m-%d %H:%M:%S}",
        f"{line.name} {line.spec_text}".strip(),
        line.sku_no,
        line.quantity,
        line.agreement_price_fen,
        line.cancelled,
        line.shipped,
        line.received,
        line.refunded,
        line.agreement_price_fen * line.quantity,
        order.freight_fen,
        order.total_fen,
        pgettext("between things", ", ").join(parcels),
        order.remark,
    ]


def _text(column: int, cell: Cell) -> str:
    """Return a cell; one that a spreadsheet would take for a formula begins with a quote."""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(FORMULA) else cell
    return money.yuan(cell).replace("¥", "").replace(",", "") if column in AMOUNTS else str(cell)
