"""From where orders take their pieces: allotments first, then pools, on levels that go down as orders
are decided.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from kit import values
from kit.actors import Actor
from kit.errors import DomainError
from orders.checking import Priced, PricedLine, together
from supplychain import stock
from supplychain.models import MovementKind
from supplychain.offers import Offer

# A pool by its sku, or an allotment by its sku and its own key.
Source = tuple[int, int | None]
Levels = dict[Source, int]


class Draw(values.Value, frozen=True):
    """What a line takes from its allotment and from the pool."""

    line: PricedLine
    from_allotment: int
    from_pool: int

    @property
    def taken(self) -> list[tuple[Source, int]]:
        """The sources it takes from, and how much."""
        offer = self.line.offer
        pool: tuple[Source, int] = ((offer.sku_pk, None), self.from_pool)
        if not self.from_allotment:
            return [pool]
        allotment: tuple[Source, int] = ((offer.sku_pk, offer.allotment_pk), self.from_allotment)
        return [allotment, pool] if self.from_pool else [allotment]


# The number of an order or a hold, who asked for it, and what it draws.
Taking = tuple[str, Actor, Draw]


def seen(offers: Iterable[Offer]) -> Levels:
    """Return the levels as they were read, without a lock."""
    levels: Levels = {}
    for offer in offers:
        levels[offer.sku_pk, None] = offer.pool_available
        if offer.allotment_pk is not None:
            levels[offer.sku_pk, offer.allotment_pk] = offer.allotted
    return levels


def held(locked: stock.Locked, offers: Iterable[Offer]) -> Levels:
    """Return the levels of locked rows."""
    levels: Levels = {}
    for offer in offers:
        levels[offer.sku_pk, None] = locked.pools[offer.sku_pk].available
        if offer.allotment_pk is not None:
            allotment = locked.allotments[offer.allotment_pk]
            levels[offer.sku_pk, offer.allotment_pk] = allotment.available
    return levels


def draw(priced: Priced, levels: Levels) -> list[Draw]:
    """Take what an order needs off the levels, all of it or nothing.

    :raises StockInsufficient: some lines are short; every short one is named in `causes`.
    """
    draws: list[Draw] = []
    short: list[DomainError] = []
    for index, line in enumerate(priced.lines):
        offer, wanted = line.offer, line.wanted.quantity
        own = (offer.sku_pk, offer.allotment_pk)
        allotted = levels[own] if offer.allotment_pk is not None else 0
        pool = levels[offer.sku_pk, None] if offer.then_pool else 0
        if wanted > allotted + pool:
            short.append(
                stock.StockInsufficient(
                    pointer=f"/lines/{index}",
                    line_id=line.wanted.line_id,
                    sku_no=offer.sku_no,
                    wanted=wanted,
                    available=allotted + pool,
                )
            )
            continue
        first = min(wanted, allotted)
        draws.append(Draw(line, first, wanted - first))
        _change(levels, draws[-1:], -1)
    if short:
        _change(levels, draws, +1)
        raise together(short)
    return draws


def give_back(draws: Iterable[Draw], levels: Levels) -> None:
    """Put what an order had taken back on the levels, because it is refused after all."""
    _change(levels, draws, +1)


def fits(draws: Iterable[Draw], levels: Mapping[Source, int]) -> bool:
    """Tell whether the levels cover all draws together."""
    needed: Counter[Source] = Counter()
    for one in draws:
        for source, quantity in one.taken:
            needed[source] += quantity
    return all(levels[source] >= quantity for source, quantity in needed.items())


def take(
    locked: stock.Locked,
    draws: Iterable[Taking],
    *,
    kind: MovementKind = MovementKind.ORDER,
) -> list[Actor]:
    """Move what was drawn, for orders or holds by their number; return who moved it, each time."""
    return _move(locked, draws, kind, -1)


def put_back(locked: stock.Locked, draws: Iterable[Taking]) -> list[Actor]:
    """Move what holds had drawn to where it came from; return who moved it, each time."""
    return _move(locked, draws, MovementKind.LAPSE, +1)


def _move(
    locked: stock.Locked, draws: Iterable[Taking], kind: MovementKind, sign: int
) -> list[Actor]:
    actors: list[Actor] = []
    for number, actor, one in draws:
        for (sku_pk, allotment_pk), quantity in one.taken:
            locked.change(
                sku_pk,
                sign * quantity,
                kind=kind,
                cause=f"{number}/{one.line.wanted.line_id}",
                allotment_pk=allotment_pk,
            )
            actors.append(actor)
    return actors


def _change(levels: Levels, draws: Iterable[Draw], sign: int) -> None:
    for one in draws:
        for source, quantity in one.taken:
            levels[source] += sign * quantity
