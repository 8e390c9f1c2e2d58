"""Figures of a period, read from rolled-up rows, and from the facts for what is not rolled up yet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings

from books import facts, rollups
from books.models import Subject
from kit import bulk
from suppliers import periods
from suppliers.periods import DAY, Period

TOP = 10
WEEK = 7
_BEGINNING = date(2000, 1, 1)
UNITS = ("day", "week", "month")
# What a row of the best shows.
_SHOWN = (
    "orders",
    "units",
    "sales_fen",
    "refunds_fen",
    "parcels",
    "late_parcels",
    "shipping_seconds",
)
_SHOWN_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in _SHOWN)
_NAMES = ", ".join(facts.MEASURES)


# Where the figures of a time stand: whole months as such, the days around them, what is still open.
_PLACES = (
    ("books_rollup", "span = 'month' AND first_day = ANY(%(months)s::date[])"),
    ("books_rollup", "span = 'day' AND first_day = ANY(%(days)s::date[])"),
    ("figure", "day >= %(first)s AND day <= %(last)s"),
)


def _parts(columns: str, where: str) -> str:
    return " UNION ALL ".join(
        f"SELECT subject_pk, {columns} FROM {table} WHERE {place} AND {where}"
        for table, place in _PLACES
    )


def _best_of_each(span: str, firsts: str) -> str:
    """Return the keys of the products that sold most in each of some months or days."""
    return f"""
    SELECT subject_pk FROM unnest(%({firsts})s::date[]) AS one (first_day)
    CROSS JOIN LATERAL (SELECT subject_pk FROM books_rollup
        WHERE span = '{span}' AND subject = 'product' AND first_day = one.first_day AND sales_fen > 0
        ORDER BY sales_fen DESC LIMIT {TOP}) AS best"""


def _from(span: str, firsts: str) -> str:
    """Return the keys of the products that sold the least that counts in one of some months or days."""
    return f"""
    SELECT subject_pk FROM unnest(%({firsts})s::date[]) AS one (first_day)
    CROSS JOIN LATERAL (SELECT subject_pk FROM books_rollup
        WHERE span = '{span}' AND subject = 'product' AND first_day = one.first_day
            AND sales_fen >= (SELECT fen FROM least_fen)) AS able"""


# Products are many. Of those that were best in some part of the time, the tenth in all came to so much.
# Whoever comes to as much has sold a part of that, by their number, in one of them: only such ones are
# added up, and everybody in what is open.
_PRODUCTS = f"""
early AS MATERIALIZED (
    {_best_of_each("month", "months")} UNION {_best_of_each("day", "days")}),
least_fen AS MATERIALIZED (
    SELECT CASE WHEN count(*) < {TOP} THEN 1 ELSE greatest(1, floor(min(fen)
        / greatest(1, cardinality(%(months)s::date[]) + cardinality(%(days)s::date[]))))::bigint END AS fen
    FROM (SELECT sum(part.sales_fen) AS fen FROM early CROSS JOIN LATERAL (
            {_parts("sales_fen", "subject = 'product' AND subject_pk = early.subject_pk")}) AS part
        GROUP BY early.subject_pk ORDER BY 1 DESC LIMIT {TOP}) AS best),
able AS MATERIALIZED (
    {_from("month", "months")} UNION {_from("day", "days")} UNION
    SELECT subject_pk FROM figure WHERE subject = 'product' AND sales_fen > 0
        AND day >= %(first)s AND day <= %(last)s)
"""


def _top(subject: str) -> str:
    """Return the keys of those of a kind that sold most."""
    return f"""
    (SELECT '{subject}' AS subject, subject_pk
    FROM ({_parts("sales_fen", f"subject = '{subject}' AND sales_fen > 0")}) AS part
    GROUP BY subject_pk
    ORDER BY sum(sales_fen) DESC, subject_pk LIMIT {TOP})"""


_TOP_PRODUCTS = f"""
    (SELECT 'product' AS subject, able.subject_pk FROM able CROSS JOIN LATERAL (
        {_parts("sales_fen", "subject = 'product' AND subject_pk = able.subject_pk")}) AS part
    GROUP BY able.subject_pk
    ORDER BY sum(part.sales_fen) DESC, able.subject_pk LIMIT {TOP})"""
_TOPS = " UNION ALL ".join((_TOP_PRODUCTS, _top(Subject.DISTRIBUTOR), _top(Subject.SUPPLIER)))
_OF_TOP = _parts(", ".join(_SHOWN), "subject = top.subject AND subject_pk = top.subject_pk")
# The days of the platform; what lay before them as one row without a day; then the best.
_READ = f"""
WITH {facts.FIGURES},
whole AS (
    SELECT first_day AS day, {_NAMES} FROM books_rollup
    WHERE span = 'day' AND subject = 'platform' AND first_day < %(open)s AND first_day <= %(last)s
    UNION ALL
    SELECT day, {_NAMES} FROM figure WHERE subject = 'platform' AND day <= %(last)s),
{_PRODUCTS},
top AS MATERIALIZED ({_TOPS}),
best AS (
    SELECT top.subject, top.subject_pk, {_SHOWN_SUMS}
    FROM top CROSS JOIN LATERAL ({_OF_TOP}) AS part GROUP BY top.subject, top.subject_pk)
SELECT 'platform', CASE WHEN day >= %(before)s THEN day END AS day, 0::bigint, '', {facts.SUMS}
FROM whole GROUP BY CASE WHEN day >= %(before)s THEN day END
UNION ALL
SELECT best.subject, NULL, best.subject_pk,
    coalesce(product.item_no || ' ' || product.name, company.name, ''),
    {", ".join(f"best.{name}" if name in _SHOWN else "0" for name in facts.MEASURES)}
