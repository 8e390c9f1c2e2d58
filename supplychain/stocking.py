"""Stock as a supplier says it is: many skus at once, each set, added to or refused for itself."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit import numbers, values
from kit.actors import Actor
from kit.errors import DomainError, NotFound
from suppliers.models import Supplier
from supplychain import stock
from supplychain.models import MAX_STOCK, Movement, MovementKind, Sku
from supplychain.stock import Level, StockChanged, StockInsufficient, StockOutOfRange

MAX_AT_ONCE = 500


class TooManyStocks(DomainError):
    code = "too_many_stocks"
    text = _("At most {limit} skus can be set at once.")


class Wanted(values.Value, frozen=True):
    """What a pool is to hold; with a version only if nobody changed it meanwhile."""

    sku_no: str
    available: int
    expected_version: int | None = None


class Added(values.Value, frozen=True):
    """What came into a pool, or with a negative quantity left it."""

    sku_no: str
    quantity: int


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
    sku that stands twice is set twice. What this actor has set before, over the version that it
    expects, is not set again: that is no refusal, whatever has changed since.

    :raises TooManyStocks: more than `MAX_AT_ONCE`.
    """
    outcomes = _each(supplier, wanted, _set, way="by-key", actor=actor, at=at)
    return _recognised(wanted, outcomes, supplier, actor)


@transaction.atomic(durable=True)
def count_each(
    *, supplier: Supplier, wanted: Sequence[Wanted], actor: Actor, at: datetime
) -> list[Counted | DomainError]:
    """Do as `set_each`, for what people counted.

    :raises TooManyStocks: more than `MAX_AT_ONCE`.
    """
    return _each(supplier, wanted, _set, way="by-hand", actor=actor, at=at)


@transaction.atomic(durable=True)
def add_each(
    *, supplier: Supplier, added: Sequence[Added], actor: Actor, at: datetime
) -> list[Counted | DomainError]:
    """Add to pools of a supplier's skus; return what each holds, or its refusal, in order.

    A refusal is `NotFound`, `StockInsufficient` or `StockOutOfRange`.

    :raises TooManyStocks: more than `MAX_AT_ONCE`.
    """
    return _each(supplier, added, _add, way="by-hand", actor=actor, at=at)


One = TypeVar("One", Wanted, Added)
Act = Callable[[stock.Locked, int, One, str], None]


def _each(
    supplier: Supplier,
    things: Sequence[One],
    act: Act[One],
    *,
    way: str,
    actor: Actor,
    at: datetime,
) -> list[Counted | DomainError]:
    if len(things) > MAX_AT_ONCE:
        raise TooManyStocks(limit=MAX_AT_ONCE)
    mine = Sku.objects.filter(product__supplier=supplier, offered=True)
    pks = dict(mine.filter(sku_no__in={one.sku_no for one in things}).values_list("sku_no", "pk"))
    locked = stock.lock(list(pks.values()))
    cause = f"{way}:{numbers.unguessable(12)}"
    outcomes: list[Counted | DomainError] = []
    for index, one in enumerate(things):
        try:
            pk = pks.get(one.sku_no)
            if pk is None:
                raise NotFound
            # A cause of its own for each, because a sku may stand twice.
            act(locked, pk, one, f"{cause}/{index}")
            level = locked.pools[pk]
            outcomes.append(Counted(available=level.available, version=level.version))
        except DomainError as refusal:
            outcomes.append(refusal)
    stock.move(locked, at=at, actors=actor)
    return outcomes


def _set(locked: stock.Locked, sku_pk: int, one: Wanted, cause: str) -> None:
    level = locked.pools[sku_pk]
    _check(level, one)
    if one.available != level.available:
        quantity = one.available - level.available
        locked.change(sku_pk, quantity, kind=MovementKind.SET, cause=cause)


def _add(locked: stock.Locked, sku_pk: int, one: Added, cause: str) -> None:
    available = locked.pools[sku_pk].available
    if available + one.quantity < 0:
        raise StockInsufficient(sku_no=one.sku_no, wanted=-one.quantity, available=available)
    if available + one.quantity > MAX_STOCK:
        raise StockOutOfRange(limit=MAX_STOCK, available=available + one.quantity)
    if one.quantity:
        locked.change(sku_pk, one.quantity, kind=MovementKind.ADJUST, cause=cause)


def _recognised(
    wanted: Sequence[Wanted],
    outcomes: list[Counted | DomainError],
    supplier: Supplier,
    actor: Actor,
) -> list[Counted | DomainError]:
    """Put what a pool holds now where a refused row was set by this actor before.

    It is known by its movement: the very next version, set by the same actor to the same number.
    That a pool merely holds the number would prove nothing: orders may have brought it there.
    """
    late = [one for one, out in zip(wanted, outcomes, strict=True) if isinstance(out, StockChanged)]
    if not late:
        return outcomes
    sets = Movement.objects.filter(
        sku__product__supplier=supplier,
        sku__sku_no__in={one.sku_no for one in late},
        allotment=None,
        version__in={_next_version(one) for one in late},
        kind=MovementKind.SET,
        actor=str(actor),
    )
    done = set(sets.values_list("sku__sku_no", "version", "balance_after"))
    return [
        Counted(**out.values)
        if isinstance(out, StockChanged) and (one.sku_no, _next_version(one), one.available) in done
        else out
        for one, out in zip(wanted, outcomes, strict=True)
    ]


def _next_version(one: Wanted) -> int:
    assert one.expected_version is not None, one
    return one.expected_version + 1


def _check(level: Level, one: Wanted) -> None:
    if one.expected_version is not None and one.expected_version != level.version:
        raise StockChanged(version=level.version, available=level.available)
    if not 0 <= one.available <= MAX_STOCK:
        raise StockOutOfRange(limit=MAX_STOCK, available=one.available)
