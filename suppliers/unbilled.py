"""What suppliers are owed and is on no bill: read from the ledger, of long ago from a count of it.

A supplier that is settled with when it asks may never ask, and all that it ever earned is unbilled.
So what is too old to be joined by anything that is still to be committed is counted once, and read
as one row from then on. Whatever bills or sets free lets go of the count in the same transaction.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from kit import bulk
from ledger import chaining
from suppliers.models import Cycle, Supplier, UnbilledCount

# What a supplier is owed and is on no bill that counts: positive is owed to it. Payments of bills
# are not billed themselves. Each is looked up among the lines by itself: there are years of lines.
_MOVED = """
SELECT moved.id AS transfer_id, moved.fen AS amount_fen, moved.posted_at,
    account.holder AS supplier_pk
FROM suppliers_supplier supplier
{counted}
JOIN ledger_account account ON account.kind = 'payable' AND account.holder = supplier.id
CROSS JOIN LATERAL (
    SELECT id, amount_fen AS fen, posted_at, code FROM ledger_transfer
    WHERE credit_id = account.id AND id >= {since}
    UNION ALL
    SELECT id, -amount_fen, posted_at, code FROM ledger_transfer
    WHERE debit_id = account.id AND id >= {since}) AS moved
WHERE supplier.id = ANY(%(suppliers)s) AND moved.posted_at < %(until)s
    AND moved.code <> 'bill_paid'
    AND (SELECT true FROM suppliers_billline line
        WHERE line.transfer_id = moved.id AND line.live) IS NULL
"""
# Takes `suppliers`, their keys, and `until`; one row for each transfer.
TRANSFERS = _MOVED.format(counted="", since="supplier.open_from_pk")
# A count serves where all of it was posted before the time asked for.
_COUNTED = """
LEFT JOIN suppliers_unbilledcount counted
    ON counted.supplier_id = supplier.id AND counted.newest_at < %(until)s
"""
_UNCOUNTED = _MOVED.format(counted=_COUNTED, since="coalesce(counted.to_pk, supplier.open_from_pk)")
_TOTALS = f"""
SELECT supplier.id, coalesce(counted.transfers, 0) + coalesce(rest.transfers, 0),
    (coalesce(counted.fen, 0) + coalesce(rest.fen, 0))::bigint,
    least(counted.oldest_at, rest.oldest_at)
FROM suppliers_supplier supplier
{_COUNTED}
LEFT JOIN (
    SELECT supplier_pk, count(*) AS transfers, sum(amount_fen) AS fen, min(posted_at) AS oldest_at
    FROM ({_UNCOUNTED}) uncounted GROUP BY supplier_pk) rest ON rest.supplier_pk = supplier.id
WHERE supplier.id = ANY(%(suppliers)s)
"""
# Only as far as nothing is still to be committed.
_END = "SELECT max(id) - %s FROM ledger_transfer"
_COUNT = f"""
INSERT INTO suppliers_unbilledcount AS known
    (supplier_id, to_pk, transfers, fen, oldest_at, newest_at)
SELECT %(supplier)s, %(end)s, count(*), coalesce(sum(amount_fen), 0), min(posted_at), max(posted_at)
FROM ({_UNCOUNTED}) uncounted WHERE transfer_id < %(end)s
ON CONFLICT (supplier_id) DO UPDATE SET
    to_pk = greatest(known.to_pk, EXCLUDED.to_pk),
    transfers = known.transfers + EXCLUDED.transfers,
    fen = known.fen + EXCLUDED.fen,
    oldest_at = least(known.oldest_at, EXCLUDED.oldest_at),
    newest_at = greatest(known.newest_at, EXCLUDED.newest_at)
"""
# Later than anything is posted.
EVER = "infinity"


@dataclass(frozen=True, slots=True)
class Total:
    """How many transfers are on no bill, what they come to, and when the oldest was posted."""

    transfers: int
    fen: int
    oldest_at: datetime | None


def totals(supplier_pks: Collection[int], *, until: datetime | str = EVER) -> dict[int, Total]:
    """Return what suppliers are owed that is on no bill, posted before a time, by supplier."""
    rows = bulk.query(_TOTALS, {"suppliers": list(supplier_pks), "until": until})
    return {pk: Total(transfers, fen, oldest_at) for pk, transfers, fen, oldest_at in rows}


def total(supplier: Supplier, *, until: datetime | str = EVER) -> Total:
    """Return what one supplier is owed that is on no bill."""
    return totals([supplier.pk], until=until)[supplier.pk]


def count_up() -> int:
    """Count what came to be old enough of suppliers that are settled with when they ask.

    Returns how many suppliers that were. Safe to repeat, and for many at once.
    """
    [(end,)] = bulk.query(_END, [chaining.LOOK_BACK])
    if end is None or end <= 0:
        return 0
    waiting = Supplier.objects.filter(cycle=Cycle.ON_REQUEST, open_from_pk__lt=end)
    behind = waiting.exclude(unbilled_count__to_pk__gte=end).order_by("pk")
    pks = list(behind.values_list("pk", flat=True))
    for pk in pks:
        _count_one(pk, end)
    return len(pks)


def forget_count(supplier: Supplier) -> None:
    """Let go of what was counted; part of the act that bills it or sets it free, under its lock."""
    UnbilledCount.objects.filter(supplier=supplier).delete()


@transaction.atomic(durable=True)
def _count_one(supplier_pk: int, end: int) -> None:
    """Under the supplier's lock, so that no bill takes anything meanwhile."""
    Supplier.objects.filter(pk=supplier_pk).locked().get()
    values = {"supplier": supplier_pk, "suppliers": [supplier_pk], "until": EVER, "end": end}
    bulk.execute(_COUNT, values)
