"""Where consumers send a supplier's goods back to."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit.errors import DomainError, NotFound
from suppliers.models import Supplier

MAX_ADDRESS = 300


class ReturnAddressTooLong(DomainError):
    code = "return_address_too_long"
    text = _("A return address has up to {limit} characters.")


@transaction.atomic(durable=True)
def set_return_address(*, supplier_pk: int, address: str) -> Supplier:
    """Write down a supplier's return address, on one line; cases that were told another keep it.

    :raises NotFound: there is no such supplier.
    :raises ReturnAddressTooLong: more than MAX_ADDRESS characters.
    """
    wanted = " ".join(address.split())
    if len(wanted) > MAX_ADDRESS:
        raise ReturnAddressTooLong(limit=MAX_ADDRESS)
    supplier = Supplier.objects.locked().filter(pk=supplier_pk).first()
    if supplier is None:
        raise NotFound
    supplier.return_address = wanted
    supplier.save(update_fields=["return_address"])
    return supplier
