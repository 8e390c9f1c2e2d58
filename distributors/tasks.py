"""What happens to distributors by itself."""

from celery import shared_task
from django.utils import timezone

from distributors import forgetting


@shared_task(queue="slow")
def forget_licences() -> int:
    """Delete licences of applicants who did not become distributors; return how many."""
    return forgetting.forget_licences(at=timezone.now())
