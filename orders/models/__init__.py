"""Orders: header, lines with counters, fulfilments by source, parcels, promises, cancellations."""

from orders.models.buying import BasketLine, FiledOrder, OrderFile, OrderFileState
from orders.models.cancellations import (
    Asker,
    Cancellation,
    CancellationLine,
    CancellationRequest,
    CancellationState,
)
from orders.models.order import Consignee, History, Order, OrderQuerySet, OrderState
from orders.models.parcels import Scan, Shipment, ShipmentLine, ShipmentState
from orders.models.parts import Fulfilment, FulfilmentQuerySet, FulfilmentState, Line
from orders.models.promises import Hold, HoldKind, HoldLine, HoldState, Quote, Refusal
from orders.models.shipping_files import ShippingFile, ShippingFileState

__all__ = [
    "Asker",
    "BasketLine",
    "Cancellation",
    "CancellationLine",
    "CancellationRequest",
    "CancellationState",
    "Consignee",
    "FiledOrder",
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
    "OrderFile",
    "OrderFileState",
    "OrderQuerySet",
    "OrderState",
    "Quote",
    "Refusal",
    "Scan",
    "Shipment",
    "ShipmentLine",
    "ShipmentState",
    "ShippingFile",
    "ShippingFileState",
]
