"""A distributor's orders as files, one row a line: CSV for any program, xlsx for reckoning with."""

from collections.abc import Iterator, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kit import downloads, tables
from kit.tables import Cell, Column
from orders.models import Line, Order, Shipment

MAX_ORDERS = 10_000


def csv_of(orders: Sequence[Order]) -> tuple[bytes, str]:
    """Return orders as CSV."""
    return tables.as_csv(_columns(), _rows(orders)), downloads.CSV


def xlsx_of(orders: Sequence[Order]) -> tuple[bytes, str]:
    """Return orders as a workbook."""
    return tables.as_workbook(_("Orders"), _columns(), _rows(orders)), downloads.XLSX


def _columns() -> list[Column]:
    return [
        Column(_("Your order number"), 22),
        Column(_("Platform's order number"), 26),
        Column(_("State"), 12),
        Column(_("Placed"), 20),
        Column(_("Goods"), 32),
        Column(_("Sku number"), 22),
        Column(_("Pieces"), 8),
        Column(_("Price (¥)"), 12, is_amount=True),
        Column(_("Cancelled"), 8),
        Column(_("Shipped"), 8),
        Column(_("Received"), 8),
        Column(_("Refunded"), 8),
        Column(_("Sum of the line (¥)"), 14, is_amount=True),
        Column(_("Freight of the order (¥)"), 14, is_amount=True),
        Column(_("Total of the order (¥)"), 14, is_amount=True),
        Column(_("Parcels"), 30),
        Column(_("Remark"), 24),
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
