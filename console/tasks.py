"""What the console has done by itself."""

from celery import shared_task
from django.utils import timezone

from console import health, mailing


@shared_task
def note_beat() -> None:
    """Remember that the clock ticks."""
    health.note_beat(timezone.now())


@shared_task
def send_reports() -> int:
    """Send the reports that are due; return how many were."""
    return mailing.send_due(at=timezone.now())
