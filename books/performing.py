"""How a supplier performs: how soon it ships, how often late or short, how often there is a case.

Closed days are kept as rows, one a supplier and one for all suppliers together, so that a page adds
up ninety rows however many orders there are; what is not rolled up yet is read from the facts. What
each figure means, docs/supplier-performance.md says.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Max, Q

from books.models import SupplierDay
from suppliers import periods
from suppliers.periods import DAY

SPANS = (7, 30, 90)
# With fewer suppliers somebody's figures could be read out of the average.
FEWEST_IN_AVERAGE = 5
# A parcel is voided, and what was its part ships anew, within this time.
REPEATED_DAYS = 3
# Days not rolled up yet that a page reads from the facts.
MOST_LIVE_DAYS = 2
# Hours from order to parcel are counted up to each of these, and beyond the last.
BOUNDS_HOURS = (
    1, 2, 3, 4, 6, 8, 10, 12, 15, 18, 21, 24, 30, 36, 42, 48, 60, 72, 96, 120, 168,
)  # fmt: skip
# What nobody else locks by.
_LOCK = 4_171_006

_BUCKETS = ", ".join(
    f"count(*) FILTER (WHERE bucket = {number})" for number in range(len(BOUNDS_HOURS) + 1)
)
_SUMS = ", ".join(f"coalesce(sum(took[{number}]), 0)" for number in range(1, len(BOUNDS_HOURS) + 2))
_BOUNDS = ", ".join(str(hours * 3600) for hours in BOUNDS_HOURS)
_NONE = f"array_fill(0::bigint, ARRAY[{len(BOUNDS_HOURS) + 1}])"
_FACTS = f"""
WITH first AS (
    SELECT fulfilment_id, min(shipped_at) AS shipped_at FROM orders_shipment
    WHERE shipped_at >= %(since)s AND shipped_at < %(until)s AND state <> 'voided' GROUP BY 1),
began AS (
    SELECT part.supplier_id, (first.shipped_at AT TIME ZONE %(zone)s)::date AS day,
        first.shipped_at > part.ship_due_at AS is_late,
        width_bucket(extract(epoch FROM first.shipped_at - placed.placed_at)::bigint,
            ARRAY[{_BOUNDS}]::bigint[]) AS bucket
    FROM first JOIN orders_fulfilment part ON part.id = first.fulfilment_id
    JOIN orders_order placed ON placed.id = part.order_id
    WHERE part.supplier_id IS NOT NULL AND (%(supplier)s IS NULL OR part.supplier_id = %(supplier)s)
        AND NOT EXISTS (SELECT FROM orders_shipment earlier WHERE earlier.fulfilment_id = part.id
            AND earlier.state <> 'voided' AND earlier.shipped_at < %(since)s)),
short AS (
    SELECT DISTINCT part.supplier_id, (lack.requested_at AT TIME ZONE %(zone)s)::date AS day, part.id
    FROM orders_cancellation lack JOIN orders_fulfilment part ON part.id = lack.fulfilment_id
    WHERE lack.asker = 'source' AND lack.state = 'granted'
        AND lack.requested_at >= %(since)s AND lack.requested_at < %(until)s
        AND part.supplier_id IS NOT NULL
        AND (%(supplier)s IS NULL OR part.supplier_id = %(supplier)s)),
complaint AS (
    SELECT DISTINCT part.supplier_id, (one.applied_at AT TIME ZONE %(zone)s)::date AS day, part.id
    FROM aftersales_case one JOIN orders_line line ON line.id = one.line_id
    JOIN orders_fulfilment part ON part.id = line.fulfilment_id
    WHERE one.applied_at >= %(since)s AND one.applied_at < %(until)s
        AND part.supplier_id IS NOT NULL
        AND (%(supplier)s IS NULL OR part.supplier_id = %(supplier)s)),
figure AS (
    SELECT day, supplier_id, count(*) AS shipped, count(*) FILTER (WHERE is_late) AS late,
        0::bigint AS short, 0::bigint AS cases, ARRAY[{_BUCKETS}] AS took FROM began GROUP BY 1, 2
    UNION ALL SELECT day, supplier_id, 0, 0, count(*), 0, {_NONE} FROM short GROUP BY 1, 2
    UNION ALL SELECT day, supplier_id, 0, 0, 0, count(*), {_NONE} FROM complaint GROUP BY 1, 2)
"""
_WRITE = f"""{_FACTS}
INSERT INTO books_supplierday (day, supplier_id, shipped, late, short, cases, took)
SELECT day, supplier_id, sum(shipped), sum(late), sum(short), sum(cases), ARRAY[{_SUMS}]::integer[]
FROM figure GROUP BY GROUPING SETS ((day, supplier_id), (day))
"""
_LIVE = f"""{_FACTS}
SELECT day, sum(shipped)::int, sum(late)::int, sum(short)::int, sum(cases)::int,
    ARRAY[{_SUMS}]::integer[] FROM figure GROUP BY day
