"""Baskets: what somebody means to order, kept until it is ordered or taken out. Nothing is reserved."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from companies.models import Person
from distributors.models import Distributor
from kit import bulk
from kit.errors import DomainError, NotFound
from orders.models import BasketLine
from orders.requests import MAX_LINES, MAX_QUANTITY
from supplychain import offers
from supplychain.offers import Offer


class BasketFull(DomainError):
    code = "basket_full"
    text = _("A basket holds up to {limit} skus, as an order does. Order these first.")


class QuantityOutOfRange(DomainError):
    code = "quantity_out_of_range"
    text = _("A line has 1 to {limit} pieces.")


_ADD = """
INSERT INTO orders_basketline (distributor_id, person_id, sku_id, quantity, added_at)
SELECT %s, %s, added.sku_id, added.quantity, %s
FROM unnest(%s::bigint[], %s::int[]) AS added (sku_id, quantity)
ON CONFLICT (distributor_id, person_id, sku_id)
DO UPDATE SET quantity = LEAST(orders_basketline.quantity + EXCLUDED.quantity, %s)
"""


@transaction.atomic(durable=True)
def add(
    *, distributor: Distributor, person: Person, quantities: Mapping[str, int], at: datetime
) -> None:
    """Put pieces of skus into a basket, onto what is in it.

    :raises NotFound: a sku is not offered to the distributor.
    :raises QuantityOutOfRange: no such number of pieces can be ordered.
    :raises BasketFull: too many skus.
    """
    found = _offered(distributor, quantities)
    bulk.execute(
        _ADD,
        [
            distributor.pk,
            person.pk,
            at,
            bulk.array(offer.sku_pk for offer in found.values()),
            bulk.array(quantities[sku_no] for sku_no in found),
            MAX_QUANTITY,
        ],
    )
    if _lines(distributor, person).count() > MAX_LINES:
        raise BasketFull(limit=MAX_LINES)


@transaction.atomic(durable=True)
def change(*, distributor: Distributor, person: Person, sku_no: str, quantity: int) -> None:
    """Set how many pieces of a sku a basket holds; 0 takes it out.

    :raises NotFound: there is no such sku in it.
    :raises QuantityOutOfRange: no such number of pieces can be ordered.
    """
    line = _lines(distributor, person).filter(sku__sku_no=sku_no).first()
    if line is None:
        raise NotFound
    if quantity == 0:
        line.delete()
        return
    _check_quantity(quantity)
    line.quantity = quantity
    line.save(update_fields=["quantity"])


@transaction.atomic(durable=True)
def clear(*, distributor: Distributor, person: Person, sku_nos: Collection[str]) -> None:
    """Take skus out of a basket: they are ordered."""
    _lines(distributor, person).filter(sku__sku_no__in=sku_nos).delete()


def contents(*, distributor: Distributor, person: Person) -> list[tuple[BasketLine, Offer | None]]:
    """Return what a basket holds, in the order in which it was put in, with what is offered now.

    Without an offer: the sku is not on sale for the distributor any more.
    """
    lines = list(_lines(distributor, person).select_related("sku__product").order_by("pk"))
    asked = [(distributor.pk, line.sku.sku_no) for line in lines]
    found = offers.find(asked) if asked else {}
    shown = [(line, found.get((distributor.pk, line.sku.sku_no))) for line in lines]
    return [(line, offer if offer and offer.on_sale else None) for line, offer in shown]


def count(*, distributor: Distributor, person: Person) -> int:
    """Return how many skus a basket holds."""
    return _lines(distributor, person).count()


def _lines(distributor: Distributor, person: Person) -> models.QuerySet[BasketLine]:
    return BasketLine.objects.filter(distributor=distributor, person=person)


def _offered(distributor: Distributor, quantities: Mapping[str, int]) -> dict[str, Offer]:
    found = offers.find((distributor.pk, sku_no) for sku_no in quantities)
    offered = {sku_no: offer for (_pk, sku_no), offer in found.items() if offer.on_sale}
    if offered.keys() != quantities.keys():
        raise NotFound
    for quantity in quantities.values():
        _check_quantity(quantity)
    return offered


def _check_quantity(quantity: int) -> None:
    if not 1 <= quantity <= MAX_QUANTITY:
        raise QuantityOutOfRange(limit=MAX_QUANTITY)
