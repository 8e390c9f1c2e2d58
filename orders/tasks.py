"""What wakes the acts on orders that happen by themselves."""

from celery import shared_task
from django.utils import timezone

from orders import (
    cancelling,
    completing,
    filing,
    lapsing,
    lateness,
    missing,
    placing_filed,
    quoting,
    receiving,
    refusals,
    remembering,
    shipping_files,
    waiting,
)


@shared_task
def receive_due() -> int:
    """Receive the parcels whose time has come; return how many orders that concerned."""
    return receiving.receive_due(at=timezone.now())


@shared_task
def complete_due() -> int:
    """Complete the orders whose after-sale window is over; return how many."""
    return completing.complete_due(at=timezone.now())


@shared_task
def grant_unanswered() -> int:
    """Grant the cancellations that nobody answered in time; return how many that were."""
    return cancelling.grant_unanswered(at=timezone.now())


@shared_task
def note_late() -> int:
    """Tell of the parts that were not shipped in time; return how many that were."""
    return lateness.note_late(at=timezone.now())


@shared_task
def lapse_due() -> int:
    """Let the holds lapse whose time is over; return how many."""
    return lapsing.lapse_due(at=timezone.now())


@shared_task
def place_funded() -> int:
    """Place the waiting orders that their deposits cover by now; return how many."""
    return waiting.place_funded(at=timezone.now())


@shared_task
def forget_refusals() -> int:
    """Delete the refusals that are too old to be read; return how many."""
    return refusals.forget(at=timezone.now())


@shared_task
def forget_quotes() -> int:
    """Delete quotes that ended long ago; return how many."""
    return quoting.forget(at=timezone.now())


@shared_task
def note_ordered() -> int:
    """Note who ordered what, for those who tell of goods; return how many orders were read."""
    return remembering.note_ordered(at=timezone.now())


@shared_task
def push_missing() -> int:
    """Tell who was refused for want of stock that none is left; return how many events it took."""
    return missing.push_missing(at=timezone.now())


@shared_task
def place_filed() -> int:
    """Place the orders of files that were confirmed; return how many were tried."""
    return placing_filed.place_due(at=timezone.now())


@shared_task
def forget_files() -> int:
    """Delete files of orders that are too old to be looked up; return how many."""
    return filing.forget(at=timezone.now())


@shared_task
def forget_shipping_files() -> int:
    """Delete files of parcels that are too old to be looked up; return how many."""
    return shipping_files.forget(at=timezone.now())


@shared_task(queue="slow")
def forget_ordered() -> int:
    """Forget who ordered what long ago; return how much."""
    return remembering.forget_ordered(at=timezone.now())
