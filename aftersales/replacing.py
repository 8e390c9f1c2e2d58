"""Stock in after-sales: taken to ship again, given back where it was not, restocked after inspection."""

from collections.abc import Mapping

from aftersales import retaking
from aftersales.casework import Work
from aftersales.models import Inspection
from orders import giving_back
from orders.models import Line
from supplychain import stock
from supplychain.models import MAX_STOCK, Movement, MovementKind


def take(work: Work) -> bool:
    """Take the pieces of a case from stock again, the distributor's allotment first.

    Returns whether there were enough; nothing is taken otherwise, nor a second time for one case.
    """
    case = work.case
    if Movement.objects.filter(cause=case.case_no, kind=MovementKind.RESHIP).exists():
        return False
    first = retaking.take_if_there(
        line=work.line,
        distributor_pk=case.distributor_id,
        quantity=case.quantity,
        cause=case.case_no,
        actor=work.actor,
        at=work.at,
    )
    if first is None:
        return False
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
    """Give back what was taken to ship again and is not, as far as there is room; locked last."""
    sku_pk = work.line.sku_id
    locked = stock.lock([sku_pk], [pk for pk in taken if pk is not None])
    for allotment_pk, quantity in taken.items():
        level = locked.pools[sku_pk] if allotment_pk is None else locked.allotments[allotment_pk]
        fitting = max(0, min(quantity, MAX_STOCK - level.available))
        if fitting:
            cause = f"{work.case.case_no}/back"
            locked.change(
                sku_pk, fitting, kind=MovementKind.RESHIP, cause=cause, allotment_pk=allotment_pk
            )
    stock.move(locked, at=work.at, actors=work.actor)


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
    again = max(0, min(quantity - first, MAX_STOCK - locked.pools[line.sku_id].available))
    if again:
        locked.change(line.sku_id, again, kind=MovementKind.RESTOCK, cause=f"{cause}/again")
    stock.move(locked, at=work.at, actors=work.actor)
    giving_back.write([line])