FROM best
LEFT JOIN supplychain_product product ON best.subject = 'product' AND product.id = subject_pk
LEFT JOIN distributors_distributor shop ON best.subject = 'distributor' AND shop.id = subject_pk
LEFT JOIN suppliers_supplier source ON best.subject = 'supplier' AND source.id = subject_pk
LEFT JOIN companies_company company ON company.id = coalesce(shop.company_id, source.company_id)
"""


@dataclass(frozen=True, slots=True)
class Sums:
    """What some time came to; amounts in fen."""

    orders: int = 0
    units: int = 0
    sales_fen: int = 0
    freight_fen: int = 0
    supply_fen: int = 0
    fee_fen: int = 0
    markups_fen: int = 0
    refunds_fen: int = 0
    fees_earned_fen: int = 0
    margins_earned_fen: int = 0
    recharged_fen: int = 0
    withdrawn_fen: int = 0
    deposit_change_fen: int = 0
    parcels: int = 0
    late_parcels: int = 0
    shipping_seconds: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        names = (one.name for one in fields(self))
        return Sums(**{name: getattr(self, name) + getattr(other, name) for name in names})

    @property
    def shipping_hours(self) -> float | None:
        """From order to parcel, in the mean; None where nothing was shipped."""
        return self.shipping_seconds / self.parcels / 3600 if self.parcels else None


@dataclass(frozen=True, slots=True)
class Best:
    """One of those that sold most; without a name it is the own stock."""

    pk: int
    name: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Bucket:
    """A day, week or month, or as much of it as lies in the period."""

    period: Period
    sums: Sums
    # What lay on all deposits when it ended.
    deposits_fen: int


@dataclass(frozen=True)
class Figures:
    """A period, the one of the same length before it, and who sold most in it."""

    period: Period
    previous: Period
    before_fen: int
    days: dict[date, Sums]
    best: dict[str, list[Best]] = field(default_factory=dict)

    @property
    def total(self) -> Sums:
        """What the period came to."""
        return self._sum(self.period)

    @property
    def total_before(self) -> Sums:
        """What the one before it came to."""
        return self._sum(self.previous)

    def deposits_fen(self, day: date) -> int:
        """Return what lay on all deposits when a day ended."""
        return self.before_fen + sum(
            sums.deposit_change_fen for one, sums in self.days.items() if one <= day
        )

    def buckets(self, unit: str) -> list[Bucket]:
        """Return the period by day, week or month."""
        groups = groupby(days_of(self.period), lambda day: _begin(day, unit))
        cut = [list(days) for _begin_of_it, days in groups]
        parts = [Period(days[0], days[-1]) for days in cut]
        return [Bucket(part, self._sum(part), self.deposits_fen(part.last)) for part in parts]

    def _sum(self, period: Period) -> Sums:
        found = (self.days.get(day, Sums()) for day in days_of(period))
        return sum(found, start=Sums())


def read(period: Period, *, at: datetime) -> Figures:
    """Return the figures of a period and of the one before it, in two queries."""
    unrolled = rollups.still_open()
    open_day = unrolled.first_day or _BEGINNING
    previous = before(period)
    months = list(_whole_months(period, open_day))
    rows = bulk.query(
        _READ,
        {
            "zone": settings.TIME_ZONE,
            "since": periods.midnight(open_day),
            "until": max(at, periods.midnight(open_day)),
            "from_pk": unrolled.from_pk,
            "open": open_day,
            "before": previous.first,
            "first": period.first,
            "last": period.last,
            "months": months,
            "days": [
                day
                for day in days_of(period)
                if day < open_day and day.replace(day=1) not in months
            ],
        },
    )
    return _figures(period, previous, rows)


def before(period: Period) -> Period:
    """Return the period of the same length that ends where one begins; for a month, the month before.

    >>> before(Period(date(2026, 11, 1), date(2026, 11, 30)))
    Period(first=datetime.date(2026, 10, 1), last=datetime.date(2026, 10, 31))
    """
    last = period.first - DAY
    is_month = period.first.day == 1 and period.last + DAY == _month_after(period.first)
    if is_month:
        return Period(last.replace(day=1), last)
    return Period(last - (period.last - period.first), last)


def days_of(period: Period) -> Iterator[date]:
    """Yield the days of a period."""
    for place in range((period.last - period.first).days + 1):
        yield period.first + place * DAY


def _figures(period: Period, previous: Period, rows: Iterable[tuple[Any, ...]]) -> Figures:
    days: dict[date, Sums] = {}
    best: dict[str, list[Best]] = {}
    before_fen = 0
    for subject, day, pk, name, *values in rows:
        sums = Sums(*values)
        if subject != Subject.PLATFORM:
            best.setdefault(subject, []).append(Best(pk, name, sums))
        elif day is None:
            before_fen = sums.deposit_change_fen
        else:
            days[day] = sums
    for found in best.values():
        found.sort(key=lambda one: (-one.sums.sales_fen, one.pk))
    return Figures(period, previous, before_fen, days, best)


def _begin(day: date, unit: str) -> date:
    if unit == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if unit == "week" else day


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _whole_months(period: Period, open_day: date) -> Iterator[date]:
    """Yield the months of which a period holds all that is rolled up, the running one among them."""
    month = period.first if period.first.day == 1 else _month_after(period.first)
    while month < open_day and min(_month_after(month), open_day) - DAY <= period.last:
        yield month
        month = _month_after(month)
