"""Rolling up: what each closed day and month came to, kept as rows, so that nobody adds up orders.

A day is made anew from its facts whenever a transfer of it was linked into the ledger's chain after
it was rolled up. So the rows agree with the ledger to the fen, however often this is repeated and by
however many at once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Min, Q

from books import facts, statements
from books.models import RolledDay, RollMark
from kit import bulk
from ledger import chaining
from suppliers import periods
from suppliers.periods import DAY

# What nobody else locks by.
_LOCK = 4_171_005
# Transfers of one moment are under way with keys that lie no further apart.
SLACK = 10_000

# The first time a whole ledger is read; a night only reads what is new.
_SETTINGS = "SET LOCAL work_mem = '64MB'; SET LOCAL statement_timeout = '30min'"
_POSITION = "SELECT coalesce(max(position), 0) FROM ledger_link"
# Over which days the transfers go that were linked since.
_TOUCHED = """
SELECT DISTINCT (transfer.posted_at AT TIME ZONE %s)::date FROM ledger_link link
JOIN ledger_transfer transfer ON transfer.id = link.transfer_id
WHERE link.position > %s AND link.position <= %s AND transfer.posted_at < %s
"""
_BEGINNING = "SELECT posted_at FROM ledger_transfer ORDER BY id LIMIT 1"
# Where nothing was posted since, all that is to come has a greater key than what is there.
_FIRST_OPEN = """
SELECT coalesce(min(id) FILTER (WHERE posted_at >= %s), max(id) + 1) FROM ledger_transfer WHERE id >= %s
"""
_NAMES = ", ".join(facts.MEASURES)
_WRITE_DAYS = f"""
WITH {facts.FIGURES}
INSERT INTO books_rollup (span, first_day, subject, subject_pk, {_NAMES})
SELECT 'day', day, subject, subject_pk, {_NAMES} FROM figure WHERE day = ANY(%(days)s::date[])
"""
_WRITE_MONTH = f"""
INSERT INTO books_rollup (span, first_day, subject, subject_pk, {_NAMES})
SELECT 'month', %s::date, subject, subject_pk, {facts.SUMS} FROM books_rollup
WHERE span = 'day' AND first_day >= %s::date AND first_day < %s::date + interval '1 month'
GROUP BY subject, subject_pk
"""
_NOTE_DAYS = """
INSERT INTO books_rolledday (day, first_transfer_pk, last_transfer_pk, rolled_at)
SELECT given.day, found.first_pk, found.last_pk, %(at)s
FROM unnest(%(days)s::date[]) AS given (day)
LEFT JOIN (SELECT (posted_at AT TIME ZONE %(zone)s)::date AS day, min(id) AS first_pk,
        max(id) AS last_pk FROM ledger_transfer
    WHERE id >= %(from_pk)s AND posted_at >= %(since)s AND posted_at < %(until)s
    GROUP BY 1) AS found USING (day)
ON CONFLICT (day) DO UPDATE SET first_transfer_pk = excluded.first_transfer_pk,
    last_transfer_pk = excluded.last_transfer_pk, rolled_at = excluded.rolled_at
"""
# What was linked since is added; each transfer stands at one place of the chain, and counts once.
_ADD_FLOWS = """
INSERT INTO books_flow AS flow (day, debit_kind, credit_kind, amount_fen, transfers)
SELECT (transfer.posted_at AT TIME ZONE %s)::date, debit.kind, credit.kind,
    sum(transfer.amount_fen)::bigint, count(*)
FROM ledger_link link JOIN ledger_transfer transfer ON transfer.id = link.transfer_id
JOIN ledger_account debit ON debit.id = transfer.debit_id
JOIN ledger_account credit ON credit.id = transfer.credit_id
WHERE link.position > %s AND link.position <= %s GROUP BY 1, 2, 3
ON CONFLICT (day, debit_kind, credit_kind) DO UPDATE
SET amount_fen = flow.amount_fen + excluded.amount_fen,
    transfers = flow.transfers + excluded.transfers
