"""What happens to cases by itself: deadlines with their outcomes, and what parcels bring about."""

from datetime import datetime

from django.db import transaction

from aftersales import casework, deadlines, deciding, parcels, reshipping
from aftersales.casework import Work
from aftersales.deciding import Terms
from aftersales.models import Case, CaseState, Liability
from kit import actors, bulk

TIMER = actors.timer("aftersale")
DUE_AT_ONCE = 200


def run_due(*, at: datetime) -> int:
    """End the waits whose deadline has passed, each once; return how many.

    Where the platform is late, staff are alerted: once, until the case moves on. Run by a timer, as
    often and by as many as you like.
    """
    count = 0
    waiting = Case.objects.filter(ended_at=None, due_at__lte=at, late_at=None)
    seen = 0
    while True:
        rows = waiting.filter(pk__gt=seen).order_by("pk").values_list("pk", "case_no")
        due = list(rows[:DUE_AT_ONCE])
        count += sum(_fire(pk, case_no, at) for pk, case_no in due)
        if len(due) < DUE_AT_ONCE:
            return count
        seen = due[-1][0]


def open_for_parcels(*, at: datetime) -> int:
    """Open cases for parcels that were refused or lost, and move those whose parcel came back."""
    return parcels.open_for_parcels(at=at)


@transaction.atomic(durable=True)
def _fire(case_pk: int, case_no: str, at: datetime) -> bool:
    # Another worker has taken it: nobody waits for what is done anyway.
    [(taken,)] = bulk.query(
        "SELECT pg_try_advisory_xact_lock(hashtext('aftersales.timing'), %s)",
        [case_pk % 2**31],
    )
    if not taken:
        return False
    work = casework.lock(case_no=case_no, actor=TIMER, at=at, money=True)
    if not _is_due(work):
        return False
    _OUTCOMES[deadlines.outcome(work.case.state, work.policies)](work)
    return True


def _is_due(work: Work) -> bool:
    """Tell whether nobody has moved the case on since it was found."""
    case = work.case
    return (
        case.ended_at is None
        and case.late_at is None
        and case.due_at is not None
        and case.due_at <= work.at
    )


def _alert(work: Work) -> None:
    work.case.late_at = work.at
    work.case.save(update_fields=["late_at"])
    casework.note(work, "late")


def _approve(work: Work) -> None:
    most_fen = deciding.most_that_can_be_approved(work)
    deciding.approve_within(work, Terms(most_fen, Liability.SUPPLIER))


def _expire(work: Work) -> None:
    casework.end(work, work.case.expire)


_OUTCOMES = {
    deadlines.ALERT: _alert,
    CaseState.APPROVED: _approve,
    CaseState.CLOSED: deciding.close_within,
    CaseState.EXPIRED: _expire,
    CaseState.COMPLETED: reshipping.complete_within,
}
