"""What a distributor is offered: visible goods with their price, order rules and stock.

Visibility is one rule in SQL (`OFFERED`), used for lists and for orders alike: what a distributor
does not see does not exist for it.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.db.models.expressions import RawSQL

from distributors.models import Distributor, Level
from kit import bulk, values
from supplychain import pricing
from supplychain.models import Product, ProductKind, ProductState, Sku

# Whether the limits of a distributor let it see a product; {distributor} as below.
WITHIN_LIMITS = """
(NOT EXISTS (SELECT FROM supplychain_limit lim
        WHERE lim.distributor_id = {distributor} AND lim.category_id IS NOT NULL)
    OR EXISTS (SELECT FROM supplychain_limit lim
        JOIN supplychain_category allowed ON allowed.id = lim.category_id
        JOIN supplychain_category actual ON actual.id = supplychain_product.category_id
        WHERE lim.distributor_id = {distributor}
        AND (actual.id = allowed.id OR starts_with(actual.path, allowed.path || '/'))))
AND (NOT EXISTS (SELECT FROM supplychain_limit lim
        WHERE lim.distributor_id = {distributor} AND lim.brand_id IS NOT NULL)
    OR EXISTS (SELECT FROM supplychain_limit lim
        WHERE lim.distributor_id = {distributor} AND lim.brand_id = supplychain_product.brand_id))
"""
# {distributor} is an SQL expression for its primary key; the product table goes by its own name.
OFFERED = (
    """
supplychain_product.state = 'listed'
AND (supplychain_product.supplier_id IS NULL OR EXISTS (
    SELECT FROM suppliers_supplier supplier
    WHERE supplier.id = supplychain_product.supplier_id AND supplier.state = 'active'))
AND (NOT supplychain_product.chosen_only OR EXISTS (
    SELECT FROM supplychain_opening opening
    WHERE opening.product_id = supplychain_product.id AND opening.distributor_id = {distributor}))
AND """
    + WITHIN_LIMITS
)

# Cheap to plan, because it is asked for every order: what holds for all distributors alike.
_GOODS = """
SELECT sku.sku_no, sku.id, product.id, product.item_no, product.name, product.kind,
    product.supplier_id, sku.spec, sku.offered AND sku.frozen_at IS NULL, sku.supply_price_fen,
    sku.markup_fen, sku.retail_price_fen, sku.price_version, sku.min_quantity, sku.max_quantity,
    sku.multiple, sku.weight_g, product.freight_template_id, product.ship_within_hours,
    product.allowed_applications, product.regions_not_served, stock.available, stock.version,
    product.aftersale_days, product.chosen_only
FROM supplychain_sku sku
JOIN supplychain_product product ON product.id = sku.product_id
JOIN supplychain_stock stock ON stock.sku_id = sku.id
LEFT JOIN suppliers_supplier supplier ON supplier.id = product.supplier_id
WHERE sku.sku_no = ANY(%s::text[])
"""
_LISTED = """
    AND product.state = 'listed'
    AND (product.supplier_id IS NULL OR supplier.state = 'active')
"""
_TERMS = """
SELECT distributor.id, level.id, level.fee_rate_bp,
    GREATEST(level.price_version, distributor.price_version),
    EXISTS (SELECT FROM supplychain_limit lim WHERE lim.distributor_id = distributor.id)
