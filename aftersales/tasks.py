"""What wakes the acts of after-sales that happen by themselves."""

from celery import shared_task
from django.utils import timezone

from aftersales import evidence, goodwill, telling_suppliers, timing


@shared_task
def run_due() -> int:
    """End the waits of cases whose deadline has passed; return how many."""
    return timing.run_due(at=timezone.now())


@shared_task
def open_for_parcels() -> int:
    """Open and move the cases of refused and lost parcels; return how many."""
    return timing.open_for_parcels(at=timezone.now())


@shared_task
def decline_goodwill() -> int:
    """Decline the goodwill that nobody answered in time; return how many claims that concerned."""
    return goodwill.decline_due(at=timezone.now())


@shared_task
def tell_suppliers() -> int:
    """Tell suppliers' machines what happened to their parts of orders; return how many events."""
    return telling_suppliers.tell(at=timezone.now())


@shared_task
def forget_evidence() -> int:
    """Delete the pictures that nothing used; return how many."""
    return evidence.forget_unused(at=timezone.now())
