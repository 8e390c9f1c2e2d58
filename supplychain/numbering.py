"""Public numbers of goods: the owner's number where it is free, else one that names the owner too."""

from collections.abc import Sequence
from typing import Any

from django.db import models

from kit import bulk, numbers
from suppliers.models import Supplier
from supplychain.models import Product, Sku

# Any number will do, as long as it is always the same.
_LOCK = 3_141_592
PLATFORM = "P"
SUFFIX = 6


def lock() -> None:
    """Let nobody else give out numbers until the transaction ends; after products are locked."""
    bulk.query("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def item_nos(owner_nos: Sequence[str], supplier: Supplier | None) -> list[str]:
    """Return a free item number for each of an owner's numbers; the caller holds the lock."""
    return _free(owner_nos, supplier, Product.objects.all(), "item_no")


def sku_nos(owner_nos: Sequence[str], supplier: Supplier | None) -> list[str]:
    """Return a free sku number for each of an owner's numbers; the caller holds the lock."""
    return _free(owner_nos, supplier, Sku.objects.all(), "sku_no")


def _free(
    owner_nos: Sequence[str], supplier: Supplier | None, rows: models.QuerySet[Any], field: str
) -> list[str]:
    prefix = supplier.number if supplier else PLATFORM
    named = {owner_no: f"{prefix}-{owner_no}" for owner_no in owner_nos}
    candidates = {f"{field}__in": [*named, *named.values()]}
    taken = set(rows.filter(**candidates).values_list(field, flat=True))
    given = []
    for owner_no in owner_nos:
        last_resort = f"{named[owner_no]}-{numbers.unguessable(SUFFIX)}"
        choices = (owner_no, named[owner_no], last_resort)
        given.append(next(choice for choice in choices if choice not in taken))
        taken.add(given[-1])
    return given
