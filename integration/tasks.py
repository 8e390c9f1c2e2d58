"""What wakes the outbox, the calls back, and the clean-ups."""

from celery import shared_task
from django.utils import timezone

from integration import delivering, forgetting, nonces, outbox, request_log, usage


@shared_task
def stamp() -> int:
    """Number what was committed to the outbox; return how many events that was."""
    stamped = outbox.stamp()
    if stamped:
        deliver.apply_async(expires=delivering.SHIFT_SECONDS)
    return stamped


@shared_task(queue="callbacks")
def deliver() -> int:
    """Call back everybody who has something due; return how many deliveries were acknowledged."""
    return delivering.deliver()


@shared_task
def forget_nonces() -> int:
    """Delete nonces that no signature can carry any more; return how many."""
    return nonces.forget(at=timezone.now())


@shared_task(queue="slow")
def forget_events() -> int:
    """Delete events that are older than the policy keeps them; return how many."""
    return forgetting.forget(at=timezone.now())


@shared_task(queue="slow")
def forget_requests() -> int:
    """Delete requests that are older than the policy keeps them; return how many."""
    return request_log.forget(at=timezone.now())


@shared_task(queue="slow")
def tidy_usage() -> int:
    """Put old minutes of usage together as hours; return how many rows that touched."""
    return usage.tidy(at=timezone.now())
