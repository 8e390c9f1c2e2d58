"""Periods of settlement: whole days of Asia/Shanghai, by a supplier's cycle."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from suppliers.models import Cycle

DAY = timedelta(days=1)
WEEK_DAYS = 7
HALF = 15


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From one day to another, both of them included."""

    first: date
    last: date

    @property
    def ends_at(self) -> datetime:
        """The first moment that is no longer in it."""
        return midnight(self.last + DAY)

    def __str__(self) -> str:
        return f"{self.first:%Y-%m-%d}…{self.last:%Y-%m-%d}"


def midnight(day: date) -> datetime:
    """Return when a day begins in Asia/Shanghai."""
    return datetime.combine(day, time.min, timezone.get_default_timezone())


def day_of(moment: datetime) -> date:
    """Return the day of Asia/Shanghai on which something happened."""
    return timezone.localtime(moment, timezone.get_default_timezone()).date()


def containing(day: date, cycle: str) -> Period:
    """Return the period of a cycle in which a day lies; who asks for bills has none of his own.

    >>> containing(date(2026, 11, 22), Cycle.HALF_MONTHLY)
    Period(first=datetime.date(2026, 11, 16), last=datetime.date(2026, 11, 30))
    """
    if cycle == Cycle.WEEKLY:
        first = day - day.weekday() * DAY
        return Period(first, first + (WEEK_DAYS - 1) * DAY)
    last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    if cycle == Cycle.HALF_MONTHLY:
        if day.day <= HALF:
            return Period(day.replace(day=1), day.replace(day=HALF))
        return Period(day.replace(day=HALF + 1), last)
    return Period(day.replace(day=1), last)


def closed(cycle: str, *, since: date, today: date) -> Iterator[Period]:
    """Yield the periods of a cycle from a day on that are over today, oldest first."""
    period = containing(since, cycle)
    while period.last < today:
        yield period
        period = containing(period.last + DAY, cycle)
