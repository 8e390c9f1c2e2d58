"""Freezing skus: a proof found the stock of one broken, so it is not sold until staff say why."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from kit.errors import DomainError, NotFound
from supplychain import noting
from supplychain.models import Product, Sku

MAX_REASON = 200


class ThawReasonMissing(DomainError):
    code = "thaw_reason_missing"
    text = _("Say in up to {limit} characters why the sku may be sold again.")


@transaction.atomic(savepoint=False)
def freeze_sku(*, sku_pk: int, reason: str, at: datetime) -> Sku:
    """Offer a sku to nobody any more; what was ordered or held goes on.

    One that is frozen already stays so since when it was, for the reason that it was. Joins the
    caller's transaction, or has one of its own.

    :raises NotFound: there is no such sku.
    """
    sku = _lock(sku_pk)
    if sku.frozen_at is None:
        noting.before_change([sku.product_id], at=at)
        sku.frozen_at, sku.frozen_reason = at, reason[:MAX_REASON]
        _save(sku, at)
    return sku


@transaction.atomic(durable=True)
def unfreeze_sku(*, sku_pk: int, reason: str, at: datetime) -> Sku:
    """Offer a sku again. Who decided it, and why, goes into the record of the door.

    One that is not frozen stays as it is.

    :raises NotFound: there is no such sku.
    :raises ThawReasonMissing: no reason, or too long a one.
    """
    if not 0 < len(reason.strip()) <= MAX_REASON:
        raise ThawReasonMissing(limit=MAX_REASON)
    sku = _lock(sku_pk)
    if sku.frozen_at is not None:
        noting.before_change([sku.product_id], at=at)
        sku.frozen_at, sku.frozen_reason = None, ""
        _save(sku, at)
    return sku


def _lock(sku_pk: int) -> Sku:
    """Lock a sku after its product, as reviews do."""
    list(Product.objects.filter(skus=sku_pk).select_for_update(no_key=True))
    sku = Sku.objects.filter(pk=sku_pk).select_for_update(no_key=True).first()
    if sku is None:
        raise NotFound
    return sku


def _save(sku: Sku, at: datetime) -> None:
    """Save it, and let whoever follows changes of products see this one."""
    sku.save(update_fields=["frozen_at", "frozen_reason"])
    Product.objects.filter(pk=sku.product_id).update(version=F("version") + 1, changed_at=at)
