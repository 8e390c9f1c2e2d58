"""Days off as people write them: `2026-10-01`, or from the first to the last `2026-10-01..2026-10-07`."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.utils import timezone

DAY = timedelta(days=1)
MAX_SPANS = 60
MAX_DAYS_OF_A_SPAN = 31


def days(spans: Iterable[str]) -> frozenset[date]:
    """Return every day that some spans cover.

    :raises ValueError: one of them is no day and no span of at most MAX_DAYS_OF_A_SPAN days, or there
        are more than MAX_SPANS.
    """
    return _days(tuple(spans))


def after(at: datetime, hours: int, off: frozenset[date]) -> datetime:
    """Return the moment `hours` after another, in which days off (Asia/Shanghai) do not count."""
    left = timedelta(hours=hours)
    if not off:
        return at + left
    while True:
        midnight = _midnight_after(at)
        if _day(at) not in off:
            if left <= midnight - at:
                return at + left
            left -= midnight - at
        at = midnight


@lru_cache(maxsize=16)
def _days(spans: tuple[str, ...]) -> frozenset[date]:
    if len(spans) > MAX_SPANS:
        raise ValueError(len(spans))
    return frozenset(day for span in spans for day in _of_span(span))


def _of_span(span: str) -> list[date]:
    first_text, _dots, last_text = span.partition("..")
    first = date.fromisoformat(first_text)
    last = date.fromisoformat(last_text or first_text)
    count = (last - first).days + 1
    if not 1 <= count <= MAX_DAYS_OF_A_SPAN:
        raise ValueError(span)
    return [first + DAY * place for place in range(count)]


def _day(at: datetime) -> date:
    return at.astimezone(timezone.get_default_timezone()).date()


def _midnight_after(at: datetime) -> datetime:
    return datetime.combine(_day(at) + DAY, time.min, timezone.get_default_timezone())
