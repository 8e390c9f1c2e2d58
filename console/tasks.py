"""What the console has done by itself."""

from celery import shared_task
from django.utils import timezone

from console import health


@shared_task
def note_beat() -> None:
    """Remember that the clock ticks."""
    health.note_beat(timezone.now())
