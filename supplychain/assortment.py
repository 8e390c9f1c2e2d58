"""The assortment: which distributor sees what, and what the platform adds to a price."""

from collections.abc import Collection
from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from distributors import levels, telling
from distributors.levels import RateOutOfRange
from distributors.models import Distributor, Level
from kit.errors import DomainError, NotFound
from kit.money import BASIS_POINTS
from supplychain import noting
from supplychain.models import (
    MAX_PRICE_FEN,
    Brand,
    Category,
    Limit,
    Opening,
    Product,
    RateOverride,
    Sku,
)

MAX_CHOSEN = 1_000


class TooManyChosen(DomainError):
    code = "too_many_chosen"
    text = _("Up to {limit} can be chosen; these are {count}.")


class MarkupOutOfRange(DomainError):
    code = "markup_out_of_range"
    text = _("A markup is from 0 to {limit} fen; {markup_fen} is not.")


@transaction.atomic(durable=True)
def open_to(*, product_pk: int, distributor_pks: Collection[int], at: datetime) -> Product:
    """Let these distributors, and no others, see a product (勾选给); none: nobody sees it.

    :raises NotFound: there is no such product, or one of the distributors is none.
    :raises TooManyChosen: over the limit.
    """
    product = _locked(product_pk, at)
    wanted = _all_there(Distributor.objects.filter(pk__in=distributor_pks), distributor_pks)
    product.openings.exclude(distributor_id__in=wanted).delete()
    Opening.objects.bulk_create(
        [Opening(product=product, distributor_id=pk) for pk in sorted(wanted)],
        ignore_conflicts=True,
    )
    product.chosen_only = True
    return _raise_version(product, at)


@transaction.atomic(durable=True)
def open_also_to(*, product_pk: int, distributor_pks: Collection[int], at: datetime) -> bool:
    """Let these distributors, too, see a product that is for chosen ones; return whether any is new.

    A product that everybody sees stays so.

    :raises NotFound: there is no such product, or one of the distributors is none.
    :raises TooManyChosen: over the limit.
    """
    product = _locked(product_pk, at)
    wanted = _all_there(Distributor.objects.filter(pk__in=distributor_pks), distributor_pks)
    new = wanted - set(product.openings.values_list("distributor_id", flat=True))
    if not product.chosen_only or not new:
        return False
    Opening.objects.bulk_create([Opening(product=product, distributor_id=pk) for pk in sorted(new)])
    _raise_version(product, at)
    return True


@transaction.atomic(durable=True)
def close_to(*, product_pk: int, distributor_pks: Collection[int], at: datetime) -> bool:
    """Let these distributors no longer see a product that is for chosen ones; return whether any did.

    A product that everybody sees stays so.

    :raises NotFound: there is no such product.
    """
    product = _locked(product_pk, at)
    if not product.chosen_only:
        return False
    gone, _by_table = product.openings.filter(distributor_id__in=distributor_pks).delete()
    if gone:
        _raise_version(product, at)
    return bool(gone)


@transaction.atomic(durable=True)
def open_to_everyone(*, product_pk: int, at: datetime) -> Product:
    """Let every distributor see a product, as far as its own limits allow.

    Whom it was opened to is kept, and forgotten only by the next `open_to`.

    :raises NotFound: there is no such product.
    """
    product = _locked(product_pk, at)
    product.chosen_only = False
    return _raise_version(product, at)


@transaction.atomic(durable=True)
def limit(
    *,
    distributor_pk: int,
    category_pks: Collection[int],
    brand_pks: Collection[int],
    at: datetime,
) -> list[Limit]:
    """Let a distributor see these categories (with what is below) and brands only; none: no limit.

    :raises NotFound: there is no such distributor, category or brand.
    :raises TooManyChosen: over the limit.
    """
    distributor = Distributor.objects.locked().filter(pk=distributor_pk).first()
    if distributor is None:
        raise NotFound
    categories = _all_there(Category.objects.filter(pk__in=category_pks), category_pks)
    brands = _all_there(Brand.objects.filter(pk__in=brand_pks), brand_pks)
    Limit.objects.filter(distributor=distributor).delete()
    telling.assortment_changed(distributor, at=at)
    return Limit.objects.bulk_create(
        [
            *(Limit(distributor=distributor, category_id=pk) for pk in sorted(categories)),
            *(Limit(distributor=distributor, brand_id=pk) for pk in sorted(brands)),
        ]
    )


@transaction.atomic(durable=True)
def override_rate(
    *, product_pk: int, level: Level, fee_rate_bp: int | None, at: datetime
) -> Product:
    """Give a product its own fee rate for a level, in basis points; None: the level's own again.

    :raises NotFound: there is no such product.
    :raises RateOutOfRange: the rate is negative or above 100 %.
    """
    if fee_rate_bp is not None and not 0 <= fee_rate_bp <= BASIS_POINTS:
        raise RateOutOfRange(pointer="/fee_rate_bp", rate_bp=fee_rate_bp)
    product = _locked(product_pk, at)
    if fee_rate_bp is None:
        RateOverride.objects.filter(product=product, level=level).delete()
    else:
        RateOverride.objects.update_or_create(
            product=product, level=level, defaults={"fee_rate_bp": fee_rate_bp}
        )
    product.skus.update(price_version=levels.next_price_version())
    return _raise_version(product, at)


@transaction.atomic(durable=True)
def set_markup(*, sku_pk: int, markup_fen: int, at: datetime) -> Sku:
    """Set what the platform adds to a sku's supply price, in fen; orders from now on pay it.

    :raises NotFound: there is no such sku.
    :raises MarkupOutOfRange: negative or absurd.
    """
    if not 0 <= markup_fen <= MAX_PRICE_FEN:
        raise MarkupOutOfRange(pointer="/markup_fen", limit=MAX_PRICE_FEN, markup_fen=markup_fen)
    product_pk = Sku.objects.filter(pk=sku_pk).values_list("product_id", flat=True).first()
    product = _locked(product_pk, at)
    sku = Sku.objects.get(pk=sku_pk)
    if sku.markup_fen != markup_fen:
        sku.markup_fen, sku.price_version = markup_fen, levels.next_price_version()
        sku.save(update_fields=["markup_fen", "price_version"])
        _raise_version(product, at)
    return sku


def _locked(product_pk: int | None, at: datetime) -> Product:
    """Lock a product that is about to change."""
    product = Product.objects.locked().filter(pk=product_pk or 0).first()
    if product is None:
        raise NotFound
    noting.before_change([product.pk], at=at)
    return product


def _all_there(
    rows: models.QuerySet[Distributor] | models.QuerySet[Category] | models.QuerySet[Brand],
    wanted: Collection[int],
) -> set[int]:
    if len(wanted) > MAX_CHOSEN:
        raise TooManyChosen(limit=MAX_CHOSEN, count=len(wanted))
    there: set[int] = set(rows.values_list("pk", flat=True))
    if there != set(wanted):
        raise NotFound
    return there


def _raise_version(product: Product, at: datetime) -> Product:
    product.version += 1
    product.changed_at = at
    product.save(update_fields=["version", "changed_at", "chosen_only"])
    return product
