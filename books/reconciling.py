"""A distributor's own numbers held against ours: what matches, what differs, what one side lacks.

Compared is, order by order, what was charged less what came back in the days named, as they pass in
Asia/Shanghai. An order that comes to nothing on both sides matches. Without days, the orders named
are compared over all time, and nothing can be missing on the other side.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from books.models import Reconciliation, Statement
from distributors.models import Distributor
from kit import bulk, numbers
from kit.actors import Actor
from kit.errors import DomainError, NotFound
from ledger import accounts
from orders.models import Order
from suppliers import periods
from suppliers.periods import DAY, Period

MAX_DAYS = 366
# Numbers of theirs, and orders of ours, in one reconciliation.
MAX_NUMBERS = 50_000
ORDER, TRANSFER = "order", "transfer"
DIFFERING, MISSING_HERE, MISSING_THERE = "differing", "missing_here", "missing_there"

_SIDES = """
(SELECT amount_fen AS fen, * FROM ledger_transfer WHERE credit_id = %(account)s AND id >= %(since)s
UNION ALL
SELECT -amount_fen, * FROM ledger_transfer WHERE debit_id = %(account)s AND id >= %(since)s)
"""
_WITHIN = "part.posted_at >= %(from)s AND part.posted_at < %(until)s"
# What orders came to in some days; a charge is positive.
_ORDERS = f"""
SELECT part.out_order_no, max(part.order_no), -sum(part.fen)::bigint FROM {_SIDES} AS part
WHERE {_WITHIN} AND part.out_order_no <> '' GROUP BY part.out_order_no LIMIT %(limit)s
"""
# What moved without an order, as the deposit felt it.
_OTHERS = f"""
SELECT part.reference, '', sum(part.fen)::bigint FROM {_SIDES} AS part
WHERE {_WITHIN} AND part.out_order_no = '' GROUP BY part.reference LIMIT %(limit)s
"""
_NAMED_ORDERS = """
SELECT own.out_order_no, own.order_no,
    sum(CASE WHEN transfer.debit_id = %(account)s THEN transfer.amount_fen
        WHEN transfer.credit_id = %(account)s THEN -transfer.amount_fen ELSE 0 END)::bigint
FROM unnest(%(numbers)s::text[]) AS named (number)
JOIN orders_order own ON own.distributor_id = %(distributor)s AND own.out_order_no = named.number
JOIN ledger_transfer transfer ON transfer.order_no = own.order_no
GROUP BY own.id
"""
_NAMED_OTHERS = f"""
SELECT part.reference, '', sum(part.fen)::bigint FROM {_SIDES} AS part
WHERE part.out_order_no = '' AND part.reference = ANY(%(numbers)s::text[]) GROUP BY part.reference
"""


class DaysInvalid(DomainError):
    code = "days_invalid"
    text = _("Name a first and a last day, in this order, {limit} days at the most.")


class TooManyNumbers(DomainError):
    code = "too_many_numbers"
    text = _("A reconciliation holds up to {limit} numbers of each side; name fewer days.")


@dataclass(frozen=True, slots=True)
class Difference:
    """A number that does not match: of an order, or the reference of another transfer."""

    kind: str
    of: str
    number: str
    order_no: str
    yours_fen: int | None
    ours_fen: int | None


@dataclass(frozen=True, slots=True)
class _Ours:
    order_no: str
    fen: int


def reconcile(
    *,
    distributor: Distributor,
    period: Period | None,
    orders: Iterable[tuple[str, int]],
    transfers: Iterable[tuple[str, int]] | None = None,
    actor: Actor,
    at: datetime,
) -> Reconciliation:
    """Compare, and keep what came out.

    `orders` are their order numbers, each with the amount in fen that it cost; a number that comes
    several times is summed. `transfers` are references of what moved the deposit without an order,
    positive what came in; None: not compared.

    :raises DaysInvalid: the last day is before the first, or there are too many.
    :raises TooManyNumbers: too many of theirs or ours.
    """
    _check(period)
    theirs = {ORDER: _summed(orders), TRANSFER: _summed(transfers or ())}
    if max(map(len, theirs.values())) > MAX_NUMBERS:
        raise TooManyNumbers(limit=MAX_NUMBERS)
    subjects = (ORDER,) if transfers is None else (ORDER, TRANSFER)
    matched, differences = 0, []
    for of in subjects:
        ours = _ours(of, distributor, period, theirs[of])
        count, found = _compare(of, theirs[of], ours, is_whole=period is not None)
        matched += count
        differences += found
    return _keep(distributor, period, matched, _shown(distributor, differences), actor, at)


def find(*, distributor: Distributor, reconciliation_id: str) -> Reconciliation:
    """Return one of a distributor's reconciliations.

    :raises NotFound: it has none of this number.
    """
    rows = Reconciliation.objects.filter(distributor=distributor)
    found = rows.filter(reconciliation_id=reconciliation_id).first()
    if found is None:
        raise NotFound
    return found


def _check(period: Period | None) -> None:
    if period is None:
        return
    if not 0 <= (period.last - period.first).days < MAX_DAYS:
        raise DaysInvalid(limit=MAX_DAYS)


def _summed(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for number, fen in rows:
        sums[number] += fen
    return dict(sums)


def _ours(
    of: str, distributor: Distributor, period: Period | None, theirs: Mapping[str, int]
) -> dict[str, _Ours]:
    account = accounts.deposit_of(distributor.pk)
    facts: dict[str, Any] = {"account": account.pk, "since": 0, "limit": MAX_NUMBERS + 1}
    if period is None:
        facts |= {"numbers": bulk.array(theirs), "distributor": distributor.pk}
        rows = bulk.query(_NAMED_ORDERS if of == ORDER else _NAMED_OTHERS, facts)
    else:
        facts |= {
            "since": _first_pk(distributor, period.first),
            "from": periods.midnight(period.first),
            "until": period.ends_at,
        }
        rows = bulk.query(_ORDERS if of == ORDER else _OTHERS, facts)
    if len(rows) > MAX_NUMBERS:
        raise TooManyNumbers(limit=MAX_NUMBERS)
    return {number: _Ours(order_no, fen) for number, order_no, fen in rows}


def _first_pk(distributor: Distributor, first: date) -> int:
    """Return a transfer before which nothing was posted on a day or later, by the day's statement."""
    before = Statement.objects.filter(distributor=distributor, day=first - DAY)
    return before.values_list("open_from_pk", flat=True).first() or 0


