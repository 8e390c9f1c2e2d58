"""What happens to goods by itself; config/schedule.py says when."""

from celery import shared_task
from django.utils import timezone

from supplychain import reviewing


@shared_task
def apply_due_revisions() -> int:
    """Let approved price rises take effect whose time has come; return how many."""
    return reviewing.apply_due(at=timezone.now())
