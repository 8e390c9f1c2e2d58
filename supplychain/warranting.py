"""For how long after receipt after-sales of a product are open: what the platform decides of it."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit.errors import DomainError, NotFound
from supplychain.models import Product

MAX_DAYS = 365


class AftersaleDaysOutOfRange(DomainError):
    code = "aftersale_days_out_of_range"
    text = _("After-sales are open for 0 to {limit} days after receipt.")


@transaction.atomic(durable=True)
def set_aftersale_days(*, product_pk: int, days: int | None) -> Product:
    """Open after-sales of a product for some days after receipt; orders placed before keep theirs.

    0 is the classic policy for this product; None, whatever the platform's policy says.

    :raises NotFound: there is no such product.
    :raises AftersaleDaysOutOfRange: fewer than none, or too many.
    """
    if days is not None and not 0 <= days <= MAX_DAYS:
        raise AftersaleDaysOutOfRange(limit=MAX_DAYS)
    product = Product.objects.locked().filter(pk=product_pk).first()
    if product is None:
        raise NotFound
    product.aftersale_days = days
    product.save(update_fields=["aftersale_days"])
    return product
