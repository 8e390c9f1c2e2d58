"""Remembering who ordered what, so that goods can tell whom their changes concern.

Read from the orders after they were placed: placing itself writes nothing for it.
"""

from datetime import datetime, timedelta

from django.db import transaction

from kit import bulk
from supplychain.selecting import ORDERED_DAYS

ORDERS_AT_ONCE = 20_000

# A mark from before a restore speaks of transactions that this server has yet to see.
_LOCK = """
SELECT id, noted_order, waiting_order, waiting_xmax,
    waiting_xmax <= pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
    waiting_xmax > pg_snapshot_xmax(pg_current_snapshot())::text::bigint
FROM orders_orderedmark ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""
_TOP = """
SELECT COALESCE(max(id), 0), pg_snapshot_xmax(pg_current_snapshot())::text::bigint
FROM orders_order
"""
# A row is written anew at most once a day.
_NOTE = """
INSERT INTO supplychain_orderedproduct AS known (distributor_id, product_id, ordered_at)
SELECT o.distributor_id, sku.product_id, max(o.placed_at)
FROM orders_order o
JOIN orders_line line ON line.order_id = o.id
JOIN supplychain_sku sku ON sku.id = line.sku_id
WHERE o.id > %s AND o.id <= %s AND o.placed_at >= %s
GROUP BY o.distributor_id, sku.product_id
ORDER BY o.distributor_id, sku.product_id
ON CONFLICT (distributor_id, product_id) DO UPDATE SET ordered_at = EXCLUDED.ordered_at
WHERE EXCLUDED.ordered_at > known.ordered_at + interval '1 day'
"""
_MARK = """
UPDATE orders_orderedmark SET noted_order = %s, waiting_order = %s, waiting_xmax = %s WHERE id = %s
"""


@transaction.atomic(durable=True)
def note_ordered(*, at: datetime) -> int:
    """Note who ordered what since the last time; return how many order numbers were gone through.

    Orders are numbered before they are committed, so one with a lower number may come to light
    later: what was read is read again until every transaction is over that could bring such a one.
    Run by a timer, as often and by as many as you like.
    """
    bulk.execute(
        "INSERT INTO orders_orderedmark (id, noted_order, waiting_order, waiting_xmax)"
        " VALUES (1, 0, 0, 0) ON CONFLICT DO NOTHING"
    )
    marks = bulk.query(_LOCK)
    if not marks:
        return 0
    pk, noted, waiting, xmax, over, strange = marks[0]
    [(top, now_xmax)] = bulk.query(_TOP)
    for first in range(noted, top, ORDERS_AT_ONCE):
        last = min(top, first + ORDERS_AT_ONCE)
        bulk.execute(_NOTE, [first, last, at - timedelta(days=ORDERED_DAYS)])
    # Only now: what came to light before they were over was read just now.
    done = max(noted, waiting) if over else noted
    if over or strange:
        waiting, xmax = top, now_xmax
    bulk.execute(_MARK, [done, waiting, xmax, pk])
    return int(top - noted)


def forget_ordered(*, at: datetime) -> int:
    """Delete what was ordered too long ago to be told of; return how many products of distributors.

    Run by a timer, as often and by as many as you like.
    """
    return bulk.execute(
        "DELETE FROM supplychain_orderedproduct WHERE ordered_at < %s",
        [at - timedelta(days=ORDERED_DAYS)],
    )
