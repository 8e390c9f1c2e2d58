"""What the examples of callbacks speak of."""

from django.db import transaction
from django.utils import timezone

from api import callback_examples
from integration import delivering, endpoints, outbox
from integration.outbox import Message
from tests.api.signed import Shop


def seed(shop: Shop, operation_id: str) -> None:
    """An endpoint where nobody answers, and what was to be delivered there."""
    if operation_id == "webhook_save":
        return
    at = timezone.now()
    endpoints.save(partner=shop.distributor.partner, url=callback_examples.URL, at=at)
    with transaction.atomic():
        outbox.record([Message(shop.distributor.partner_id, "deposit.low", "D1", None, {})], at=at)
    outbox.stamp(shop.distributor.partner_id)
    delivering.deliver()
