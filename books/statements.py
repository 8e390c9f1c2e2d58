"""Statements: each distributor's day, closed for ever into a CSV and a JSON that equal the ledger.

A day closes some minutes after midnight in Asia/Shanghai, one after the other, days without a
transfer too: so whoever adds them up finds every transfer once and no day missing. What is linked
into the ledger's chain only after its day was closed comes onto the next statement, as `late`.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Min, Q
from django.utils.translation import gettext_lazy as _

from books import statement_files
from books.models import Statement
from books.statement_files import Day
from distributors.models import Distributor
from integration import outbox
from kit import bulk
from kit.errors import DomainError, NotFound
from ledger import accounts, chaining, reading
from ledger.models import Account, Link, Transfer
from ledger.reading import Entry, Fact
from suppliers import periods
from suppliers.periods import DAY

# So long after midnight acts that began before it have long ended.
GRACE = timedelta(minutes=10)
# What nobody else locks by: two who close the same distributor do it one after the other.
_LOCK = 4_171_003
WITHOUT_FILES = ("csv", "json")


class DayNotClosed(DomainError):
    code = "day_not_closed"
    text = _("The statement of {day} is made from {closes_at} on.")


@dataclass(frozen=True, slots=True)
class Closed:
    """What closing a day came to, in fen."""

    distributor: str
    day: date
    opening_fen: int
    credited_fen: int
    debited_fen: int
    closing_fen: int
    transfers: int
    csv_sha256: str
    json_sha256: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the statements of a distributor have come to, and where this closing reads to."""

    first_day: date
    opening_fen: int
    open_from_pk: int
    # Up to here in the chain, and before this moment, everything is on a statement.
    stated_position: int
    stated_until: datetime | None
    position: int

    def has_stated(self, fact: Fact) -> bool:
        """Tell whether an earlier statement has it."""
        return (
            self.stated_until is not None
            and fact.position is not None
            and fact.position <= self.stated_position
            and fact.entry.posted_at < self.stated_until
        )

    def takes(self, fact: Fact, until: date) -> bool:
        """Tell whether it comes onto one of the statements up to a day."""
        return (
            fact.position is not None
            and fact.position <= self.position
            and periods.day_of(fact.entry.posted_at) <= until
        )


def run(
    *, at: datetime, day: date | None = None, distributor_pk: int | None = None
) -> list[Closed]:
    """Close every day up to one, yesterday unless it is said; return what had not been closed.

    Safe to repeat and to run by many at once.

    :raises DayNotClosed: the day is not over.
    """
    until = last_day(at) if day is None else day
    if until > last_day(at):
        raise _not_closed(until)
    chaining.link(at=at)
    rows = Distributor.objects.filter(Q() if distributor_pk is None else Q(pk=distributor_pk))
    behind = rows.exclude(statements__day=until).order_by("pk").values_list("pk", flat=True)
    return [one for pk in list(behind) for one in close(distributor_pk=pk, until=until, at=at)]


