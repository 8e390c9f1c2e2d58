"""The end of a source's part: all of it has left, and every parcel has come to its end."""

from collections.abc import Collection
from datetime import datetime

from kit import bulk
from orders.models import Fulfilment, FulfilmentState, Shipment, ShipmentState

# On its way to somebody, or not yet known to be.
UNDER_WAY = (
    ShipmentState.IN_TRANSIT,
    ShipmentState.DELIVERED,
    ShipmentState.EXCEPTION,
    ShipmentState.RETURNING,
)


def close_parts(order_pks: Collection[int], *, at: datetime) -> None:
    """Close the parts of locked orders that have shipped all and have no parcel under way."""
    busy = Shipment.objects.filter(
        fulfilment__order__in=order_pks, state__in=UNDER_WAY
    ).values_list("fulfilment", flat=True)
    parts = list(
        Fulfilment.objects.filter(order__in=order_pks, state=FulfilmentState.SHIPPED)
        .exclude(pk__in=busy)
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    for part in parts:
        part.close()
        part.closed_at = at
    bulk.update(
        "orders_fulfilment",
        [part.pk for part in parts],
        {
            "state": ("text", [part.state for part in parts]),
            "closed_at": ("timestamptz", [part.closed_at for part in parts]),
        },
    )
