"""What wakes the acts on orders that happen by themselves."""

from celery import shared_task
from django.utils import timezone

from orders import receiving


@shared_task
def receive_due() -> int:
    """Receive the parcels whose time has come; return how many orders that concerned."""
    return receiving.receive_due(at=timezone.now())