@transaction.atomic(durable=True)
def close(*, distributor_pk: int, until: date, at: datetime) -> list[Closed]:
    """Close a distributor's days up to one; return those that had not been closed."""
    bulk.query("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, distributor_pk])
    distributor = Distributor.objects.select_related("company").get(pk=distributor_pk)
    account = accounts.deposit_of(distributor_pk)
    place = _place(distributor, account)
    if place.first_day > until:
        return []
    facts = reading.facts(account, since_pk=place.open_from_pk)
    by_day, left = _shared_out(facts, place, until)
    days = list(_days(distributor, place, by_day, until))
    made = [_statement(distributor, day, place, at) for day in days]
    # The last one knows what is still to be stated; for those before, the first transfer will do.
    made[-1].open_from_pk = min(
        left, default=facts[-1].entry.pk + 1 if facts else place.open_from_pk
    )
    Statement.objects.bulk_create(made)
    _tell(distributor, made, at)
    return [_closed(distributor, one) for one in made]


def of_day(*, distributor: Distributor, day: date, at: datetime) -> Statement:
    """Return the statement of a day, closed now if nothing closed it before.

    :raises NotFound: the distributor was not there yet.
    :raises DayNotClosed: the day is not over.
    """
    found = Statement.objects.filter(distributor=distributor, day=day).first()
    if found is not None:
        return found
    if day < _first_day(distributor, accounts.deposit_of(distributor.pk)):
        raise NotFound
    if day > last_day(at):
        raise _not_closed(day)
    run(at=at, day=day, distributor_pk=distributor.pk)
    return Statement.objects.get(distributor=distributor, day=day)


def last_day(at: datetime) -> date:
    """Return the newest day that is over, and may be closed."""
    return periods.day_of(at - GRACE) - DAY


def _place(distributor: Distributor, account: Account) -> _Place:
    last = distributor.statements.order_by("-day").defer(*WITHOUT_FILES).first()
    link = Link.objects.order_by("-position").first()
    position = link.position if link else 0
    if last is None:
        first_day = _first_day(distributor, account)
        return _Place(first_day, 0, 0, 0, None, position)
    return _Place(
        first_day=last.day + DAY,
        opening_fen=last.closing_fen,
        open_from_pk=last.open_from_pk,
        stated_position=last.closed_position,
        stated_until=periods.midnight(last.day + DAY),
        # Another process may have read a longer chain.
        position=max(position, last.closed_position),
    )


def _first_day(distributor: Distributor, account: Account) -> date:
    """Return the day on which a distributor was opened, or money moved before that."""
    sides = Q(credit=account) | Q(debit=account)
    moved_at = Transfer.objects.filter(sides).aggregate(at=Min("posted_at"))["at"]
    opened_at = distributor.company.opened_at
    return periods.day_of(min(opened_at, moved_at) if moved_at else opened_at)


def _shared_out(
    facts: Sequence[Fact], place: _Place, until: date
) -> tuple[Mapping[date, list[Entry]], list[int]]:
    """Return what comes onto which day, and the first transfers of what is left for later."""
    by_day: dict[date, list[Entry]] = defaultdict(list)
    left = []
    for fact in facts:
        if place.has_stated(fact):
            continue
        if place.takes(fact, until):
            by_day[max(periods.day_of(fact.entry.posted_at), place.first_day)].append(fact.entry)
        else:
            left.append(fact.first_pk)
    return by_day, left


def _days(
    distributor: Distributor, place: _Place, by_day: Mapping[date, list[Entry]], until: date
) -> Iterable[Day]:
    balance_fen, day = place.opening_fen, place.first_day
    while day <= until:
        opening_fen = balance_fen
        entries = []
        for entry in by_day.get(day, ()):
            balance_fen += entry.amount_fen
            entries.append(replace(entry, balance_fen=balance_fen))
        yield Day(distributor.number, day, opening_fen, entries)
        day += DAY


def _statement(distributor: Distributor, day: Day, place: _Place, at: datetime) -> Statement:
    csv, json = statement_files.as_csv(day), statement_files.as_json(day)
    return Statement(
        distributor=distributor,
        day=day.day,
        opening_fen=day.opening_fen,
        closing_fen=day.closing_fen,
        credited_fen=day.credited_fen,
        debited_fen=day.debited_fen,
        transfers=len(day.entries),
        closed_position=place.position,
        open_from_pk=place.open_from_pk,
        csv=csv,
        json=json,
        csv_sha256=hashlib.sha256(csv).hexdigest(),
        json_sha256=hashlib.sha256(json).hexdigest(),
        closed_at=at,
    )


def _tell(distributor: Distributor, made: Sequence[Statement], at: datetime) -> None:
    outbox.record(
        [
            outbox.Message(
                partner_pk=distributor.partner_id,
                type="statement.ready",
                object_no=statement.day.isoformat(),
                object_version=1,
                data=document(statement),
            )
            for statement in made
        ],
        at=at,
    )


def document(statement: Statement) -> dict[str, str | int]:
    """Return what a list, and the event, say of a statement."""
    return {
        "date": statement.day.isoformat(),
        "opening_fen": statement.opening_fen,
        "credited_fen": statement.credited_fen,
        "debited_fen": statement.debited_fen,
        "closing_fen": statement.closing_fen,
        "transfers": statement.transfers,
        "csv_sha256": statement.csv_sha256,
        "json_sha256": statement.json_sha256,
    }


def _closed(distributor: Distributor, statement: Statement) -> Closed:
    return Closed(
        distributor=distributor.number,
        day=statement.day,
        opening_fen=statement.opening_fen,
        credited_fen=statement.credited_fen,
        debited_fen=statement.debited_fen,
        closing_fen=statement.closing_fen,
        transfers=statement.transfers,
        csv_sha256=statement.csv_sha256,
        json_sha256=statement.json_sha256,
    )


def _not_closed(day: date) -> DayNotClosed:
    closes_at = periods.midnight(day + DAY) + GRACE
    return DayNotClosed(day=day.isoformat(), closes_at=closes_at.isoformat(sep=" ")[:16])
