"""Orders: header, lines with counters, fulfilments by source, parcels, promises, cancellations."""

from orders.models.cancellations import Asker, Cancellation, CancellationLine, CancellationState
from orders.models.marks import OrderedMark
from orders.models.order import Consignee, History, Order, OrderQuerySet, OrderState
from orders.models.parcels import Scan, Shipment, ShipmentLine, ShipmentState
from orders.models.parts import Fulfilment, FulfilmentQuerySet, FulfilmentState, Line
from orders.models.promises import Hold, HoldKind, HoldLine, HoldState, Quote, Refusal

__all__ = [
    "Asker",
    "Cancellation",
    "CancellationLine",
    "CancellationState",
    "Consignee",
    "Fulfilment",
    "FulfilmentQuerySet",
    "FulfilmentState",
    "History",
    "Hold",
    "HoldKind",
    "HoldLine",
    "HoldState",
    "Line",
    "Order",
    "OrderQuerySet",
    "OrderState",
    "OrderedMark",
    "Quote",
    "Refusal",
    "Scan",
    "Shipment",
    "ShipmentLine",
    "ShipmentState",
]
