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
    shelves = _Shelves(line, distributor_pk)
    if quantity > shelves.available:
        raise stock.StockInsufficient(
            sku_no=line.sku_no, wanted=quantity, available=shelves.available
        )
    return shelves.take(quantity, cause, actor, at)


@transaction.atomic(savepoint=False)
def take_if_there(
    *, line: Line, distributor_pk: int, quantity: int, cause: str, actor: Actor, at: datetime
) -> int | None:
    """Do as `take` does; where there are not enough, take nothing and return None."""
    shelves = _Shelves(line, distributor_pk)
    return shelves.take(quantity, cause, actor, at) if quantity <= shelves.available else None


class _Shelves:
    """The pool of a line's sku and the distributor's allotment of it, locked."""

    def __init__(self, line: Line, distributor_pk: int) -> None:
        allotments = Allotment.objects.filter(sku_id=line.sku_id, distributor=distributor_pk)
        self.sku_pk, self.allotment = line.sku_id, allotments.first()
        self.locked = stock.lock([self.sku_pk], [self.allotment.pk] if self.allotment else [])
        pool = self.locked.pools[self.sku_pk].available
        if self.allotment is None:
            self.allotted, self.available = 0, pool
        else:
            self.allotted = self.locked.allotments[self.allotment.pk].available
            self.available = self.allotted + (pool if self.allotment.then_pool else 0)

    def take(self, quantity: int, cause: str, actor: Actor, at: datetime) -> int:
        first = min(quantity, self.allotted)
        shares = ((self.allotment.pk if self.allotment else None, first), (None, quantity - first))
        for allotment_pk, pieces in shares:
            if pieces:
                self.locked.change(
                    self.sku_pk,
                    -pieces,
                    kind=MovementKind.RESHIP,
                    cause=cause,
                    allotment_pk=allotment_pk,
                )
        stock.move(self.locked, at=at, actors=actor)
        return first
