"""Stock that is taken again, to ship once more what went wrong: the allotment first, then the pool."""

from datetime import datetime

from django.db import transaction

from kit.actors import Actor
from orders.models import Line
from supplychain import stock
from supplychain.models import Allotment, MovementKind


@transaction.atomic(savepoint=False)
def take(
    *, line: Line, distributor_pk: int, quantity: int, cause: str, actor: Actor, at: datetime
) -> int:
    """Take pieces of a line's sku again, all or none; return how many came from the allotment.

    Locks stock, last in the rank of locks.

    :raises StockInsufficient: there are not enough; nothing was taken.
    """
    allotment = Allotment.objects.filter(sku_id=line.sku_id, distributor=distributor_pk).first()
    locked = stock.lock([line.sku_id], [allotment.pk] if allotment else [])
    pool = locked.pools[line.sku_id].available
    allotted = locked.allotments[allotment.pk].available if allotment else 0
    reachable = pool if allotment is None or allotment.then_pool else 0
    if quantity > allotted + reachable:
        available = allotted + reachable
        raise stock.StockInsufficient(sku_no=line.sku_no, wanted=quantity, available=available)
    first = min(quantity, allotted)
    for allotment_pk, pieces in (
        (allotment.pk if allotment else None, first),
        (None, quantity - first),
    ):
        if pieces:
            locked.change(
                line.sku_id,
                -pieces,
                kind=MovementKind.RESHIP,
                cause=cause,
                allotment_pk=allotment_pk,
            )
    stock.move(locked, at=at, actors=actor)
    return first
