"""Running low: which skus have too little left, by their supplier's mark, and who is told by mail."""

import logging
import smtplib
from datetime import date, datetime

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from companies import policies
from companies.models import Membership, Person
from companies.policies import Policies
from kit.errors import DomainError, NotFound
from suppliers.models import Supplier
from supplychain.models import MAX_STOCK, LowMark, ProductState, Sku, StockMail

# Mails of a day leave from this hour in Asia/Shanghai on.
MAIL_HOUR = 8
MAILS_AT_ONCE = 200
NAMED_IN_MAIL = 50

log = logging.getLogger(__name__)


class MarkOutOfRange(DomainError):
    code = "low_mark_out_of_range"
    text = _("A sku is low below 0 to {limit} pieces; {below} is not.")


def with_marks(skus: QuerySet[Sku], decided: Policies | None = None) -> QuerySet[Sku]:
    """Give each sku `low_below`: its own mark, else the policy's (read where it is not given)."""
    default = (decided or policies.read()).low_stock_below
    return skus.annotate(low_below=Coalesce("low_mark__below", Value(default)))


def low_of(supplier: Supplier, decided: Policies | None = None) -> QuerySet[Sku]:
    """Return the skus of a supplier that are on sale and low."""
    on_sale = Sku.objects.filter(
        product__supplier=supplier, product__state=ProductState.LISTED, offered=True
    )
    return with_marks(on_sale, decided).filter(stock__available__lt=F("low_below"))


@transaction.atomic(durable=True)
def mark(*, sku_pk: int, supplier: Supplier, below: int | None) -> None:
    """Say below how many pieces a sku is low; None: as the policy says.

    :raises NotFound: no such sku of this supplier.
    :raises MarkOutOfRange: negative or absurd.
    """
    if not Sku.objects.filter(pk=sku_pk, product__supplier=supplier).exists():
        raise NotFound
    if below is None:
        LowMark.objects.filter(sku_id=sku_pk).delete()
        return
    if not 0 <= below <= MAX_STOCK:
        raise MarkOutOfRange(limit=MAX_STOCK, below=below)
    LowMark.objects.update_or_create(sku_id=sku_pk, defaults={"below": below})


@transaction.atomic(durable=True)
def subscribe(*, person: Person, supplier: Supplier, wanted: bool) -> None:
    """Have somebody told by mail of what is low, or no longer."""
    if wanted:
        StockMail.objects.get_or_create(person=person, supplier=supplier)
    else:
        StockMail.objects.filter(person=person, supplier=supplier).delete()


def is_told(person: Person, supplier: Supplier) -> bool:
    """Tell whether somebody wants the mail."""
    return StockMail.objects.filter(person=person, supplier=supplier).exists()


def mail_due(*, at: datetime, limit: int = MAILS_AT_ONCE) -> int:
    """Send the mails of the day that are not sent yet; return how many. Safe to run by many at once.

    A mail that the server does not take is tried again; one that a death of this process swallows
    is not: better none than two.
    """
    local = timezone.localtime(at)
    if local.hour < MAIL_HOUR:
        return 0
    due = StockMail.objects.exclude(done_on=local.date()).order_by("pk")
    return sum(_mail_one(pk, local.date()) for pk in due.values_list("pk", flat=True)[:limit])


def _mail_one(pk: int, day: date) -> int:
    claimed = _claim(pk, day)
    if claimed is None:
        return 0
    with translation.override(settings.LANGUAGE_CODE):
        subject, text = _written(claimed.supplier)
        if not text:
            return 0
        try:
            send_mail(subject, text, None, [claimed.person.email])
        except (OSError, smtplib.SMTPException):
            log.warning("low-stock mail not sent", exc_info=True)
            StockMail.objects.filter(pk=pk, done_on=day).update(done_on=None)
            return 0
    return 1


@transaction.atomic(durable=True)
def _claim(pk: int, day: date) -> StockMail | None:
    """Take a mail before it is sent; whoever has left the company gets none any more."""
    rows = (
        StockMail.objects.filter(pk=pk)
        .exclude(done_on=day)
        .select_for_update(of=("self",), skip_locked=True)
    )
    row = rows.select_related("supplier__company", "person").first()
    if row is None:
        return None
    member = Membership.objects.filter(
        company=row.supplier.company_id, person=row.person_id, person__is_active=True
    )
    if not member.exists():
        row.delete()
        return None
    row.done_on = day
    row.save(update_fields=["done_on"])
    return row


def _written(supplier: Supplier) -> tuple[str, str]:
    """Return subject and text; no text where nothing is low."""
    low = low_of(supplier)
    count = low.count()
    if not count:
        return "", ""
    named = low.select_related("product", "stock").order_by("stock__available", "pk")
    lines = [
        f"{sku.sku_no}  {sku.product.name} {sku.spec_text}".rstrip() + f": {sku.stock.available}"
        for sku in named[:NAMED_IN_MAIL]
    ]
    if count > NAMED_IN_MAIL:
        lines.append(gettext("… and {count} more").format(count=count - NAMED_IN_MAIL))
    subject = ngettext("{count} sku is low", "{count} skus are low", count).format(count=count)
    address = settings.PUBLIC_URL.rstrip("/") + reverse("supplier:stock") + "?show=low"
    closing = gettext("All of them, and the switch for this mail: {address}").format(
        address=address
    )
    return f"{supplier.company.name}: {subject}", "\n".join([*lines, "", closing])
