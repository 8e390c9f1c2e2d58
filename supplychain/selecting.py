"""Selecting (选品): which products a distributor wants to hear of; it never gates ordering."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from kit import bulk, values
from kit.errors import DomainError
from supplychain import offers
from supplychain.models import Category, Product

MAX_AT_ONCE = 1_000
# For how long what was ordered is told of, selected or not: 90 days, and one by which `ordered_at`
# may be behind.
ORDERED_DAYS = 91

_INSERT = """
INSERT INTO supplychain_selection (distributor_id, product_id, selected_at)
SELECT %s::bigint, wanted.pk, %s::timestamptz FROM unnest(%s::bigint[]) AS wanted (pk)
ON CONFLICT DO NOTHING RETURNING product_id
"""
_DELETE = """
DELETE FROM supplychain_selection
WHERE distributor_id = %s::bigint AND product_id = ANY(%s::bigint[])
"""
_INTERESTED = """
SELECT product_id, distributor_id FROM supplychain_selection
WHERE product_id = ANY(%s::bigint[])
UNION
SELECT product_id, distributor_id FROM supplychain_orderedproduct
WHERE product_id = ANY(%s::bigint[]) AND ordered_at >= %s::timestamptz
ORDER BY product_id, distributor_id
"""
# What is not offered now shows nothing but its number.
_SELECTED = f"""
SELECT shown.pk, shown.item_no, shown.selected_at, shown.on_sale,
    CASE WHEN shown.on_sale THEN shown.version END,
    CASE WHEN shown.on_sale THEN GREATEST(level.price_version, distributor.price_version,
        (SELECT max(sku.price_version) FROM supplychain_sku sku
        WHERE sku.product_id = shown.product_id AND sku.offered AND sku.frozen_at IS NULL)) END,
    CASE WHEN shown.on_sale THEN shown.changed_at END
FROM (
    SELECT selection.id AS pk, selection.distributor_id, selection.product_id,
        supplychain_product.item_no, selection.selected_at, supplychain_product.version,
        supplychain_product.changed_at, ({offers.OFFERED}) AS on_sale
    FROM supplychain_selection selection
    JOIN supplychain_product ON supplychain_product.id = selection.product_id
    WHERE selection.distributor_id = {{distributor}} AND selection.id > %(after)s
    ORDER BY selection.id LIMIT %(limit)s) AS shown
JOIN distributors_distributor distributor ON distributor.id = shown.distributor_id
JOIN distributors_level level ON level.id = distributor.level_id
ORDER BY shown.pk
""".format(distributor="%(distributor)s")


class TooManySelected(DomainError):
    code = "too_many_selected"
    text = _("Up to {limit} products can be selected in one call; these are {count}.")


class Wanted(values.Value, frozen=True):
    """Products by their numbers; or those of a category, with all below it, and of a brand."""

    item_nos: tuple[str, ...] = ()
    category: str = ""
    brand: str = ""


class Outcome(values.Value, frozen=True):
    """What became of one product: 201 new, 200 as wanted (already), 404 not there for the caller."""

    item_no: str
    status: int


class Selected(values.Value, frozen=True):
    """A selected product; without versions where it is not offered now."""

    pk: int
    item_no: str
    selected_at: datetime
    on_sale: bool
    version: int | None
    price_version: int | None
    changed_at: datetime | None


@transaction.atomic(durable=True)
def select(*, distributor: Distributor, wanted: Wanted, at: datetime) -> list[Outcome]:
    """Select products that a distributor sees; what it selected before stays as it is.

    By number there is an outcome for each, in order; else one for each product found.

    :raises TooManySelected: over the limit.
    """
    found = _found(offers.offered_to(distributor), wanted)
    pks = bulk.array(sorted(found.values()))
    new = {pk for (pk,) in bulk.query(_INSERT, [distributor.pk, at, pks])}
    outcomes = []
    for item_no in wanted.item_nos or found:
        pk = found.get(item_no, 0)
        outcomes.append(Outcome(item_no, 201 if pk in new else 200 if pk else 404))
        # A number that stands twice is new only once.
        new.discard(pk)
    return outcomes


@transaction.atomic(durable=True)
def unselect(*, distributor: Distributor, wanted: Wanted) -> list[Outcome]:
    """Take products out of a distributor's selection: 200, or 404 where they were not in it.

    :raises TooManySelected: over the limit.
    """
    selected = Product.objects.filter(selections__distributor=distributor)
    found = _found(selected, wanted)
    bulk.execute(_DELETE, [distributor.pk, bulk.array(sorted(found.values()))])
    return [
        Outcome(item_no, 200 if item_no in found else 404) for item_no in wanted.item_nos or found
    ]


def selected(distributor: Distributor, *, after: int, limit: int) -> list[Selected]:
    """Return what a distributor selected, in the order of selecting, past a place in it."""
    values_of = {"distributor": distributor.pk, "after": after, "limit": limit}
    return [Selected(*row) for row in bulk.query(_SELECTED, values_of)]


def interested(product_pks: Collection[int], *, at: datetime) -> dict[int, list[int]]:
    """Return who is told of goods: distributors by product.

    Those that selected it, and those that ordered it in the last ORDERED_DAYS; whether they see it
    now is not looked at. Products that nobody asks for are left out.
    """
    found: dict[int, list[int]] = defaultdict(list)
    pks = bulk.array(product_pks)
    since = at - timedelta(days=ORDERED_DAYS)
    for product_pk, distributor_pk in bulk.query(_INTERESTED, [pks, pks, since]):
        found[product_pk].append(distributor_pk)
    return dict(found)


def below(products: models.QuerySet[Product], category: str) -> models.QuerySet[Product]:
    """Narrow products to a category, by its code, and all below it."""
    path = Category.objects.filter(code=category).values_list("path", flat=True).first() or ""
    inside = models.Q(category__path=path) | models.Q(category__path__startswith=path + "/")
    return products.filter(inside) if path else products.none()


def _found(products: models.QuerySet[Product], wanted: Wanted) -> dict[str, int]:
    """Return the primary keys of what is wanted and there, by number, in the order of numbers."""
    _check_count(len(wanted.item_nos))
    if wanted.item_nos:
        products = products.filter(item_no__in=wanted.item_nos)
    else:
        assert wanted.category or wanted.brand, "nothing is wanted"
    if wanted.category:
        products = below(products, wanted.category)
    if wanted.brand:
        products = products.filter(brand__code=wanted.brand)
    in_order = products.order_by("item_no").values_list("item_no", "pk")
    rows = list(in_order[: MAX_AT_ONCE + 1])
    if len(rows) > MAX_AT_ONCE:
        raise TooManySelected(limit=MAX_AT_ONCE, count=products.count())
    return dict(rows)


def _check_count(count: int) -> None:
    if count > MAX_AT_ONCE:
        raise TooManySelected(pointer="/item_nos", limit=MAX_AT_ONCE, count=count)
