"""Goods as a buyer looks through them: searched, narrowed, sorted, a page at a time with pictures."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, BooleanField, Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from kit import bulk
from supplychain import offers, pictures, pricing, selecting
from supplychain.models import Brand, Category, PictureRole, Product, ProductPicture, Selection, Sku

PAGE = 24
MAX_WORDS = 5
NEWEST, CHEAPEST, DEAREST, FULLEST = "newest", "price", "price_down", "available"
ORDERS: dict[str, Promise] = {
    NEWEST: _("Newest first"),
    CHEAPEST: _("Price: low to high"),
    DEAREST: _("Price: high to low"),
    FULLEST: _("Most in stock"),
}
_CURSOR = re.compile(r"(-?[0-9]{1,18})_([0-9]{1,18})")
# What the cheapest sku costs before rounding: enough to sort by.
_PRICE = """
(SELECT min((sku.supply_price_fen + sku.markup_fen) * (10000 + COALESCE(override.fee_rate_bp, %s)))
FROM supplychain_sku sku
LEFT JOIN supplychain_rateoverride override
    ON override.product_id = sku.product_id AND override.level_id = %s
WHERE sku.product_id = supplychain_product.id AND sku.offered AND sku.frozen_at IS NULL)
"""
_AVAILABLE = """
(SELECT COALESCE(sum(COALESCE(allotment.available, 0)
    + CASE WHEN COALESCE(allotment.then_pool, true) THEN stock.available ELSE 0 END), 0)
FROM supplychain_sku sku
JOIN supplychain_stock stock ON stock.sku_id = sku.id
LEFT JOIN supplychain_allotment allotment
    ON allotment.sku_id = sku.id AND allotment.distributor_id = %s
WHERE sku.product_id = supplychain_product.id AND sku.offered AND sku.frozen_at IS NULL)
"""
_SKUS = """
SELECT sku.product_id, sku.supply_price_fen, sku.markup_fen,
    COALESCE(override.fee_rate_bp, %s),
    COALESCE(allotment.available, 0)
        + CASE WHEN COALESCE(allotment.then_pool, true) THEN stock.available ELSE 0 END
FROM supplychain_sku sku
JOIN supplychain_stock stock ON stock.sku_id = sku.id
LEFT JOIN supplychain_rateoverride override
    ON override.product_id = sku.product_id AND override.level_id = %s
LEFT JOIN supplychain_allotment allotment
    ON allotment.sku_id = sku.id AND allotment.distributor_id = %s
WHERE sku.product_id = ANY(%s::bigint[]) AND sku.offered AND sku.frozen_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a buyer looks for; all of it narrows. `words` are parts of name, brand or number."""

    words: str = ""
    category: str = ""
    brand: str = ""
    selected: bool = False
    in_stock: bool = False
    order: str = NEWEST


@dataclass(frozen=True, slots=True)
class Card:
    """A product in a list, as its distributor is offered it."""

    product: Product
    selected_at: datetime | None
    thumbnail: str
    lowest_fen: int | None
    highest_fen: int | None
    available: int
    skus: int


@dataclass(frozen=True, slots=True)
class Cards:
    """A page of products, and the cursor of the page after it; empty on the last one."""

    rows: Sequence[Card]
    next: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category or brand with how many products are in it, and in the categories below."""

    code: str
    name: str
    count: int
    depth: int = 0
    current: bool = False


def page(distributor: Distributor, wanted: Wanted, *, after: str = "") -> Cards:
    """Return a page of what a distributor sees; an unreadable cursor is the first page."""
    rows: Any = _sorted(_narrowed(distributor, wanted), distributor, wanted.order)
    cursor = _CURSOR.fullmatch(after)
    if cursor:
        key, pk = int(cursor[1]), int(cursor[2])
        rows = rows.filter(Q(key__gt=key) | Q(key=key, pk__gt=pk))
    found = list(rows.select_related("brand").order_by("key", "pk")[: PAGE + 1])
    last: Any = found[PAGE - 1] if len(found) > PAGE else None
    following = f"{last.key}_{last.pk}" if last else ""
    return Cards(_cards(distributor, found[:PAGE]), following)


def shelves(distributor: Distributor, category: str, brand: str) -> tuple[list[Shelf], list[Shelf]]:
    """Return the categories to go on to, as a tree, and the brands within the one chosen.

    Of the tree: the roots, and below each category on the way to the chosen one what is under it.
    """
    # By keys, and named afterwards: names of 100,000 products take three times as long to count.
    rows = offers.offered_to(distributor).order_by().values_list("category_id", "brand_id")
    found = list(rows.annotate(Count("pk")))
    categories = list(Category.objects.order_by("path").values_list("pk", "code", "path", "name"))
    tree = [(code, path, name) for _pk, code, path, name in categories]
    paths = {pk: path for pk, _code, path, _name in categories}
    brands = Brand.objects.in_bulk({pk for _category, pk, _count in found if pk})
    counts = [
        (paths[category_pk], *_named(brands.get(brand_pk)), count)
        for category_pk, brand_pk, count in found
    ]
    chosen = next((path for code, path, _name in tree if code == category), "")
    return _categories(tree, counts, chosen), _brands(counts, chosen, brand)


