"""Noting what goods were before they change, so that those who asked for them can be told afterwards.

Whoever changes what distributors see or pay of a product calls `before_change` first, with the product
locked. What is noted commits with the change; `telling` compares it with what there is then, tells, and
strikes it out. Of many changes in a row the first note stays, so a burst is told once, as a whole.

Notes hold supply prices and are never shown to anybody.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import msgspec

from kit import bulk, values
from supplychain.selecting import ORDERED_DAYS

# What a product is before anybody's price is put on it, by the names that distributors know.
_STATE = """
jsonb_build_object(
    'listed', product.state = 'listed',
    'traded', product.supplier_id IS NULL OR supplier.state = 'active',
    'chosen_only', product.chosen_only,
    'opened', (SELECT jsonb_agg(opening.distributor_id) FROM supplychain_opening opening
        WHERE opening.product_id = product.id),
    'fields', jsonb_build_object(
        'name', product.name,
        'category', jsonb_build_object('code', category.code, 'path', category.path),
        'brand', CASE WHEN brand.id IS NOT NULL
            THEN jsonb_build_object('code', brand.code, 'name', brand.name) END,
        'kind', product.kind, 'unit', product.unit, 'origin', product.origin,
        'aftersale_note', product.aftersale_note,
        'ship_within_hours', product.ship_within_hours,
        'allowed_applications', product.allowed_applications,
        'regions_not_served', product.regions_not_served,
        'images', (SELECT COALESCE(jsonb_agg(picture.file ORDER BY place.position), '[]')
            FROM supplychain_productpicture place
            JOIN supplychain_picture picture ON picture.id = place.picture_id
            WHERE place.product_id = product.id AND place.role = 'main'),
        'detail_html', product.detail_html,
        'detail_images', (SELECT COALESCE(jsonb_agg(picture.file ORDER BY place.position), '[]')
            FROM supplychain_productpicture place
            JOIN supplychain_picture picture ON picture.id = place.picture_id
            WHERE place.product_id = product.id AND place.role = 'detail')),
    'skus', (SELECT COALESCE(jsonb_agg(jsonb_build_object(
            'sku_no', sku.sku_no, 'spec', sku.spec, 'barcode', sku.barcode,
            'weight_g', sku.weight_g, 'min_quantity', sku.min_quantity,
            'max_quantity', sku.max_quantity, 'multiple', sku.multiple)
            ORDER BY sku.position, sku.id), '[]')
        FROM supplychain_sku sku
        WHERE sku.product_id = product.id AND sku.offered AND sku.frozen_at IS NULL),
    'prices', (SELECT COALESCE(jsonb_object_agg(sku.sku_no, jsonb_build_array(
            sku.supply_price_fen, sku.markup_fen, sku.retail_price_fen)), '{}')
        FROM supplychain_sku sku
        WHERE sku.product_id = product.id AND sku.offered AND sku.frozen_at IS NULL),
    'rates', (SELECT COALESCE(jsonb_object_agg(own.level_id, own.fee_rate_bp), '{}')
        FROM supplychain_rateoverride own WHERE own.product_id = product.id))
FROM supplychain_product product
JOIN supplychain_category category ON category.id = product.category_id
LEFT JOIN supplychain_brand brand ON brand.id = product.brand_id
LEFT JOIN suppliers_supplier supplier ON supplier.id = product.supplier_id
WHERE product.id = ANY(%s::bigint[])
"""
# A note that is there already is locked until the change commits, so that nobody tells of it before.
_NOTE = f"""
INSERT INTO supplychain_productnote AS note (product_id, noted_at, state_before)
SELECT product.id, %s::timestamptz, {_STATE}
    AND (EXISTS (SELECT FROM supplychain_selection selected
            WHERE selected.product_id = product.id)
        OR EXISTS (SELECT FROM supplychain_orderedproduct ordered
            WHERE ordered.product_id = product.id AND ordered.ordered_at >= %s::timestamptz))
ORDER BY product.id
ON CONFLICT (product_id) DO UPDATE SET noted_at = note.noted_at
"""


class State(values.Value, frozen=True):
    """A product at one moment: what its distributors see in common, and what their prices are made of.

    `prices` has supply price, markup and retail price in fen by sku; `rates` the product's own fee
    rates in basis points by the level's key; `opened` the distributors chosen to see it.
    """

    listed: bool
    traded: bool
    chosen_only: bool
    opened: list[int] | None
    fields: dict[str, Any]
    skus: list[dict[str, Any]]
    prices: dict[str, tuple[int, int, int | None]]
    rates: dict[int, int]


def before_change(product_pks: Collection[int], *, at: datetime) -> None:
    """Note what locked products are, where somebody selected or lately ordered them.

    Part of the transaction that goes on to change them.
    """
    if product_pks:
        since = at - timedelta(days=ORDERED_DAYS)
        bulk.execute(_NOTE, [at, bulk.array(product_pks), since])


def now(product_pks: Collection[int]) -> dict[int, State]:
    """Return what products are now."""
    rows = bulk.query(f"SELECT product.id, {_STATE}", [bulk.array(product_pks)])
    return {pk: state(text) for pk, text in rows}


def state(text: str) -> State:
    """Read a state as it was noted."""
    return msgspec.json.decode(text, type=State)
