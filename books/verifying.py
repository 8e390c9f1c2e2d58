"""Proving the books: every invariant as read-only SQL, all of them in one snapshot.

Nothing here knows how the acts work; it reads what they left behind. So it says the same of a
database that was restored, migrated, or written to by hand.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import connection, transaction

from aftersales.models import Case, Claim
from books import invariants
from books.invariants import Check
from companies import policies
from kit import bulk, states
from orders.models import Cancellation, OrderState, Shipment

ROWS_SHOWN = 20
OVERDUE_HOURS = 6
UNNUMBERED_HOURS = 1
# For this one transaction: sums over whole tables need room and time that orders must not take.
_SETTINGS = "SET LOCAL work_mem = '64MB'; SET LOCAL statement_timeout = '30min'"

# The road of an order's header; it only goes on. It may also be called off, and what was received
# may be refunded.
_ROAD = (
    OrderState.PLACED,
    OrderState.PROCESSING,
    OrderState.PARTLY_SHIPPED,
    OrderState.SHIPPED,
    OrderState.RECEIVED,
    OrderState.COMPLETED,
)
_CALLED_OFF = (OrderState.CANCELLED, OrderState.REFUNDED)
# Where a voided parcel leads back to.
_BACK = (
    (OrderState.SHIPPED, OrderState.PARTLY_SHIPPED),
    (OrderState.SHIPPED, OrderState.PROCESSING),
    (OrderState.PARTLY_SHIPPED, OrderState.PROCESSING),
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: how many rows it looked at, how many break it, and the first of them."""

    check: Check
    examined: int
    broken: int
    rows: tuple[Row, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        return self.broken == 0


@dataclass(frozen=True, slots=True)
class Report:
    """What all checks found in one snapshot."""

    at: datetime
    findings: tuple[Finding, ...]
    seconds: float

    @property
    def breaches(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.holds)

    @property
    def clean(self) -> bool:
        return not self.breaches


@transaction.atomic(durable=True)
def verify(*, at: datetime, rows: int = ROWS_SHOWN) -> Report:
    """Check every invariant against one snapshot of the database; `at` decides what is overdue.

    Of each breach so many rows are returned. Reads only, and blocks nobody.
    """
    bulk.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    return look(at=at, rows=rows)


def look(*, at: datetime, rows: int = ROWS_SHOWN) -> Report:
    """Check every invariant as the running transaction sees the database."""
    began = time.perf_counter()
    bulk.execute(_SETTINGS)
    facts = _facts(at)
    examined = _examined(facts)
    findings = tuple(_find(check, facts, rows, examined) for check in invariants.CHECKS)
    return Report(at, findings, time.perf_counter() - began)


def _examined(facts: Mapping[str, Any]) -> dict[str, int]:
    """Count what the checks look at; many look at the same, which is counted once."""
    sources = list(dict.fromkeys(check.examined for check in invariants.CHECKS))
    counts = ", ".join(f"(SELECT count(*) FROM {source})" for source in sources)
    [row] = bulk.query(f"SELECT {counts}", facts)
    return dict(zip(sources, row, strict=True))


def _find(
    check: Check, facts: Mapping[str, Any], rows: int, examined: Mapping[str, int]
) -> Finding:
    began = time.perf_counter()
    limited = f"SELECT count(*) OVER () AS broken_rows, broken.* FROM ({check.broken}) AS broken"
    found = _rows(f"{limited} LIMIT {rows}", facts)
    broken = found[0]["broken_rows"] if found else 0
    for row in found:
        del row["broken_rows"]
    seconds = time.perf_counter() - began
    return Finding(check, examined[check.examined], broken, tuple(found), seconds)


def _rows(sql: str, facts: Mapping[str, Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _facts(at: datetime) -> dict[str, Any]:
    """What the checks' SQL may name: moments, and what the models declare."""
    triggers = [(model._meta.db_table, trigger.get_pgid(model)) for model, trigger in _triggers()]
    return {
        "events_kept_since": at - timedelta(days=policies.read().events_kept_days),
        "overdue_before": at - timedelta(hours=OVERDUE_HOURS),
        "unnumbered_before": at - timedelta(hours=UNNUMBERED_HOURS),
        "trigger_tables": [table for table, _ in triggers],
        "trigger_names": [name for _, name in triggers],
        "constraint_names": _constraints(),
        "case_steps": [":applied", *_drawn(states.transitions_of(Case))],
        "claim_steps": [":applied", *_drawn(states.transitions_of(Claim))],
        "goodwill_steps": _drawn(states.transitions_of(Claim, "goodwill")),
        "cancellation_steps": [":requested", *_drawn(states.transitions_of(Cancellation))],
        "order_steps": [f"{before}:{after}" for before, after in _order_steps()],
        "parcel_steps": [
            ":in_transit",
            # A number that was corrected is no parcel's any more.
            "in_transit:",
            "exception:",
            *_drawn(states.transitions_of(Shipment)),
        ],
    }


def _triggers() -> Iterable[tuple[Any, Any]]:
    return pgtrigger.registered()


def _constraints() -> list[str]:
    return [
        constraint.name
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if not model._meta.proxy
    ]


def _order_steps() -> list[tuple[str, str]]:
    onward = [(a, b) for place, a in enumerate(_ROAD) for b in _ROAD[place + 1 :]]
    called_off = [(a, b) for a in _ROAD[:-2] for b in _CALLED_OFF]
    refunded = (OrderState.RECEIVED, OrderState.REFUNDED)
    return [("", OrderState.PLACED), *onward, *called_off, refunded, *_BACK]


def _drawn(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{before}:{after}" for before, after in pairs]
