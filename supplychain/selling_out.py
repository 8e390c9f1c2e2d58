"""Selling out: where the platform decided so, products without any stock are taken off sale."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from companies import policies
from kit import bulk
from kit.actors import timer
from supplychain import listing

SOLD_OUT = timer("sold-out")

_SOLD_OUT = """
SELECT product.id FROM supplychain_product product
WHERE product.state = 'listed' AND NOT EXISTS (
    SELECT FROM supplychain_sku sku
    JOIN supplychain_stock stock ON stock.sku_id = sku.id
    WHERE sku.product_id = product.id AND sku.offered AND (stock.available > 0 OR EXISTS (
        SELECT FROM supplychain_allotment own WHERE own.sku_id = sku.id AND own.available > 0)))
ORDER BY product.id LIMIT %s
"""


@transaction.atomic(durable=True)
def delist_sold_out(*, at: datetime) -> int:
    """Take listed products off sale of which nothing is left, if the policy says so; return how many.

    Allotted pieces count. Nothing is listed again by itself.
    """
    if not policies.read().delist_at_zero:
        return 0
    pks = [pk for (pk,) in bulk.query(_SOLD_OUT, [listing.MAX_AT_ONCE])]
    changed = listing.delist_within(
        product_pks=pks,
        supplier=None,
        actor=SOLD_OUT,
        at=at,
        reason=_("Sold out: taken off sale by itself"),
    )
    return len(changed)
