"""Stock in after-sales: taken to ship again, given back where it was not, restocked after inspection."""

from collections.abc import Mapping

from aftersales.casework import Work
from aftersales.models import Inspection
from orders import giving_back
from orders.models import Line
from supplychain import stock
from supplychain.models import MAX_STOCK, Allotment, Movement, MovementKind


def take(work: Work) -> bool:
    """Take the pieces of a case from stock again, the distributor's allotment first.

    Returns whether there were enough; nothing is taken otherwise, nor a second time for one case.
    """
    case, line = work.case, work.line
    if Movement.objects.filter(cause=case.case_no, kind=MovementKind.RESHIP).exists():
        return False
    allotment = Allotment.objects.filter(sku=line.sku_id, distributor=case.distributor_id).first()
    locked = stock.lock([line.sku_id], [allotment.pk] if allotment else [])
    pool = locked.pools[line.sku_id].available
    first = 0
    if allotment is not None:
        first = min(case.quantity, locked.allotments[allotment.pk].available)
        pool = pool if allotment.then_pool else 0
    if case.quantity - first > pool:
        return False
    shares = {allotment.pk if allotment else None: first, None: case.quantity - first}
    _change(locked, work, shares, sign=-1, cause=case.case_no)
    case.retaken, case.retaken_from_allotment = case.quantity, first
    return True


def let_go(work: Work) -> Mapping[int | None, int]:
    """Forget what was taken to ship again; return it by allotment (None: the pool)."""
    case = work.case
    first, rest = case.retaken_from_allotment, case.retaken - case.retaken_from_allotment
    case.retaken = case.retaken_from_allotment = 0
    moved = Movement.objects.filter(cause=case.case_no, kind=MovementKind.RESHIP)
    allotment_pk = moved.exclude(allotment=None).values_list("allotment", flat=True).first()
    return {allotment_pk: first, None: rest} if first else {None: rest}


def give_back(work: Work, taken: Mapping[int | None, int]) -> None:
    """Give back what was taken to ship again and is not, last in the rank of locks."""
    allotments = [pk for pk in taken if pk is not None]
    locked = stock.lock([work.line.sku_id], allotments)
    _change(locked, work, taken, sign=1, cause=f"{work.case.case_no}/back")


def keep(work: Work) -> int:
    """Make goods that came back the source's own, because they are paid for or exchanged now.

    Returns how many of them the inspection said go into stock: `restock` does that, last.
    """
    case, line = work.case, work.line
    if not case.goods_are_back:
        return 0
    case.goods_are_back = False
    returned = min(line.shipped, line.returned + case.quantity)
    Line.objects.filter(pk=line.pk).update(returned=returned)
    inspection = Inspection.objects.filter(case=case).order_by("pk").last()
    return inspection.restocked if inspection is not None else 0


def restock(work: Work, quantity: int) -> None:
    """Put pieces that came back into stock: the pool's part of the line first."""
    if not quantity:
        return
    line = work.line
    line.refresh_from_db(fields=["restocked"])
    cause = f"{work.case.case_no}/{line.line_id}"
    locked = giving_back.lock([line])
    first = min(quantity, line.quantity - line.restocked)
    giving_back.put(locked, line, first, kind=MovementKind.RESTOCK, cause=cause)
    # A piece that was sent in exchange for one that is back in stock already belongs to no part.
    again = min(quantity - first, MAX_STOCK - locked.pools[line.sku_id].available)
    if again:
        locked.change(line.sku_id, again, kind=MovementKind.RESTOCK, cause=f"{cause}/again")
    stock.move(locked, at=work.at, actors=work.actor)
    giving_back.write([line])


def _change(
    locked: stock.Locked, work: Work, shares: Mapping[int | None, int], *, sign: int, cause: str
) -> None:
    for allotment_pk, quantity in shares.items():
        if quantity:
            locked.change(
                work.line.sku_id,
                sign * quantity,
                kind=MovementKind.RESHIP,
                cause=cause,
                allotment_pk=allotment_pk,
            )
    stock.move(locked, at=work.at, actors=work.actor)
