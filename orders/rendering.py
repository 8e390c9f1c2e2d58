"""An order as its distributor sees it: the same in answers, lists and callbacks.

Consumer data is only added where a caller asks for its own order; events never carry it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Prefetch

from kit.times import rfc3339
from orders.models import Fulfilment, History, Line, Order, Scan, Shipment

Document = dict[str, Any]


def document(order: Order, *, with_consignee: bool = False, show_parts: bool = False) -> Document:
    """Return one order in full, as it is now."""
    return documents([order], with_consignee=with_consignee, show_parts=show_parts)[0]


def documents(
    orders: Sequence[Order], *, with_consignee: bool = False, show_parts: bool = False
) -> list[Document]:
    """Return orders in full, in a number of queries that does not depend on theirs."""
    lines: dict[int, list[Line]] = defaultdict(list)
    parts: dict[int, list[Fulfilment]] = defaultdict(list)
    pks = [order.pk for order in orders]
    for line in Line.objects.filter(order__in=pks).order_by("pk"):
        lines[line.order_id].append(line)
    for part in Fulfilment.objects.filter(order__in=pks).order_by("pk"):
        parts[part.order_id].append(part)
    found = []
    for order in orders:
        rows = [line_document(line, show_parts=show_parts) for line in lines[order.pk]]
        sources = [_part_document(n, p, lines[order.pk]) for n, p in enumerate(parts[order.pk], 1)]
        found.append(header_document(order, rows, sources))
    if with_consignee:
        for order, shown in zip(orders, found, strict=True):
            shown["consignee"] = _consignee_document(order)
    return found


def header_document(order: Order, lines: list[Document], parts: list[Document]) -> Document:
    """Return an order around its lines and parts."""
    return {
        "order_no": order.order_no,
        "out_order_no": order.out_order_no,
        "state": str(order.state),
        "version": order.version,
        "lines": lines,
        "fulfilments": parts,
        "goods_fen": order.goods_fen,
        "freight_fen": order.freight_fen,
        "total_fen": order.total_fen,
        "application": order.application,
        "channel": order.channel,
        "paid_fen": order.paid_fen,
        "payment_reference": order.payment_reference,
        "consumer_ref": order.consumer_ref,
        "remark": order.remark,
        "placed_at": rfc3339(order.placed_at),
        "received_at": rfc3339(order.received_at),
        "completed_at": rfc3339(order.completed_at),
    }


def line_document(line: Line, *, show_parts: bool = False) -> Document:
    """Return one line; its price parts only where the platform shows them."""
    shown = {
        "line_id": line.line_id,
        "item_no": line.item_no,
        "sku_no": line.sku_no,
        "name": line.name,
        "spec": line.spec_text,
        "quantity": line.quantity,
        "agreement_price_fen": line.agreement_price_fen,
        "cancelled": line.cancelled,
        "shipped": line.shipped,
        "received": line.received,
        "returned": line.returned,
        "refunded": line.refunded,
    }
    if show_parts:
        shown["supply_price_fen"] = line.supply_price_fen
        shown["service_fee_fen"] = line.service_fee_fen
    return shown


def part_document(
    number: int, state: str, freight_fen: int, ship_due_at: str | None, line_ids: list[str]
) -> Document:
    """Return what one source ships; sources are numbered, never named."""
    return {
        "number": number,
        "state": state,
        "freight_fen": freight_fen,
        "ship_due_at": ship_due_at,
        "line_ids": line_ids,
    }


def shipments(order: Order) -> list[Document]:
    """Return an order's parcels with what each holds, and what carriers said of it, newest first."""
    rows = (
        Shipment.objects.filter(fulfilment__order=order)
        .prefetch_related(
            "lines__line", Prefetch("scans", Scan.objects.order_by("-scanned_at", "-pk"))
        )
        .order_by("pk")
    )
    return [{**shipment_document(row), "scans": scan_documents(row)} for row in rows]


def shipment_document(shipment: Shipment) -> Document:
    """Return one parcel; its lines come with their order line fetched.

    Events carry it, so nothing of what carriers say in words is in it.
    """
    return {
        "carrier_code": shipment.carrier_code,
        "tracking_no": shipment.tracking_no,
        "state": str(shipment.state),
        "version": shipment.version,
        "shipped_at": rfc3339(shipment.shipped_at),
        "delivered_at": rfc3339(shipment.delivered_at),
        "receive_due_at": rfc3339(shipment.receive_due_at),
        "received_at": rfc3339(shipment.received_at),
        "ended_at": rfc3339(shipment.ended_at),
        "lines": [
            {
                "line_id": row.line.line_id,
                "sku_no": row.line.sku_no,
                "quantity": row.quantity,
                "received": row.received,
                "written_off": row.written_off,
            }
            for row in shipment.lines.all()
        ],
    }


def scan_documents(shipment: Shipment) -> list[Document]:
    """Return the fetched scans of a parcel that were made under its number as it is now."""
    return [
        {
            "status": scan.status,
            "text": scan.text,
            "place": scan.place,
            "at": rfc3339(scan.scanned_at),
        }
        for scan in shipment.scans.all()
        if (scan.carrier_code, scan.tracking_no) == (shipment.carrier_code, shipment.tracking_no)
    ]


def history(order: Order) -> list[Document]:
    """Return what happened to an order, oldest first, without other companies' people."""
    rows: Iterable[History] = History.objects.filter(order=order).order_by("pk")
    return [
        {
            "subject": row.subject,
            "act": row.act,
            "from": row.from_state,
            "to": row.to_state,
            "reason": row.reason,
            "by": row.actor_kind,
            "at": rfc3339(row.at),
        }
        for row in rows
    ]


def _part_document(number: int, part: Fulfilment, lines: list[Line]) -> Document:
    line_ids = [line.line_id for line in lines if line.fulfilment_id == part.pk]
    return part_document(
        number, str(part.state), part.freight_fen, rfc3339(part.ship_due_at), line_ids
    )


def _consignee_document(order: Order) -> Document:
    consignee = order.consignee
    name, phone, detail = consignee.opened
    return {
        "name": name,
        "phone": phone,
        "province": consignee.province,
        "city": consignee.city,
        "district": consignee.district,
        "detail": detail,
    }
