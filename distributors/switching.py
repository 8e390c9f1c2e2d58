"""What a distributor may do after a sale: after-sales at the platform, claims, refunds by themselves."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from distributors.models import BeforeReceipt, Distributor
from kit.errors import DomainError, NotFound


class RefundRoadUnknown(DomainError):
    code = "refund_road_unknown"
    text = _("“{road}” is no way in which refunds before receipt are decided.")


@transaction.atomic(durable=True)
def switch(
    *, distributor_pk: int, aftersale_open: bool, claims_open: bool, refund_before_receipt: str
) -> Distributor:
    """Open or shut after-sales and claims to a distributor; cases that are open go on.

    :raises NotFound: there is no such distributor.
    :raises RefundRoadUnknown: refunds before receipt are reviewed, or approve themselves.
    """
    if refund_before_receipt not in BeforeReceipt.values:
        raise RefundRoadUnknown(road=refund_before_receipt)
    distributor = Distributor.objects.locked().filter(pk=distributor_pk).first()
    if distributor is None:
        raise NotFound
    distributor.aftersale_open = aftersale_open
    distributor.claims_open = claims_open
    distributor.refund_before_receipt = refund_before_receipt
    distributor.save(update_fields=["aftersale_open", "claims_open", "refund_before_receipt"])
    return distributor
