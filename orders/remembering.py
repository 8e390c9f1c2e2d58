"""Remembering who ordered what, so that goods can tell whom their changes concern.

Read from the orders after they were placed: placing itself writes nothing for it.
"""

from datetime import datetime, timedelta

from django.db import transaction

from integration import following
from kit import bulk
from supplychain.selecting import ORDERED_DAYS

FOLLOWER = "ordered"
ORDERS = "orders_order"
ORDERS_AT_ONCE = 20_000

# A row is written anew at most once a day.
_NOTE = """
INSERT INTO supplychain_orderedproduct AS known (distributor_id, product_id, ordered_at)
SELECT o.distributor_id, sku.product_id, max(o.placed_at)
FROM orders_order o
JOIN orders_line line ON line.order_id = o.id
JOIN supplychain_sku sku ON sku.id = line.sku_id
WHERE o.id = ANY(%s::bigint[]) AND o.placed_at >= %s
GROUP BY o.distributor_id, sku.product_id
ORDER BY o.distributor_id, sku.product_id
ON CONFLICT (distributor_id, product_id) DO UPDATE SET ordered_at = EXCLUDED.ordered_at
WHERE EXCLUDED.ordered_at > known.ordered_at + interval '1 day'
"""


def note_ordered(*, at: datetime) -> int:
    """Note who ordered what since the last time; return how many orders that were.

    Run by a timer, as often and by as many as you like.
    """
    count = 0
    while noted := _note_some(at):
        count += noted
    return count


@transaction.atomic(durable=True)
def _note_some(at: datetime) -> int:
    position = following.claim(FOLLOWER, ORDERS, from_the_first=True)
    orders = (
        following.advance(position, ORDERS, at_once=ORDERS_AT_ONCE) if position is not None else []
    )
    if orders:
        bulk.execute(_NOTE, [bulk.array(orders), at - timedelta(days=ORDERED_DAYS)])
    return len(orders)


def forget_ordered(*, at: datetime) -> int:
    """Delete what was ordered too long ago to be told of; return how many products of distributors.

    Run by a timer, as often and by as many as you like.
    """
    return bulk.execute(
        "DELETE FROM supplychain_orderedproduct WHERE ordered_at < %s",
        [at - timedelta(days=ORDERED_DAYS)],
    )
