"""A source's part of an order as its machines see it: supply prices, and the consignee while it ships.

Who ordered, what the distributor pays, and what others ship of the order are not in it.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet

from kit.times import rfc3339
from orders.models import Cancellation, Fulfilment, Line, Shipment, ShipmentLine
from orders.shipping import TO_SHIP

Document = dict[str, Any]


def fetched(parts: "QuerySet[Fulfilment]") -> "QuerySet[Fulfilment]":
    """Return parts with all that `document` shows, in a number of queries that does not grow."""
    lines = Line.objects.select_related("sku").order_by("pk")
    return parts.select_related("order__consignee").prefetch_related(
        Prefetch("lines", lines), Prefetch("shipments", _with_lines(Shipment.objects))
    )


def fetched_shipments(shipments: "QuerySet[Shipment]") -> "QuerySet[Shipment]":
    """Return parcels with all that `shipment_document` shows."""
    return _with_lines(shipments.select_related("fulfilment__order"))


def document(part: Fulfilment) -> Document:
    """Return a fetched part as it is now."""
    order, lines = part.order, list(part.lines.all())
    is_to_ship = part.state in TO_SHIP
    return {
        "order_no": order.order_no,
        "state": str(part.state),
        "placed_at": rfc3339(order.placed_at),
        "ship_due_at": rfc3339(part.ship_due_at),
        "begun_at": rfc3339(part.begun_at),
        "address_changed_at": rfc3339(part.address_changed_at),
        "closed_at": rfc3339(part.closed_at),
        "lines": [line_document(line) for line in lines],
        "goods_fen": sum(
            line.supply_price_fen * (line.quantity - line.cancelled) for line in lines
        ),
        "freight_fen": part.freight_fen,
        # What a consumer said and where it lives is needed for shipping, and for nothing else.
        "remark": order.remark if is_to_ship else "",
        "consignee": consignee_document(part) if is_to_ship else None,
        "shipments": [shipment_document(row, order.order_no) for row in part.shipments.all()],
    }


def line_document(line: Line) -> Document:
    """Return a line with its sku fetched."""
    return {
        "line_id": line.line_id,
        "item_no": line.item_no,
        "sku_no": line.sku_no,
        "owner_no": line.sku.owner_no,
        "name": line.name,
        "spec": line.spec_text,
        "supply_price_fen": line.supply_price_fen,
        "quantity": line.quantity,
        "cancelled": line.cancelled,
        "frozen": line.frozen,
        "shipped": line.shipped,
        "to_ship": line.to_ship,
    }


def consignee_document(part: Fulfilment) -> Document:
    """Return to whom a part goes; empty once erased."""
    consignee = part.order.consignee
    name, phone, detail = consignee.opened
    return {
        "name": name,
        "phone": phone,
        "province": consignee.province,
        "city": consignee.city,
        "district": consignee.district,
        "detail": detail,
    }


def shipment_document(shipment: Shipment, order_no: str) -> Document:
    """Return a fetched parcel."""
    return {
        "shipment_id": str(shipment.pk),
        "order_no": order_no,
        "carrier_code": shipment.carrier_code,
        "tracking_no": shipment.tracking_no,
        "state": str(shipment.state),
        "version": shipment.version,
        "shipped_at": rfc3339(shipment.shipped_at),
        "delivered_at": rfc3339(shipment.delivered_at),
        "received_at": rfc3339(shipment.received_at),
        "ended_at": rfc3339(shipment.ended_at),
        "lines": _pieces(shipment.lines.all()),
    }


def cancellation_document(cancellation: Cancellation, order_no: str) -> Document:
    """Return a cancellation without what came back to the distributor."""
    return {
        "cancellation_no": str(cancellation),
        "out_shortage_no": cancellation.out_shortage_no,
        "order_no": order_no,
        "state": str(cancellation.state),
        "reason": cancellation.reason,
        "requested_at": rfc3339(cancellation.requested_at),
        "answered_at": rfc3339(cancellation.answered_at),
        "lines": _pieces(cancellation.lines.select_related("line").order_by("line_id")),
    }


def _pieces(rows: Any) -> Sequence[Document]:
    return [
        {"line_id": row.line.line_id, "sku_no": row.line.sku_no, "quantity": row.quantity}
        for row in rows
    ]


def _with_lines(shipments: Any) -> "QuerySet[Shipment]":
    lines = ShipmentLine.objects.select_related("line").order_by("pk")
    found: QuerySet[Shipment] = shipments.prefetch_related(Prefetch("lines", lines)).order_by("pk")
    return found
