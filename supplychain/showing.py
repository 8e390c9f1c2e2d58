"""Products as one distributor sees them, many in few queries: what is cheap here is cheap to sync."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import QuerySet

from companies import policies
from companies.policies import Policies
from distributors.models import Distributor
from kit import bulk
from kit.times import rfc3339
from supplychain import offers, pricing
from supplychain.models import PictureRole, Product

Document = dict[str, Any]

_COLUMNS = (
    "pk", "item_no", "name", "category__code", "category__path", "brand__code", "brand__name",
    "kind", "unit", "origin", "aftersale_note", "ship_within_hours", "allowed_applications",
    "regions_not_served", "attributes", "version", "changed_at",
)  # fmt: skip

# As in `offers.find`, for all skus of some products that are visible already.
_SKUS = """
SELECT sku.product_id, sku.sku_no, sku.spec, sku.barcode, sku.weight_g, sku.min_quantity,
    sku.max_quantity, sku.multiple, sku.supply_price_fen, sku.markup_fen,
    COALESCE(override.fee_rate_bp, level.fee_rate_bp), sku.retail_price_fen,
    GREATEST(sku.price_version, level.price_version, distributor.price_version),
    COALESCE(allotment.available, 0)
        + CASE WHEN COALESCE(allotment.then_pool, true) THEN stock.available ELSE 0 END,
    stock.version + COALESCE(allotment.version, 0)
FROM supplychain_sku sku
JOIN supplychain_stock stock ON stock.sku_id = sku.id
JOIN distributors_distributor distributor ON distributor.id = %s::bigint
JOIN distributors_level level ON level.id = distributor.level_id
LEFT JOIN supplychain_rateoverride override
    ON override.product_id = sku.product_id AND override.level_id = level.id
LEFT JOIN supplychain_allotment allotment
    ON allotment.sku_id = sku.id AND allotment.distributor_id = distributor.id
WHERE sku.product_id = ANY(%s::bigint[]) AND sku.offered AND sku.frozen_at IS NULL
ORDER BY sku.product_id, sku.position, sku.id
"""

_PICTURES = """
SELECT place.product_id, place.role, picture.file
FROM supplychain_productpicture place
JOIN supplychain_picture picture ON picture.id = place.picture_id
WHERE place.product_id = ANY(%s::bigint[]) AND place.role = ANY(%s::text[])
ORDER BY place.product_id, place.role, place.position
"""


def documents(
    products: QuerySet[Product], distributor: Distributor, *, in_full: bool
) -> list[tuple[int, Document]]:
    """Return (key, document) of products that the distributor sees, in their order.

    In full: with their detail page.
    """
    decided = policies.read()
    columns = (*_COLUMNS, "detail_html") if in_full else _COLUMNS
    rows = list(products.values_list(*columns))
    pks = [row[0] for row in rows]
    skus = _skus(distributor, pks, shows_parts=bool(decided.show_price_parts))
    pictures = _pictures(pks, in_full=in_full)
    return [(row[0], _document(row, skus, pictures, decided)) for row in rows]


def in_full(item_nos: Sequence[str], distributor: Distributor) -> dict[str, Document]:
    """Return products with their detail page, by number; what is not seen is left out."""
    products = offers.offered_to(distributor).filter(item_no__in=item_nos)
    found = documents(products, distributor, in_full=True)
    return {document["item_no"]: document for _pk, document in found}


def _document(
    row: Sequence[Any],
    skus: Mapping[int, list[Document]],
    pictures: Mapping[tuple[int, str], list[str]],
    decided: Policies,
) -> Document:
    (
        pk, item_no, name, category_code, category_path, brand_code, brand_name, kind, unit,
        origin, aftersale_note, hours, applications, regions, attributes, version, changed_at, *detail,
    ) = row  # fmt: skip
    platform = decided.allowed_applications
    shown = {
        "item_no": item_no,
        "name": name,
        "category": {"code": category_code, "path": category_path},
        "brand": {"code": brand_code, "name": brand_name} if brand_code else None,
        "kind": kind,
        "unit": unit,
        "origin": origin,
        "images": pictures.get((pk, PictureRole.MAIN), []),
        "aftersale_note": aftersale_note,
        "ship_within_hours": hours or decided.ship_within_hours,
        "allowed_applications": platform
        if applications is None
        else [word for word in applications if word in platform],
        "regions_not_served": regions,
        "attributes": attributes,
        "version": version,
        "changed_at": rfc3339(changed_at),
        "skus": skus.get(pk, []),
    }
    if detail:
        shown["detail_html"] = detail[0]
        shown["detail_images"] = pictures.get((pk, PictureRole.DETAIL), [])
    return shown


def _skus(
    distributor: Distributor, product_pks: Sequence[int], *, shows_parts: bool
) -> dict[int, list[Document]]:
    found: dict[int, list[Document]] = defaultdict(list)
    for row in bulk.query(_SKUS, [distributor.pk, bulk.array(product_pks)], planned=True):
        found[row[0]].append(_sku(row, shows_parts=shows_parts))
    return found


def _sku(row: Sequence[Any], *, shows_parts: bool) -> Document:
    (
        _product_pk, sku_no, spec, barcode, weight_g, min_quantity, max_quantity, multiple,
        supply_fen, markup_fen, rate_bp, retail_fen, price_version, available, stock_version,
    ) = row  # fmt: skip
    price = pricing.price(supply_fen, markup_fen, rate_bp)
    shown = {
        "sku_no": sku_no,
        "spec": {} if spec == "{}" else msgspec.json.decode(spec),
        "barcode": barcode,
        "weight_g": weight_g,
        "min_quantity": min_quantity,
        "max_quantity": max_quantity,
        "multiple": multiple,
        "agreement_price_fen": price.agreement_price_fen,
        "retail_price_fen": retail_fen,
        "price_version": price_version,
        "available": available,
        "stock_version": stock_version,
    }
    return shown | price_parts(price) if shows_parts else shown


def price_parts(price: pricing.Price) -> dict[str, int]:
    """Return the parts of a price, for installations that show them."""
    return {"supply_price_fen": price.supply_price_fen, "service_fee_fen": price.service_fee_fen}


def _pictures(product_pks: Sequence[int], *, in_full: bool) -> dict[tuple[int, str], list[str]]:
    roles = [PictureRole.MAIN, PictureRole.DETAIL] if in_full else [PictureRole.MAIN]
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    root = settings.PUBLIC_URL.rstrip("/") + settings.MEDIA_URL
    placed = bulk.query(_PICTURES, [bulk.array(product_pks), bulk.array(roles)], planned=True)
    for pk, role, name in placed:
        found[pk, role].append(root + name)
    return found