def thumbnails(product_pks: Collection[int]) -> dict[int, str]:
    """Return the address of the first picture of each product, made small."""
    rows = (
        ProductPicture.objects.filter(product__in=product_pks, role=PictureRole.MAIN)
        .order_by("product_id", "-position")
        .values_list("product_id", "picture__thumbnail")
    )
    return {pk: pictures.address(name) for pk, name in rows}


def _narrowed(distributor: Distributor, wanted: Wanted) -> QuerySet[Product]:
    rows = offers.offered_to(distributor)
    for word in wanted.words.split()[:MAX_WORDS]:
        rows = rows.filter(_mentions(word))
    if wanted.category:
        rows = selecting.below(rows, wanted.category)
    if wanted.brand:
        rows = rows.filter(brand__code=wanted.brand)
    if wanted.selected:
        rows = rows.filter(selections__distributor=distributor)
    if wanted.in_stock:
        left = RawSQL(f"({_AVAILABLE} > 0)", [distributor.pk], output_field=BooleanField())  # noqa: S611
        rows = rows.filter(left)
    return rows


def _mentions(word: str) -> Q:
    skus = Sku.objects.filter(product=OuterRef("pk"), offered=True)
    return (
        Q(name__icontains=word)
        | Q(item_no__icontains=word)
        | Q(brand__name__icontains=word)
        | Q(category__path__icontains=word)
        | Q(Exists(skus.filter(Q(sku_no__iexact=word) | Q(barcode=word))))
    )


def _sorted(rows: QuerySet[Product], distributor: Distributor, order: str) -> QuerySet[Product]:
    """Give each product the number by which it is sorted, upwards."""
    level = distributor.level
    number = BigIntegerField()
    price = RawSQL(  # noqa: S611
        f"COALESCE({_PRICE}, 0)", [level.fee_rate_bp, level.pk], output_field=number
    )
    available = RawSQL(_AVAILABLE, [distributor.pk], output_field=number)  # noqa: S611
    keys: dict[str, Any] = {
        NEWEST: -F("pk"),
        CHEAPEST: price,
        DEAREST: -price,
        FULLEST: -available,
    }
    return rows.annotate(key=keys[order])


def _cards(distributor: Distributor, products: Sequence[Product]) -> list[Card]:
    pks = [product.pk for product in products]
    level = distributor.level
    skus: dict[int, list[tuple[int, int]]] = defaultdict(list)
    rows = bulk.query(_SKUS, [level.fee_rate_bp, level.pk, distributor.pk, bulk.array(pks)])
    for pk, supply_fen, markup_fen, rate_bp, available in rows:
        price = pricing.price(supply_fen, markup_fen, rate_bp)
        skus[pk].append((price.agreement_price_fen, available))
    selected = Selection.objects.filter(distributor=distributor, product__in=pks)
    selected_at = dict(selected.values_list("product_id", "selected_at"))
    small = thumbnails(pks)
    return [
        Card(
            product=product,
            selected_at=selected_at.get(product.pk),
            thumbnail=small.get(product.pk, ""),
            lowest_fen=min((fen for fen, _available in skus[product.pk]), default=None),
            highest_fen=max((fen for fen, _available in skus[product.pk]), default=None),
            available=sum(available for _fen, available in skus[product.pk]),
            skus=len(skus[product.pk]),
        )
        for product in products
    ]


def _named(brand: Brand | None) -> tuple[str, str]:
    return (brand.code, brand.name) if brand else ("", "")


def _categories(
    tree: Sequence[tuple[str, str, str]], counts: Sequence[tuple[Any, ...]], chosen: str
) -> list[Shelf]:
    sums: dict[str, int] = defaultdict(int)
    for path, _brand_code, _brand_name, count in counts:
        names = path.split("/")
        for depth in range(1, len(names) + 1):
            sums["/".join(names[:depth])] += count
    return [
        Shelf(code, name, sums[path], path.count("/"), current=path == chosen)
        for code, path, name in tree
        if sums.get(path) and _is_open(path, chosen)
    ]


def _is_open(path: str, chosen: str) -> bool:
    above = path.rpartition("/")[0]
    return not above or chosen == above or chosen.startswith(above + "/")


def _brands(counts: Sequence[tuple[Any, ...]], chosen: str, brand: str) -> list[Shelf]:
    names: dict[str, str] = {}
    sums: dict[str, int] = defaultdict(int)
    for path, code, name, count in counts:
        if code and (not chosen or path == chosen or path.startswith(chosen + "/")):
            names[code] = name
            sums[code] += count
    return [
        Shelf(code, name, sums[code], current=code == brand)
        for code, name in sorted(names.items(), key=lambda pair: pair[1])
    ]
