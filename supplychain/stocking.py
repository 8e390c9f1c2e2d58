"""Stock as a supplier's machine says it is: many skus at once, each set or refused for itself."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit import numbers, values
from kit.actors import Actor
from kit.errors import DomainError, NotFound
from suppliers.models import Supplier
from supplychain import stock
from supplychain.models import MAX_STOCK, MovementKind, Sku
from supplychain.stock import Level, StockChanged, StockOutOfRange

MAX_AT_ONCE = 500


class TooManyStocks(DomainError):
    code = "too_many_stocks"
    text = _("At most {limit} skus can be set at once.")


class Wanted(values.Value, frozen=True):
    """What a pool is to hold; with a version only if nobody changed it meanwhile."""

    sku_no: str
    available: int
    expected_version: int | None = None


class Counted(values.Value, frozen=True):
    """What a pool holds now."""

    available: int
    version: int


@transaction.atomic(durable=True)
def set_each(
    *, supplier: Supplier, wanted: Sequence[Wanted], actor: Actor, at: datetime
) -> list[Counted | DomainError]:
    """Set pools of a supplier's skus; return what each holds, or its refusal, in order.

    A refusal is `NotFound`, `StockChanged` or `StockOutOfRange`, and does not fail its neighbours. A
    sku that stands twice is set twice.

    :raises TooManyStocks: more than `MAX_AT_ONCE`.
    """
    if len(wanted) > MAX_AT_ONCE:
        raise TooManyStocks(limit=MAX_AT_ONCE)
    mine = Sku.objects.filter(product__supplier=supplier, offered=True)
    named = mine.filter(sku_no__in={one.sku_no for one in wanted})
    pks = dict(named.values_list("sku_no", "pk"))
    locked = stock.lock(list(pks.values()))
    act = "by-key:" + numbers.unguessable(12)
    outcomes: list[Counted | DomainError] = []
    for index, one in enumerate(wanted):
        try:
            # A cause of its own for each, because a sku may stand twice.
            outcomes.append(_set(locked, pks.get(one.sku_no), one, f"{act}/{index}"))
        except DomainError as refusal:
            outcomes.append(refusal)
    stock.move(locked, at=at, actors=actor)
    return outcomes


def _set(locked: stock.Locked, sku_pk: int | None, one: Wanted, cause: str) -> Counted:
    if sku_pk is None:
        raise NotFound
    level = locked.pools[sku_pk]
    _check(level, one)
    if one.available != level.available:
        quantity = one.available - level.available
        locked.change(sku_pk, quantity, kind=MovementKind.SET, cause=cause)
    return Counted(available=level.available, version=level.version)


def _check(level: Level, one: Wanted) -> None:
    if one.expected_version is not None and one.expected_version != level.version:
        raise StockChanged(version=level.version, available=level.available)
    if not 0 <= one.available <= MAX_STOCK:
        raise StockOutOfRange(limit=MAX_STOCK, available=one.available)
