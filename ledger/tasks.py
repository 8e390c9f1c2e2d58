"""What wakes the sequencer of the ledger's chain."""

from celery import shared_task
from django.utils import timezone

from ledger import chaining


@shared_task
def link() -> int:
    """Link what was posted; return how many transfers that were."""
    return chaining.link(at=timezone.now())