"""
_NOTE_MARK = """
UPDATE books_rollmark SET position = greatest(position, %s), open_from_pk = greatest(open_from_pk, %s)
"""


@dataclass(frozen=True, slots=True)
class Open:
    """What is not rolled up: from which day, and the key below which none of its transfers lies."""

    first_day: date | None
    from_pk: int


def roll(*, at: datetime) -> list[date]:
    """Roll up every day that is over and is not yet, and those of late transfers; return them.

    Safe to repeat and to run by many at once.
    """
    chaining.link(at=at)
    until = statements.last_day(at)
    mark = _mark()
    [(position,)] = bulk.query(_POSITION)
    days = _due(mark, position, until)
    for month, group in groupby(days, lambda day: day.replace(day=1)):
        _roll(month, list(group), mark=mark, at=at)
    _note(mark, position, until)
    _add_flows(position)
    return days


def still_open() -> Open:
    """Return what has to be read from the facts themselves."""
    mark = RollMark.objects.first() or RollMark()
    last = RolledDay.objects.aggregate(day=Max("day"))["day"]
    return Open(last + DAY if last else None, max(mark.open_from_pk - SLACK, 0))


def keys_of(first: date, last: date) -> str:
    """Return between which keys the transfers of some days lie, as `12..345`; an end may be open.

    A list of transfers has no index by time: by its keys it is found as fast.
    """
    known = RolledDay.objects.filter(day__gte=first, day__lte=last)
    found = known.aggregate(
        low=Min("first_transfer_pk"), high=Max("last_transfer_pk"), end=Max("day")
    )
    high = found["high"] if found["end"] == last else None
    return f"{found['low'] or ''}..{high or ''}"


def last_key(day: date) -> int | None:
    """Return the key after which no transfer of a day or of one before it lies; None if that is open."""
    known = RolledDay.objects.aggregate(
        last=Max("day"), key=Max("last_transfer_pk", filter=Q(day__lte=day))
    )
    if known["last"] is None or day >= known["last"]:
        return None
    return known["key"] or 0


def _mark() -> RollMark:
    return RollMark.objects.get_or_create(pk=1)[0]


@transaction.atomic(durable=True)
def _due(mark: RollMark, position: int, until: date) -> list[date]:
    bulk.execute(_SETTINGS)
    end = periods.midnight(until + DAY)
    late = bulk.query(_TOUCHED, [settings.TIME_ZONE, mark.position, position, end])
    days = {day for (day,) in late}
    last = RolledDay.objects.aggregate(day=Max("day"))["day"]
    days.update(_following(last, days, until))
    return sorted(days)


def _following(last: date | None, touched: Iterable[date], until: date) -> Iterator[date]:
    """Yield the days after those that are rolled up; the first time, from the first transfer on."""
    if last is None:
        if not (found := bulk.query(_BEGINNING)):
            return
        last = min([periods.day_of(found[0][0]), *touched]) - DAY
    for place in range((until - last).days):
        yield last + DAY * (place + 1)


@transaction.atomic(durable=True)
def _roll(month: date, days: list[date], *, mark: RollMark, at: datetime) -> None:
    """Make some days of a month anew, and the month from all of its days."""
    bulk.execute(_SETTINGS)
    bulk.query("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    known = RolledDay.objects.filter(day__gte=days[0]).exists()
    facts_of: dict[str, Any] = {
        "zone": settings.TIME_ZONE,
        "since": periods.midnight(days[0]),
        "until": periods.midnight(days[-1] + DAY),
        # Of a day that was rolled up before, a late transfer may lie anywhere.
        "from_pk": 0 if known else max(mark.open_from_pk - SLACK, 0),
        "days": days,
        "at": at,
    }
    bulk.execute(
        "DELETE FROM books_rollup WHERE (span = 'day' AND first_day = ANY(%(days)s::date[]))"
        " OR (span = 'month' AND first_day = %(month)s)",
        {"days": days, "month": month},
    )
    bulk.execute(_WRITE_DAYS, facts_of)
    bulk.execute(_WRITE_MONTH, [month, month, month])
    bulk.execute(_NOTE_DAYS, facts_of)


@transaction.atomic(durable=True)
def _add_flows(position: int) -> None:
    """Add to the flows what was linked up to a place in the chain, once whoever else does the same."""
    bulk.execute(_SETTINGS)
    mark = RollMark.objects.select_for_update(no_key=True).get(pk=1)
    if position > mark.flows_position:
        bulk.execute(_ADD_FLOWS, [settings.TIME_ZONE, mark.flows_position, position])
        mark.flows_position = position
        mark.save(update_fields=["flows_position"])


def _note(mark: RollMark, position: int, until: date) -> None:
    """Remember how far was read."""
    end = periods.midnight(until + DAY)
    [(first_open,)] = bulk.query(_FIRST_OPEN, [end, max(mark.open_from_pk - SLACK, 0)])
    bulk.execute(_NOTE_MARK, [position, first_open or 0])
