"""The transfers of a deposit as files: CSV for any program, xlsx for reckoning with."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kit import downloads, tables
from kit.tables import Cell, Column
from ledger.reading import Entry

# An entry, and what it is called.
Labelled = tuple[Entry, str | Promise]


def csv_of(rows: Sequence[Labelled]) -> tuple[bytes, str]:
    """Return entries as CSV."""
    return tables.as_csv(_columns(), map(_row, rows)), downloads.CSV


def xlsx_of(rows: Sequence[Labelled]) -> tuple[bytes, str]:
    """Return entries as a workbook."""
    return tables.as_workbook(_("Deposit"), _columns(), map(_row, rows)), downloads.XLSX


def _columns() -> list[Column]:
    return [
        Column(_("When"), 20),
        Column(_("What"), 16),
        Column(pgettext("transfer", "Reference"), 26),
        Column(_("Platform's order number"), 26),
        Column(_("Your order number"), 22),
        Column(pgettext("order", "Line"), 8),
        Column(_("Sku number"), 22),
        Column(_("Pieces"), 8),
        Column(_("Amount (¥)"), 14, is_amount=True),
        Column(_("Deposit after it (¥)"), 16, is_amount=True),
        Column(pgettext("payment", "Note"), 30),
    ]


def _row(labelled: Labelled) -> list[Cell]:
    """Return the cells of a row, amounts in fen."""
    entry, label = labelled
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