def _compare(
    of: str, theirs: Mapping[str, int], ours: Mapping[str, _Ours], *, is_whole: bool
) -> tuple[int, list[Difference]]:
    """Return how many match, and the rows that do not."""
    matched, found = 0, []
    for number, fen in theirs.items():
        our = ours.get(number)
        if fen == (our.fen if our else 0):
            matched += 1
        elif our is None:
            found.append(Difference(MISSING_HERE, of, number, "", fen, None))
        else:
            found.append(Difference(DIFFERING, of, number, our.order_no, fen, our.fen))
    if is_whole:
        found += [
            Difference(MISSING_THERE, of, number, our.order_no, None, our.fen)
            for number, our in ours.items()
            if number not in theirs and our.fen
        ]
    return matched, sorted(found, key=lambda one: (one.kind, one.number))


def _shown(
    distributor: Distributor, differences: Sequence[Difference]
) -> list[dict[str, str | int | None]]:
    """Return rows as they are kept; orders that these days miss say when they were placed."""
    missing = [one.number for one in differences if (one.kind, one.of) == (MISSING_HERE, ORDER)]
    rows = Order.objects.filter(distributor=distributor, out_order_no__in=missing)
    elsewhere = {
        row.out_order_no: row for row in rows.only("out_order_no", "order_no", "placed_at")
    }
    return [
        _row(one, elsewhere.get(one.number) if one.of == ORDER else None) for one in differences
    ]


def _row(one: Difference, placed: Order | None) -> dict[str, str | int | None]:
    return {
        "kind": one.kind,
        "out_order_no": one.number if one.of == ORDER else "",
        "reference": one.number if one.of == TRANSFER else "",
        "order_no": placed.order_no if placed else one.order_no,
        "yours_fen": one.yours_fen,
        "ours_fen": one.ours_fen,
        "placed_on": periods.day_of(placed.placed_at).isoformat() if placed else None,
    }


@transaction.atomic(durable=True)
def _keep(
    distributor: Distributor,
    period: Period | None,
    matched: int,
    differences: list[dict[str, str | int | None]],
    actor: Actor,
    at: datetime,
) -> Reconciliation:
    kinds = Counter(str(one["kind"]) for one in differences)
    return Reconciliation.objects.create(
        reconciliation_id=numbers.day_prefix("RC", at) + numbers.unguessable(12),
        distributor=distributor,
        day_from=period.first if period else None,
        day_to=period.last if period else None,
        matched=matched,
        differing=kinds[DIFFERING],
        missing_here=kinds[MISSING_HERE],
        missing_there=kinds[MISSING_THERE],
        differences=differences,
        actor=str(actor),
        made_at=at,
    )
