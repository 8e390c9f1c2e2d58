"""Making approved contents live: products, skus, pictures and prices, many at once.

What a distributor sees changes here and nowhere else, in a fixed number of statements for any
number of products; the caller holds the products' locks, and before them their suppliers (`pausing.hold`).
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F

from distributors import levels
from kit import bulk, states
from kit.actors import Actor
from supplychain import noting, numbering, pausing, stock
from supplychain.content import Content, SkuContent
from supplychain.models import (
    PictureRole,
    Product,
    ProductPicture,
    ProductState,
    Sku,
    Stock,
)

PRICE_FIELDS = ("supply_price_fen", "retail_price_fen", "markup_fen", "offered")
# What may change of a sku, with the SQL type of its column.
SKU_COLUMNS = {
    "supply_price_fen": "bigint",
    "retail_price_fen": "bigint",
    "markup_fen": "bigint",
    "offered": "boolean",
    "spec": "jsonb",
    "barcode": "text",
    "min_quantity": "int",
    "max_quantity": "int",
    "multiple": "int",
    "weight_g": "int",
    "position": "int",
    "price_version": "bigint",
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A content that goes live now on a locked product."""

    product: Product
    content: Content
    # Markups in fen that staff set, by the owner's sku number; the others keep theirs.
    markups_fen: Mapping[str, int] = field(default_factory=dict)
    # Whether a product that was never listed is offered from now on.
    list_it: bool = True


def go_live(
    arrivals: Sequence[Arrival], *, picture_pks: Mapping[str, int], actor: Actor, at: datetime
) -> None:
    """Make contents live; joins the caller's transaction.

    `picture_pks` gives the primary key of each picture of the contents, by uid.
    """
    if not arrivals:
        return
    noting.before_change([arrival.product.pk for arrival in arrivals], at=at)
    _write_skus(arrivals, actor=actor, at=at)
    _hang_pictures(arrivals, picture_pks)
    for arrival in arrivals:
        write_product(arrival.product, arrival.content)
    pks = [arrival.product.pk for arrival in arrivals]
    Product.objects.filter(pk__in=pks).update(version=F("version") + 1, changed_at=at)
    _list_new(arrivals, actor=actor, at=at)


def values_of(content: Content) -> dict[str, Any]:
    """Return the columns of a product that a content fills."""
    applications = content.allowed_applications
    return {
        "name": content.name,
        "category_id": content.category_pk,
        "brand_id": content.brand_pk,
        "detail_html": content.detail_html,
        "unit": content.unit,
        "origin": content.origin,
        "aftersale_note": content.aftersale_note,
        "freight_template_id": content.freight_template_pk,
        "ship_within_hours": content.ship_within_hours,
        "allowed_applications": None if applications is None else list(applications),
        "regions_not_served": list(content.regions_not_served),
        "attributes": content.attributes,
    }


def write_product(product: Product, content: Content) -> None:
    """Bring a product's columns to a content, if they differ."""
    wanted = values_of(content)
    different = [name for name, value in wanted.items() if getattr(product, name) != value]
    for name in different:
        setattr(product, name, wanted[name])
    if different:
        product.save(update_fields=different)


def _write_skus(arrivals: Sequence[Arrival], *, actor: Actor, at: datetime) -> None:
    existing: dict[int, dict[str, Sku]] = {arrival.product.pk: {} for arrival in arrivals}
    for sku in Sku.objects.filter(product_id__in=existing):
        existing[sku.product_id][sku.owner_no] = sku
    # Drawn while the products are locked, so that a sku's version can only grow.
    version = levels.next_price_version()
    new: list[tuple[Sku, SkuContent]] = []
    changed: list[Sku] = []
    for arrival in arrivals:
        there = existing[arrival.product.pk]
        new += _new_skus(arrival, there, version)
        changed += _changed_skus(arrival, there, version)
    _create(new, arrivals[0].product, actor=actor, at=at)
    _update(changed)


def _new_skus(
    arrival: Arrival, there: Collection[str], version: int
) -> list[tuple[Sku, SkuContent]]:
    return [
        (
            Sku(
                product=arrival.product,
                owner_no=wanted.owner_no,
                price_version=version,
                markup_fen=arrival.markups_fen.get(wanted.owner_no, 0),
                **_sku_values(wanted, position),
            ),
            wanted,
        )
        for position, wanted in enumerate(arrival.content.skus)
        if wanted.owner_no not in there
    ]


