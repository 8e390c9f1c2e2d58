"""What wakes the settlement of suppliers."""

from celery import shared_task
from django.utils import timezone

from kit import actors
from suppliers import forgetting, settlement, unbilled


@shared_task
def settle() -> int:
    """Issue the bills that are due; return how many."""
    return len(settlement.run(at=timezone.now(), actor=actors.timer("settlement")))


@shared_task(queue="slow")
def count_unbilled() -> int:
    """Count what lies long on no bill; return of how many suppliers."""
    return unbilled.count_up()


@shared_task(queue="slow")
def forget_papers() -> int:
    """Delete papers of applicants who did not become suppliers; return how many."""
    return forgetting.forget_papers(at=timezone.now())
