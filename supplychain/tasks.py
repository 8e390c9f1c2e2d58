"""What happens to goods by itself; config/schedule.py says when."""

from celery import shared_task
from django.utils import timezone

from integration import tasks as integration
from supplychain import (
    drafting,
    exporting,
    following,
    holidays,
    import_jobs,
    pushing,
    reviewing,
    running_low,
    selling_out,
    telling,
)

# A task ends long before it would be stopped; the next tick goes on.
TURNS_A_WAKE = 20


@shared_task
def apply_due_revisions() -> int:
    """Let approved price rises take effect whose time has come; return how many."""
    return reviewing.apply_due(at=timezone.now())


@shared_task
def push_stock() -> int:
    """Tell what moved on the shelves; return how many events that was."""
    pushed = pushing.push(at=timezone.now())
    if pushed:
        integration.stamp()
    return pushed


@shared_task
def tell_changes() -> int:
    """Tell of goods that changed; return how many events that was."""
    return telling.tell_changes(at=timezone.now())


@shared_task
def delist_sold_out() -> int:
    """Take products off sale of which nothing is left, where that is wanted; return how many."""
    return selling_out.delist_sold_out(at=timezone.now())


@shared_task
def keep_holidays() -> int:
    """Begin and end the holidays of suppliers whose time has come; return how many."""
    return holidays.run_due(at=timezone.now())


@shared_task(queue="slow")
def write_exports() -> int:
    """Write the catalogue files that are asked for; return how many."""
    return exporting.write_due(at=timezone.now())


@shared_task(queue="slow")
def load_goods_files() -> int:
    """Read, check and load files of goods, turn by turn; return how many rows that were."""
    count = 0
    for _turn in range(TURNS_A_WAKE):
        rows = import_jobs.work(at=timezone.now())
        if rows < 0:
            break
        count += rows
    return count


@shared_task(queue="slow")
def forget_goods_files() -> int:
    """Delete files of goods that are too old to be looked up; return how many."""
    return import_jobs.forget(at=timezone.now())


@shared_task(queue="slow")
def forget_exports() -> int:
    """Delete catalogue files that are too old; return how many."""
    return exporting.forget(at=timezone.now())


@shared_task(queue="slow")
def forget_changes() -> int:
    """Delete changes of goods that are older than the policy keeps them; return how many."""
    return following.forget(at=timezone.now())


@shared_task(queue="slow")
def mail_low_stock() -> int:
    """Tell people by mail which skus are low, once a day; return how many mails that was."""
    return running_low.mail_due(at=timezone.now())


@shared_task(queue="slow")
def forget_drafts() -> int:
    """Delete product forms that nobody went on with; return how many."""
    return drafting.forget(at=timezone.now())