"""


@dataclass(frozen=True)
class Figures:
    """What some days came to: parts of orders that left, of them late; short ones; ones with cases."""

    shipped: int = 0
    late: int = 0
    short: int = 0
    cases: int = 0
    took: tuple[int, ...] = (0,) * (len(BOUNDS_HOURS) + 1)

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.shipped + other.shipped,
            self.late + other.late,
            self.short + other.short,
            self.cases + other.cases,
            tuple(one + two for one, two in zip(self.took, other.took, strict=True)),
        )

    @property
    def median_hours(self) -> float | None:
        """Hours from order to parcel that half of the parts took at most."""
        return hours_at(self.took, 50)

    @property
    def most_hours(self) -> float | None:
        """Hours that nine in ten took at most."""
        return hours_at(self.took, 90)

    @property
    def late_bp(self) -> int | None:
        """Parts that left after their deadline, of those that left."""
        return _share_bp(self.late, self.shipped)

    @property
    def short_bp(self) -> int | None:
        """Parts of which something could not be shipped, of those that left or were short."""
        return _share_bp(self.short, self.shipped + self.short)

    @property
    def case_bp(self) -> int | None:
        """Parts about which a case was opened, of those that left."""
        return _share_bp(self.cases, self.shipped)


@dataclass(frozen=True)
class Span:
    """A supplier's figures of some days, and those of all suppliers; None where that would tell."""

    days: int
    own: Figures
    everybody: Figures | None


def read(*, supplier_pk: int, at: datetime) -> list[Span]:
    """Return how a supplier did in the last 7, 30 and 90 days, today among them."""
    today = periods.day_of(at)
    first = today - (max(SPANS) - 1) * DAY
    rows = SupplierDay.objects.filter(Q(supplier_id=supplier_pk) | Q(supplier=None), day__gte=first)
    kept = [(row.supplier_id, row.day, _figures(row)) for row in rows]
    own = [(day, figures) for pk, day, figures in kept if pk is not None]
    everybody = [(day, figures) for pk, day, figures in kept if pk is None]
    last = max((day for day, _figure in everybody if day < today), default=first)
    since = max(last + DAY, today - MOST_LIVE_DAYS * DAY + DAY)
    own += _live(supplier_pk, since, at)
    many = _contributors(today)
    return [
        Span(
            days,
            own=_sum(own, today, days),
            everybody=_sum(everybody, today, days) if many[days] >= FEWEST_IN_AVERAGE else None,
        )
        for days in SPANS
    ]


@transaction.atomic(durable=True)
def roll(*, at: datetime) -> int:
    """Roll up the days that are over, the last ones again; return how many days have figures."""
    today = periods.day_of(at)
    earliest = today - max(SPANS) * DAY
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    last = SupplierDay.objects.filter(supplier=None).aggregate(last=Max("day"))["last"]
    since = max(earliest, last - REPEATED_DAYS * DAY + DAY) if last else earliest
    SupplierDay.objects.filter(day__gte=since, day__lt=today).delete()
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, _bounds(since, today))
    return SupplierDay.objects.filter(supplier=None, day__gte=since).count()


def hours_at(took: Sequence[int], percent: int) -> float | None:
    """Return the hours within which so many in a hundred lie, read evenly within a class.

    What took longer than the last bound counts as just that; None where there is nothing.
    """
    wanted = sum(took) * percent / 100
    if not wanted:
        return None
    reached = list(accumulate(took))
    number = bisect_left(reached, wanted)
    if number == len(BOUNDS_HOURS):
        return float(BOUNDS_HOURS[-1])
    start = BOUNDS_HOURS[number - 1] if number else 0
    within = 1 - (reached[number] - wanted) / took[number]
    return round(start + within * (BOUNDS_HOURS[number] - start), 1)


def _figures(row: SupplierDay) -> Figures:
    return Figures(row.shipped, row.late, row.short, row.cases, tuple(row.took))


def _live(supplier_pk: int, since: date, at: datetime) -> list[tuple[date, Figures]]:
    bounds = _bounds(since, periods.day_of(at) + DAY) | {"supplier": supplier_pk}
    with connection.cursor() as cursor:
        cursor.execute(_LIVE, bounds)
        rows = cursor.fetchall()
    return [
        (day, Figures(shipped, late, short, cases, tuple(took)))
        for day, shipped, late, short, cases, took in rows
    ]


def _bounds(since: date, until: date) -> dict[str, Any]:
    return {
        "since": periods.midnight(since),
        "until": periods.midnight(until),
        "zone": settings.TIME_ZONE,
        "supplier": None,
    }


def _contributors(today: date) -> dict[int, int]:
    """Return how many suppliers shipped something in each span."""
    shipping = SupplierDay.objects.filter(supplier__isnull=False, shipped__gt=0)
    counts = {
        f"in_{days}": Count("supplier", distinct=True, filter=Q(day__gt=today - days * DAY))
        for days in SPANS
    }
    found = shipping.filter(day__gt=today - max(SPANS) * DAY).aggregate(**counts)
    return {days: found[f"in_{days}"] for days in SPANS}


def _sum(rows: Sequence[tuple[date, Figures]], today: date, days: int) -> Figures:
    return sum((one for day, one in rows if day > today - days * DAY), Figures())


def _share_bp(part: int, whole: int) -> int | None:
    return round(part * 10_000 / whole) if whole else None
