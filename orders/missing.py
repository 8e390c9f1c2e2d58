"""What orders asked for in vain: whoever was refused for want of stock is told at once that none is left.

A shop that ordered what is sold out has missed it, or was too fast; its own copy is put right within
a second. Read from the refusals afterwards: refusing itself writes nothing for it.
"""

from datetime import datetime

from django.db import transaction

from integration import following
from kit import bulk
from supplychain import pushing
from supplychain.pushing import Sought
from supplychain.stock import StockInsufficient

FOLLOWER = "refusals"
REFUSALS = "orders_refusal"

_SOUGHT = """
SELECT DISTINCT refusal.distributor_id, sku.id
FROM orders_refusal refusal
CROSS JOIN LATERAL jsonb_array_elements(refusal.causes) AS cause
JOIN supplychain_sku sku ON sku.sku_no = cause #>> '{values,sku_no}'
WHERE refusal.id = ANY(%s::bigint[]) AND cause ->> 'code' = %s
    AND cause #>> '{values,available}' = '0'
ORDER BY 1, 2
"""


@transaction.atomic(durable=True)
def push_missing(*, at: datetime) -> int:
    """Tell distributors what they were refused for want of stock; return how many events it took."""
    position = following.claim(FOLLOWER, REFUSALS)
    refused = following.advance(position, REFUSALS) if position else []
    if not refused:
        return 0
    rows = bulk.query(_SOUGHT, [bulk.array(refused), StockInsufficient.code])
    return pushing.push_sought([Sought(*row) for row in rows], at=at)
