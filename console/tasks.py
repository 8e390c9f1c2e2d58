"""What the console has done by itself."""

from celery import shared_task
from django.utils import timezone

from console import (
    bulk_goods,
    checking_recharges,
    doing_many,
    health,
    mailing,
    review_queue,
    taking_up,
    visibility,
)

# A task ends long before it would be stopped; the next tick goes on.
TURNS_A_WAKE = 20
# What can be done to many enters itself where it is defined.
DEEDS_OF = (bulk_goods, checking_recharges, review_queue, visibility)


@shared_task
def note_beat() -> None:
    """Remember that the clock ticks."""
    health.note_beat(timezone.now())


@shared_task
def send_reports() -> int:
    """Send the reports that are due; return how many were."""
    return mailing.send_due(at=timezone.now())


@shared_task(queue="slow")
def do_many() -> int:
    """Do what staff want done to many things, turn by turn; return how many rows that were."""
    count = 0
    for _turn in range(TURNS_A_WAKE):
        rows = doing_many.work(at=timezone.now())
        if rows < 0:
            break
        count += rows
    return count


@shared_task(queue="slow")
def forget_bulk_jobs() -> int:
    """Delete jobs that ended long ago; return how many."""
    return doing_many.forget(at=timezone.now())


@shared_task(queue="slow")
def forget_attention() -> int:
    """Delete notes about exceptions that are long gone; return how many."""
    return taking_up.forget(at=timezone.now())
