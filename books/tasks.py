"""What wakes the keeping of the books."""

from celery import shared_task
from django.utils import timezone

from books import statements


@shared_task
def close_statements() -> int:
    """Close the days that are over; return how many that were."""
    return len(statements.run(at=timezone.now()))