def _changed_skus(arrival: Arrival, there: Mapping[str, Sku], version: int) -> list[Sku]:
    wanted: dict[str, dict[str, Any]] = {number: {"offered": False} for number in there}
    for position, sku in enumerate(arrival.content.skus):
        wanted[sku.owner_no] = _sku_values(sku, position)
    for number, markup_fen in arrival.markups_fen.items():
        wanted[number]["markup_fen"] = markup_fen
    return [sku for number, sku in there.items() if _bring(sku, wanted[number], version)]


def _sku_values(wanted: SkuContent, position: int) -> dict[str, Any]:
    return {
        "spec": wanted.spec,
        "barcode": wanted.barcode,
        "supply_price_fen": wanted.supply_price_fen,
        "retail_price_fen": wanted.retail_price_fen,
        "min_quantity": wanted.min_quantity,
        "max_quantity": wanted.max_quantity,
        "multiple": wanted.multiple,
        "weight_g": wanted.weight_g,
        "offered": True,
        "position": position,
    }


def _bring(sku: Sku, wanted: Mapping[str, Any], version: int) -> bool:
    """Set a sku's values; a price that moves gets the new version. Tell whether anything moved."""
    different = {name for name, value in wanted.items() if getattr(sku, name) != value}
    for name in different:
        setattr(sku, name, wanted[name])
    if different.intersection(PRICE_FIELDS):
        sku.price_version = version
    return bool(different)


def _update(changed: Sequence[Sku]) -> None:
    """Write changed skus in one statement; `bulk_update` takes ten times as long to build its own."""
    if not changed:
        return
    sets = ", ".join(f"{name} = new.{name}" for name in SKU_COLUMNS)
    arrays = ", ".join(f"%s::{kind}[]" for kind in SKU_COLUMNS.values())
    written = bulk.execute(
        f"UPDATE supplychain_sku AS sku SET {sets} FROM unnest(%s::bigint[], {arrays})"
        f" AS new (id, {', '.join(SKU_COLUMNS)}) WHERE sku.id = new.id",
        [
            bulk.array(sku.pk for sku in changed),
            *(bulk.array(_column(sku, name) for sku in changed) for name in SKU_COLUMNS),
        ],
    )
    assert written == len(changed), (written, len(changed))


def _column(sku: Sku, name: str) -> Any:
    return json.dumps(sku.spec, ensure_ascii=False) if name == "spec" else getattr(sku, name)


def _create(
    new: Sequence[tuple[Sku, SkuContent]], product: Product, *, actor: Actor, at: datetime
) -> None:
    """Insert skus with numbers of their own and their stock; all are of one owner."""
    if not new:
        return
    numbering.lock()
    given = numbering.sku_nos([sku.owner_no for sku, _ in new], product.supplier)
    for (sku, _), sku_no in zip(new, given, strict=True):
        sku.sku_no = sku_no
    Sku.objects.bulk_create([sku for sku, _ in new])
    Stock.objects.bulk_create([Stock(sku=sku) for sku, _ in new])
    opening = {sku.pk: wanted.opening_stock for sku, wanted in new if wanted.opening_stock}
    stock.set_many_within(available=opening, actor=actor, at=at)


def _hang_pictures(arrivals: Sequence[Arrival], picture_pks: Mapping[str, int]) -> None:
    new = {arrival.product.pk: _places(arrival.content, picture_pks) for arrival in arrivals}
    hanging: dict[int, list[tuple[str, int]]] = {pk: [] for pk in new}
    rows = ProductPicture.objects.filter(product_id__in=new)
    # Main images before detail images.
    for row in rows.order_by("-role", "position"):
        hanging[row.product_id].append((row.role, row.picture_id))
    different = [pk for pk in new if new[pk] != hanging[pk]]
    rows.filter(product_id__in=different).delete()
    ProductPicture.objects.bulk_create(
        ProductPicture(product_id=pk, picture_id=picture_pk, role=role, position=position)
        for pk in different
        for position, (role, picture_pk) in enumerate(new[pk])
    )


def _places(content: Content, picture_pks: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return role and picture, main images first, in their order."""
    return [(PictureRole.MAIN.value, picture_pks[uid]) for uid in content.main_pictures] + [
        (PictureRole.DETAIL.value, picture_pks[uid]) for uid in content.detail_pictures
    ]


def _list_new(arrivals: Sequence[Arrival], *, actor: Actor, at: datetime) -> None:
    new = [
        arrival.product
        for arrival in arrivals
        if arrival.list_it and arrival.product.state == ProductState.DRAFT
    ]
    closed = pausing.running(new)
    pausing.wait(new, closed, at=at)
    pks = [product.pk for product in new if product.supplier_id not in closed]
    states.move(
        Product.objects.filter(pk__in=pks),
        sources=[ProductState.DRAFT],
        target=ProductState.LISTED,
        count=len(pks),
        state_changed_by=str(actor),
        state_changed_at=at,
    )
