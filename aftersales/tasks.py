"""What wakes the acts of after-sales that happen by themselves."""

from celery import shared_task
from django.utils import timezone

from aftersales import evidence, goodwill


@shared_task
def decline_goodwill() -> int:
    """Decline the goodwill that nobody answered in time; return how many claims that concerned."""
    return goodwill.decline_due(at=timezone.now())


@shared_task
def forget_evidence() -> int:
    """Delete the pictures that nothing used; return how many."""
    return evidence.forget_unused(at=timezone.now())