FROM distributors_distributor distributor
JOIN distributors_level level ON level.id = distributor.level_id
WHERE distributor.id = ANY(%s::bigint[])
"""
_OVERRIDES = """
SELECT product_id, level_id, fee_rate_bp FROM supplychain_rateoverride
WHERE product_id = ANY(%s::bigint[])
"""
_ALLOTMENTS = """
SELECT distributor_id, sku_id, id, available, then_pool, version FROM supplychain_allotment
WHERE sku_id = ANY(%s::bigint[]) AND distributor_id = ANY(%s::bigint[])
"""
# For the few pairs where choosing or a limit has a say, the whole rule is asked.
_VISIBLE = f"""
SELECT wanted.distributor_id, wanted.product_id
FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (distributor_id, product_id)
JOIN supplychain_product ON supplychain_product.id = wanted.product_id
WHERE {OFFERED.format(distributor="wanted.distributor_id")}
"""


class Offer(values.Value, frozen=True):
    """One sku as one distributor is offered it, at one moment."""

    sku_pk: int
    product_pk: int
    sku_no: str
    item_no: str
    name: str
    kind: str
    supplier_pk: int | None
    spec_text: str
    on_sale: bool
    price: pricing.Price
    retail_price_fen: int | None
    price_version: int
    min_quantity: int
    max_quantity: int | None
    multiple: int
    weight_g: int
    freight_template_pk: int | None
    ship_within_hours: int | None
    aftersale_days: int | None
    allowed_applications: tuple[str, ...] | None
    regions_not_served: tuple[str, ...]
    pool_available: int
    stock_version: int
    allotment_pk: int | None
    allotted: int
    then_pool: bool

    @property
    def available(self) -> int:
        """Pieces this distributor could order: its allotment, and the pool if it may use it."""
        return self.allotted + (self.pool_available if self.then_pool else 0)


# A sku as a distributor asks for it: the distributor's key and the public number.
Asked = tuple[int, str]


def find(asked: Iterable[Asked]) -> dict[Asked, Offer]:
    """Return the offer for each (distributor, sku_no) that is visible; others are left out."""
    pairs = list(dict.fromkeys(asked))
    sku_nos = bulk.array({no for _, no in pairs})
    goods = {row[0]: row for row in bulk.query(_GOODS + _LISTED, [sku_nos], planned=True)}
    buyers = bulk.array({pk for pk, _ in pairs})
    terms = {row[0]: _Terms(*row[1:]) for row in bulk.query(_TERMS, [buyers], planned=True)}
    known = [pair for pair in pairs if pair[0] in terms and pair[1] in goods]
    if not known:
        return {}
    products = bulk.array({row[2] for row in goods.values()})
    overrides = bulk.query(_OVERRIDES, [products], planned=True)
    rates = {row[:2]: row[2] for row in overrides}
    skus = bulk.array({row[1] for row in goods.values()})
    own = bulk.query(_ALLOTMENTS, [skus, buyers], planned=True)
    allotments = {row[:2]: row[2:] for row in own}
    hidden = _hidden(known, goods, terms)
    return {
        (buyer, sku_no): _offer(
            goods[sku_no],
            terms[buyer],
            rates.get((goods[sku_no][2], terms[buyer].level_pk)),
            allotments.get((buyer, goods[sku_no][1])),
        )
        for buyer, sku_no in known
        if (buyer, sku_no) not in hidden
    }


def promised(sku_nos: Iterable[str]) -> dict[str, Offer]:
    """Return goods as they are now, whatever has become of them since they were promised.

    Their price is before any fee, and no allotment is named: the promise knows both.
    """
    rows = bulk.query(_GOODS, [bulk.array(sku_nos)])
    return {row[0]: _offer(row, _NO_TERMS, None, None) for row in rows}


def offered_to(distributor: Distributor) -> models.QuerySet[Product]:
    """Return the products a distributor sees."""
    sql = OFFERED.format(distributor="%s")
    visible = RawSQL(  # noqa: S611
        f"({sql})", [distributor.pk] * sql.count("%s"), output_field=models.BooleanField()
    )
    # The condition names the state too, so that the planner may use its index.
    return Product.objects.filter(visible, state=ProductState.LISTED)


def prices_of(
    distributor: Distributor, skus: Iterable[Sku]
) -> dict[int, tuple[pricing.Price, int]]:
    """Return the price and its version of each sku for a distributor, by the sku's key.

    The skus come with their product's `rate_overrides` prefetched.
    """
    return {sku.pk: _price_of(distributor, sku) for sku in skus}


def _price_of(distributor: Distributor, sku: Sku) -> tuple[pricing.Price, int]:
    level = distributor.level
    version = max(sku.price_version, level.price_version, distributor.price_version)
    return price_on(level, sku), version


def price_on(level: Level, sku: Sku) -> pricing.Price:
    """Return what a unit costs on a level: the product's own rate for it wins over the level's.

    The sku comes with its product's `rate_overrides` prefetched.
    """
    own = (o for o in sku.product.rate_overrides.all() if o.level_id == level.pk)
    rate_bp = next((override.fee_rate_bp for override in own), level.fee_rate_bp)
    return pricing.price(sku.supply_price_fen, sku.markup_fen, rate_bp)


class _Terms(values.Value, frozen=True):
    """What a distributor brings along: its level's rate, and whether limits narrow its sight."""

    level_pk: int
    fee_rate_bp: int
    price_version: int
    limited: bool


Row = tuple[Any, ...]
_NO_TERMS = _Terms(0, 0, 0, limited=False)


def _hidden(
    pairs: Iterable[Asked], goods: Mapping[str, Row], terms: Mapping[int, _Terms]
) -> set[Asked]:
    """Return the pairs that the whole rule of visibility takes away."""
    doubtful = [
        (buyer, sku_no) for buyer, sku_no in pairs if goods[sku_no][-1] or terms[buyer].limited
    ]
    if not doubtful:
        return set()
    products = [goods[sku_no][2] for _, sku_no in doubtful]
    seen = set(bulk.query(_VISIBLE, [bulk.array(pk for pk, _ in doubtful), bulk.array(products)]))
    return {
        pair
        for pair, product_pk in zip(doubtful, products, strict=True)
        if (pair[0], product_pk) not in seen
    }


def _offer(row: Row, terms: _Terms, override_bp: int | None, allotment: Row | None) -> Offer:
    (
        sku_no, sku_pk, product_pk, item_no, name, kind, supplier_pk, spec, offered, supply_fen,
        markup_fen, retail_fen, price_version, min_quantity, max_quantity, multiple, weight_g,
        freight_pk, hours, applications, not_served, available, stock_version,
        aftersale_days, _chosen_only,
    ) = row  # fmt: skip
    allotment_pk, allotted, then_pool, allotment_version = allotment or (None, 0, True, 0)
    rate_bp = terms.fee_rate_bp if override_bp is None else override_bp
    return Offer(
        sku_pk=sku_pk,
        product_pk=product_pk,
        sku_no=sku_no,
        item_no=item_no,
        name=name,
        kind=kind,
        supplier_pk=supplier_pk,
        spec_text=_spec_text(spec),
        on_sale=offered and kind == ProductKind.PHYSICAL,
        price=pricing.price(supply_fen, markup_fen, rate_bp),
        retail_price_fen=retail_fen,
        price_version=max(price_version, terms.price_version),
        min_quantity=min_quantity,
        max_quantity=max_quantity,
        multiple=multiple,
        weight_g=weight_g,
        freight_template_pk=freight_pk,
        ship_within_hours=hours,
        aftersale_days=aftersale_days,
        allowed_applications=None if applications is None else tuple(applications),
        regions_not_served=tuple(not_served),
        pool_available=available,
        stock_version=stock_version + allotment_version,
        allotment_pk=allotment_pk,
        allotted=allotted,
        then_pool=then_pool,
    )


def _spec_text(spec: str) -> str:
    """Django leaves JSON of raw queries as text; mostly there is no specification."""
    return "" if spec == "{}" else " / ".join(map(str, json.loads(spec).values()))
