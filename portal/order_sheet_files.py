"""Workbooks of orders: the template that a buyer fills in, and the answers to each of its rows."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from distributors.models import Distributor
from kit import money
from orders import filed_orders, order_sheets
from orders.models import FiledOrder
from supplychain import offers
from supplychain.models import Sku
from supplychain.offers import Offer

MAX_SKUS = 2_000
WIDTHS = {"out_order_no": 22, "sku_no": 22, "detail": 34, "phone": 18, "remark": 24}
EXAMPLE: dict[str, Any] = {
    "quantity": 2,
    "name": "张三",
    "phone": "13800000000",
    "province": "广东省",
    "city": "深圳市",
    "district": "南山区",
    "detail": "海德三道199号",
}
# What people wrote stays text, whatever it begins with.
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def template(distributor: Distributor) -> bytes:
    """Return the workbook to fill in: an example, what the columns mean, and the selected skus."""
    selected = _selected(distributor)
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E6EDFD"})
        sheet = book.add_worksheet(_("Orders"))
        _head(book, sheet, bold)
        example = {"out_order_no": _("EXAMPLE-001"), "sku_no": "SKU-1", **EXAMPLE}
        if selected:
            example["sku_no"] = selected[0][0].sku_no
        for column, name in enumerate(order_sheets.TITLES):
            sheet.write(1, column, example.get(name, ""))
        _write_notes(book.add_worksheet(_("How to fill it in")), bold)
        _write_skus(book, book.add_worksheet(_("Selected goods")), bold, selected)
    return target.getvalue()


def results(rows: Iterable[FiledOrder]) -> bytes:
    """Return the rows of a file with what became of each, fit to be corrected and uploaded again."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E6EDFD"})
        sheet = book.add_worksheet(_("Orders"))
        names = [*order_sheets.TITLES, "address"]
        _head(book, sheet, bold)
        titles = [pgettext("order sheet", "Address"), *_answer_titles()]
        for column, title in enumerate(titles, len(order_sheets.TITLES)):
            sheet.write_string(0, column, title, bold)
            sheet.set_column(column, column, 24)
        line = 0
        for row in rows:
            answer = _answer(row)
            for _line, cells in filed_orders.unseal(row).rows:
                line += 1
                for column, name in enumerate(names):
                    _put(sheet, line, column, cells.get(name))
                for column, text in enumerate(answer, len(names)):
                    sheet.write_string(line, column, text)
    return target.getvalue()


def outcome(row: FiledOrder) -> str:
    """Say in a word what became of an order of a file."""
    if row.order_no:
        return _("Placed before") if row.before else pgettext("filed order", "Placed")
    return _("Not placed") if row.causes else _("Can be placed")


def _answer_titles() -> list[str]:
    return [_("Result"), _("Platform's order number"), _("Total (¥)"), _("Why not")]


def _answer(row: FiledOrder) -> list[str]:
    total = "" if row.total_fen is None else money.yuan(row.total_fen).replace("¥", "")
    return [outcome(row), row.order_no, total, "；".join(order_sheets.said(row.causes))]


def _put(sheet: Any, line: int, column: int, cell: Any) -> None:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        sheet.write_number(line, column, cell)
    elif cell is not None:
        sheet.write_string(line, column, str(cell[0] if isinstance(cell, list) else cell))


def _head(book: xlsxwriter.Workbook, sheet: Any, bold: Any) -> None:
    """Write the headings; all cells are text, so that no program rounds a number in them."""
    text = book.add_format({"num_format": "@"})
    for column, (name, title) in enumerate(order_sheets.TITLES.items()):
        sheet.set_column(column, column, WIDTHS.get(name, 12), text)
        sheet.write_string(0, column, str(title), bold)
    sheet.freeze_panes(1, 1)


def _write_notes(sheet: Any, bold: Any) -> None:
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 90)
    titles = {name: str(title) for name, title in order_sheets.TITLES.items()}
    for line, (name, note) in enumerate(_notes()):
        sheet.write_string(line, 0, titles.get(name, name), bold)
        sheet.write_string(line, 1, note)


def _notes() -> list[tuple[str, str]]:
    return [
        ("out_order_no", _("Yours, unique for ever. Rows with the same number are one order.")),
        ("sku_no", _("As the page of selected goods and the product's page show it.")),
        ("quantity", _("A whole number of pieces.")),
        (
            "name",
            _(
                "On the first row of an order; its other rows may leave it empty. So for all that follows."
            ),
        ),
        ("phone", _("Write it as text.")),
        (
            "province",
            _(
                "Its full or short name. Instead of the four columns of the address there may be one,"
                " called “Address”."
            ),
        ),
        ("price", _("May be empty: then today's price is the highest that is paid.")),
        (
            pgettext("order sheet", "Limits"),
            _("{orders} orders in {rows} rows; the row of the example is passed over.").format(
                orders=order_sheets.MAX_ORDERS, rows=order_sheets.MAX_ROWS
            ),
        ),
        (
            _("Safe to repeat"),
            _(
                "The same file again places nothing twice. Correct the rows that were refused, and upload"
                " it again."
            ),
        ),
    ]


def _write_skus(
    book: xlsxwriter.Workbook, sheet: Any, bold: Any, rows: Sequence[tuple[Offer, str]]
) -> None:
    amount = book.add_format({"num_format": "#,##0.00"})
    titles = [
        (_("Sku number"), 24),
        (_("Goods"), 36),
        (_("Specification"), 16),
        (_("Price (¥)"), 12),
        (_("Available"), 10),
        (_("Sold from"), 10),
        (_("In multiples of"), 12),
    ]
    for column, (title, width) in enumerate(titles):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, bold)
    for line, (offer, name) in enumerate(rows, 1):
        for column, text in enumerate((offer.sku_no, name, offer.spec_text)):
            sheet.write_string(line, column, text)
        sheet.write_number(line, 3, offer.price.agreement_price_fen / 100, amount)
        for column, count in enumerate((offer.available, offer.min_quantity, offer.multiple), 4):
            sheet.write_number(line, column, count)
    sheet.freeze_panes(1, 0)


def _selected(distributor: Distributor) -> list[tuple[Offer, str]]:
    """Return the offers of the first skus that a distributor selected."""
    selected = Sku.objects.filter(product__selections__distributor=distributor, offered=True)
    in_order = selected.order_by("product__item_no", "position", "pk")
    numbers = list(in_order.values_list("sku_no", flat=True)[:MAX_SKUS])
    found = offers.find((distributor.pk, sku_no) for sku_no in numbers) if numbers else {}
    return [(offer, offer.name) for offer in found.values() if offer.on_sale]
