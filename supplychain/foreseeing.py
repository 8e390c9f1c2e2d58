"""What a change of rates or levels would do to prices, before it is decided.

Prices come from `pricing`, visibility from `offers`: what is foreseen is what will be asked. The
same prices of a product are computed once, and no more than `MAX_SKUS` skus are looked at.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from django.db import models
from django.db.models.expressions import RawSQL

from distributors.models import Distributor, DistributorState, Level
from kit.money import BASIS_POINTS
from supplychain import offers, pricing
from supplychain.models import Product, ProductState, RateOverride, Sku

MAX_SKUS = 20_000
WORST = 10
_ANY_SEES = f"""
EXISTS (SELECT FROM distributors_distributor buyer
    WHERE buyer.id = ANY(%s) AND ({offers.OFFERED.format(distributor="buyer.id")}))
"""

Priced = Callable[[int, int, int], pricing.Price]


@dataclass(frozen=True)
class Rates:
    """What the service fee follows: a level's rate, and products' own rates for that level."""

    level_pk: int
    fee_rate_bp: int
    # By product: its own rate instead of what is written; None takes it away.
    own: Mapping[int, int | None]


@dataclass(frozen=True)
class Move:
    """So many distributors pay by other rates than before."""

    distributor_pks: Sequence[int]
    before: Rates
    after: Rates


@dataclass(frozen=True)
class Case:
    """A sku, and what a unit of it costs before and after; `change_bp` is of the price before."""

    sku: Sku
    before_fen: int
    after_fen: int
    change_bp: int


@dataclass(frozen=True)
class Effect:
    """How many would be concerned, the average change of a price, and the largest ones.

    `more` says that there are skus beyond those that were looked at.
    """

    distributors: int
    skus: int
    more: bool
    average_bp: int
    changed: int
    largest: Sequence[Case]


def of_rate(level: Level, fee_rate_bp: int) -> Effect:
    """Foresee another rate of a level."""
    before = Rates(level.pk, level.fee_rate_bp, {})
    after = replace(before, fee_rate_bp=fee_rate_bp)
    return _effect([Move(_on([level.pk]).get(level.pk, []), before, after)])


def of_assignment(distributors: Iterable[Distributor], level: Level) -> Effect:
    """Foresee that distributors are put on a level; they come with theirs."""
    levels: dict[int, Level] = {}
    pks: dict[int, list[int]] = {}
    for one in distributors:
        levels[one.level_id] = one.level
        pks.setdefault(one.level_id, []).append(one.pk)
    after = Rates(level.pk, level.fee_rate_bp, {})
    return _effect(
        [Move(pks[pk], Rates(pk, levels[pk].fee_rate_bp, {}), after) for pk in sorted(pks)]
    )


def of_own_rates(product: Product, rates: Mapping[Level, int | None]) -> Effect:
    """Foresee other rates of a product's own for some levels; None is the level's rate again."""
    on = _on([level.pk for level in rates])
    moves = []
    for level, rate_bp in rates.items():
        before = Rates(level.pk, level.fee_rate_bp, {})
        after = replace(before, own={product.pk: rate_bp})
        moves.append(Move(on.get(level.pk, []), before, after))
    return _effect(moves, product=product)


def _on(level_pks: Collection[int]) -> dict[int, list[int]]:
    """Return who is on these levels, without those that are closed."""
    rows = Distributor.objects.filter(level_id__in=level_pks)
    found: dict[int, list[int]] = {}
    open_ones = rows.exclude(state=DistributorState.CLOSED).order_by("pk")
    for pk, level_pk in open_ones.values_list("pk", "level_id"):
        found.setdefault(level_pk, []).append(pk)
    return found


def _effect(moves: Sequence[Move], *, product: Product | None = None) -> Effect:
    buyers = [pk for move in moves for pk in move.distributor_pks]
    rows = _seen_by(buyers, product)
    own = _own_rates(moves, {row[1] for row in rows[:MAX_SKUS]})
    priced: Priced = lru_cache(maxsize=MAX_SKUS)(pricing.price)
    total_bp = weight = changed = 0
    cases: dict[int, tuple[int, int, int]] = {}
    for sku_pk, product_pk, supply_fen, markup_fen in rows[:MAX_SKUS]:
        for move in moves:
            count = len(move.distributor_pks)
            before_bp = _rate(move.before, product_pk, own)
            after_bp = _rate(move.after, product_pk, own)
            before = priced(supply_fen, markup_fen, before_bp).agreement_price_fen
            after = priced(supply_fen, markup_fen, after_bp).agreement_price_fen
            change_bp = _share(after - before, before)
            total_bp, weight = total_bp + change_bp * count, weight + count
            if count and abs(change_bp) > abs(cases.get(sku_pk, (0, 0, 0))[2]):
                cases[sku_pk] = (before, after, change_bp)
        changed += sku_pk in cases
    return Effect(
        distributors=len(buyers),
        skus=min(len(rows), MAX_SKUS),
        more=len(rows) > MAX_SKUS,
        average_bp=_rounded(total_bp, weight),
        changed=changed,
        largest=_largest(cases),
    )


def _seen_by(buyers: Sequence[int], product: Product | None) -> list[tuple[int, int, int, int]]:
    """Return the skus that any of these distributors sees listed: key, product, and price parts."""
    if not buyers:
        return []
    seen = RawSQL(_ANY_SEES, [list(buyers)], output_field=models.BooleanField())  # noqa: S611
    rows = Sku.objects.filter(seen, offered=True, product__state=ProductState.LISTED)
    if product is not None:
        rows = rows.filter(product=product)
    found = rows.order_by("pk").values_list("pk", "product_id", "supply_price_fen", "markup_fen")
    return list(found[: MAX_SKUS + 1])


def _own_rates(moves: Sequence[Move], products: Collection[int]) -> dict[tuple[int, int], int]:
    level_pks = {rates.level_pk for move in moves for rates in (move.before, move.after)}
    rows = RateOverride.objects.filter(level_id__in=level_pks, product_id__in=products)
    return {(row.product_id, row.level_id): row.fee_rate_bp for row in rows}


def _rate(rates: Rates, product_pk: int, own: Mapping[tuple[int, int], int]) -> int:
    """Return the rate that holds: the product's own for the level wins, as in `offers`."""
    written = own.get((product_pk, rates.level_pk))
    rate_bp = rates.own.get(product_pk, written)
    return rates.fee_rate_bp if rate_bp is None else rate_bp


def _largest(cases: Mapping[int, tuple[int, int, int]]) -> list[Case]:
    chosen = sorted(cases, key=lambda pk: (-abs(cases[pk][2]), pk))[:WORST]
    skus = Sku.objects.select_related("product").in_bulk(chosen)
    return [Case(skus[pk], *cases[pk]) for pk in chosen]


def _share(change_fen: int, of_fen: int) -> int:
    return _rounded(change_fen * BASIS_POINTS, of_fen)


def _rounded(amount: int, parts: int) -> int:
    """Divide, half away from zero; nothing has no change."""
    if not parts:
        return 0
    half_up = (2 * abs(amount) + parts) // (2 * parts)
    return half_up if amount >= 0 else -half_up
