"""What wakes the acts on companies that happen by themselves."""

from celery import shared_task
from django.utils import timezone

from companies import seeing_as


@shared_task
def forget_visits() -> int:
    """Delete the visits that are too old to be read; return how many."""
    return seeing_as.forget(at=timezone.now())
