"""What wakes the outbox and the clean-up of nonces."""

from celery import shared_task
from django.utils import timezone

from integration import nonces, outbox


@shared_task
def stamp() -> int:
    """Number what was committed to the outbox; return how many events that was."""
    return outbox.stamp()


@shared_task
def forget_nonces() -> int:
    """Delete nonces that no signature can carry any more; return how many."""
    return nonces.forget(at=timezone.now())
