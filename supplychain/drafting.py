"""Drafting: a product form half filled in is kept for the one who fills it, until it is submitted."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from companies.models import Person
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain.models import Product, ProductDraft

MAX_BYTES = 1_000_000
KEPT_DAYS = 90

# What a form would send: each field with its values.
Fields = Mapping[str, Sequence[str]]


class DraftTooLarge(DomainError):
    code = "draft_too_large"
    text = _("The draft is too large to be kept; submit it, or shorten the details.")


@transaction.atomic(durable=True)
def keep(
    *, person: Person, supplier: Supplier, product: Product | None, fields: Fields, at: datetime
) -> ProductDraft:
    """Keep what somebody has typed so far, in place of what was kept before.

    :raises DraftTooLarge: more than a form can sensibly hold.
    """
    if len(msgspec.json.encode(fields)) > MAX_BYTES:
        raise DraftTooLarge
    draft, _created = ProductDraft.objects.update_or_create(
        person=person,
        supplier=supplier,
        product=product,
        defaults={"fields": _storable(fields), "saved_at": at},
    )
    return draft


def find(*, person: Person, supplier: Supplier, product: Product | None) -> ProductDraft | None:
    """Return what somebody left; nobody else's."""
    mine = ProductDraft.objects.filter(person=person, supplier=supplier)
    return mine.filter(product=product).first()


@transaction.atomic(durable=True)
def discard(*, person: Person, supplier: Supplier, product: Product | None) -> None:
    """Forget a draft: it was submitted, or is not wanted any more."""
    ProductDraft.objects.filter(person=person, supplier=supplier, product=product).delete()


def forget(*, at: datetime) -> int:
    """Delete drafts that nobody has touched for long; return how many."""
    old = ProductDraft.objects.filter(saved_at__lt=at - timedelta(days=KEPT_DAYS))
    return old.delete()[0]


def _storable(fields: Fields) -> dict[str, list[str]]:
    """Drop what no database text holds."""
    return {name: [value.replace("\0", "") for value in values] for name, values in fields.items()}
