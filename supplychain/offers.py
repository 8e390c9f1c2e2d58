"""What a distributor is offered: visible goods with their price, order rules and stock.

Visibility is one rule in SQL (`OFFERED`), used for lists and for orders alike: what a distributor
does not see does not exist for it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.db.models.expressions import RawSQL

from distributors.models import Distributor
from kit import bulk
from supplychain import pricing
from supplychain.models import Product, ProductKind, ProductState, Sku

# {distributor} is an SQL expression for its primary key; the product table goes by its own name.
OFFERED = """
supplychain_product.state = 'listed'
AND (supplychain_product.supplier_id IS NULL OR EXISTS (
    SELECT FROM suppliers_supplier supplier
    WHERE supplier.id = supplychain_product.supplier_id AND supplier.state = 'active'))
AND (NOT supplychain_product.chosen_only OR EXISTS (
    SELECT FROM supplychain_opening opening
    WHERE opening.product_id = supplychain_product.id AND opening.distributor_id = {distributor}))
AND (NOT EXISTS (SELECT FROM supplychain_limit lim
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

_FIND = f"""
SELECT wanted.distributor_id, wanted.sku_no, sku.id, supplychain_product.id,
    supplychain_product.item_no, supplychain_product.name, supplychain_product.kind,
    supplychain_product.supplier_id, sku.spec, sku.offered, sku.supply_price_fen, sku.markup_fen,
    COALESCE(override.fee_rate_bp, level.fee_rate_bp), sku.retail_price_fen,
    GREATEST(sku.price_version, level.price_version, distributor.price_version),
    sku.min_quantity, sku.max_quantity, sku.multiple, sku.weight_g,
    supplychain_product.freight_template_id, supplychain_product.ship_within_hours,
    supplychain_product.allowed_applications, supplychain_product.regions_not_served,
    stock.available, stock.version, allotment.id, allotment.available, allotment.then_pool,
    allotment.version
FROM unnest(%s::bigint[], %s::text[]) AS wanted (distributor_id, sku_no)
JOIN distributors_distributor distributor ON distributor.id = wanted.distributor_id
JOIN distributors_level level ON level.id = distributor.level_id
JOIN supplychain_sku sku ON sku.sku_no = wanted.sku_no
JOIN supplychain_product ON supplychain_product.id = sku.product_id
JOIN supplychain_stock stock ON stock.sku_id = sku.id
LEFT JOIN supplychain_rateoverride override
    ON override.product_id = sku.product_id AND override.level_id = level.id
LEFT JOIN supplychain_allotment allotment
    ON allotment.sku_id = sku.id AND allotment.distributor_id = distributor.id
WHERE {OFFERED.format(distributor="wanted.distributor_id")}
"""


@dataclass(frozen=True, slots=True)
class Offer:
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
    rows = bulk.query(_FIND, [bulk.array(pk for pk, _ in pairs), bulk.array(no for _, no in pairs)])
    return {(row[0], row[1]): _offer(row) for row in rows}


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
    rate_bp = next(
        (
            override.fee_rate_bp
            for override in sku.product.rate_overrides.all()
            if override.level_id == level.pk
        ),
        level.fee_rate_bp,
    )
    version = max(sku.price_version, level.price_version, distributor.price_version)
    return pricing.price(sku.supply_price_fen, sku.markup_fen, rate_bp), version


def _offer(row: tuple) -> Offer:  # type: ignore[type-arg]
    (
        _distributor, sku_no, sku_pk, product_pk, item_no, name, kind, supplier_pk, spec, offered,
        supply_fen, markup_fen, rate_bp, retail_fen, price_version, min_quantity, max_quantity,
        multiple, weight_g, freight_pk, hours, applications, not_served, available, stock_version,
        allotment_pk, allotted, then_pool, allotment_version,
    ) = row  # fmt: skip
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
        price_version=price_version,
        min_quantity=min_quantity,
        max_quantity=max_quantity,
        multiple=multiple,
        weight_g=weight_g,
        freight_template_pk=freight_pk,
        ship_within_hours=hours,
        allowed_applications=None if applications is None else tuple(applications),
        regions_not_served=tuple(not_served),
        pool_available=available,
        stock_version=stock_version + (allotment_version or 0),
        allotment_pk=allotment_pk,
        allotted=allotted or 0,
        then_pool=True if then_pool is None else then_pool,
    )


def _spec_text(spec: str) -> str:
    """Django leaves JSON of raw queries as text; mostly there is no specification."""
    return "" if spec == "{}" else " / ".join(map(str, json.loads(spec).values()))
