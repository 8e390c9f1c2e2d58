"""What wakes the keeping of the books."""

from celery import shared_task
from django.utils import timezone

from books import bank_matching, performing, proving, rollups, statements
from kit import actors


@shared_task
def close_statements() -> int:
    """Close the days that are over; return how many that were."""
    return len(statements.run(at=timezone.now()))


@shared_task
def prove() -> int:
    """Hold the books against every rule; return how many are broken."""
    proof = proving.prove(at=timezone.now(), actor=actors.timer("proof"))
    return len(proof.breaches)


@shared_task
def match_bank() -> int:
    """Try to match what the bank showed with what was posted since; return how many lines that did."""
    return bank_matching.match_open()


@shared_task
def roll_up() -> int:
    """Roll up the days that are over, and those of which something came late; return how many."""
    return len(rollups.roll(at=timezone.now()))


@shared_task
def roll_performance() -> int:
    """Roll up how suppliers did on the days that are over; return how many days have figures."""
    return performing.roll(at=timezone.now())
