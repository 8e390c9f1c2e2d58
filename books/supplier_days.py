"""What a supplier's days came to: what was ordered of it, and how long its parcels took.

Days that are over come from the roll-ups, what is not rolled up yet from orders and parcels.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Max

from books.models import RolledDay
from kit import bulk
from suppliers import periods
from suppliers.models import Supplier

_DAYS = """
SELECT day, sum(supply_fen)::bigint, sum(parcels)::bigint, sum(seconds)::bigint FROM (
    SELECT first_day AS day, supply_fen, parcels, shipping_seconds AS seconds FROM books_rollup
    WHERE span = 'day' AND subject = 'supplier' AND subject_pk = %(supplier)s
        AND first_day >= %(first)s AND first_day < %(open)s
    UNION ALL
    SELECT (whole.placed_at AT TIME ZONE %(zone)s)::date,
        sum(line.quantity * line.supply_price_fen), 0, 0
    FROM orders_order whole
    JOIN orders_fulfilment part ON part.order_id = whole.id
    JOIN orders_line line ON line.fulfilment_id = part.id
    WHERE part.supplier_id = %(supplier)s AND whole.placed_at >= %(since)s GROUP BY 1
    UNION ALL
    SELECT (parcel.shipped_at AT TIME ZONE %(zone)s)::date, 0, count(*),
        sum(greatest(extract(epoch FROM parcel.shipped_at - whole.placed_at), 0))
    FROM orders_shipment parcel
    JOIN orders_fulfilment part ON part.id = parcel.fulfilment_id
    JOIN orders_order whole ON whole.id = part.order_id
    WHERE part.supplier_id = %(supplier)s AND parcel.shipped_at >= %(since)s
        AND parcel.state <> 'voided' GROUP BY 1
) AS found (day, supply_fen, parcels, seconds)
GROUP BY day
"""


@dataclass(frozen=True, slots=True)
class Day:
    """One day: what was ordered at supply prices, and its parcels with the time since their order."""

    day: date
    supply_fen: int = 0
    parcels: int = 0
    shipping_seconds: int = 0

    @property
    def hours(self) -> float | None:
        """Hours from order to parcel, on average; None without parcels."""
        return self.shipping_seconds / self.parcels / 3600 if self.parcels else None


def days(supplier: Supplier, *, count: int, at: datetime) -> list[Day]:
    """Return a supplier's last days, today included, oldest first; empty ones, too."""
    today = periods.day_of(at)
    first = today - timedelta(days=count - 1)
    rolled = RolledDay.objects.aggregate(day=Max("day"))["day"]
    still_open = max(first, rolled + timedelta(days=1)) if rolled else first
    rows = bulk.query(
        _DAYS,
        {
            "supplier": supplier.pk,
            "first": first,
            "open": still_open,
            "since": periods.midnight(still_open),
            "zone": settings.TIME_ZONE,
        },
    )
    found = {row[0]: Day(*row) for row in rows}
    every = (first + timedelta(days=place) for place in range(count))
    return [found.get(day, Day(day)) for day in every]
