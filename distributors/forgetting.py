"""Forgetting the business licences of applicants who did not become distributors."""

from datetime import datetime, timedelta

from django.db import transaction

from companies import papers, policies
from companies.applications import ApplicationState
from distributors.models import ShopApplication

AT_ONCE = 200


def forget_licences(*, at: datetime) -> int:
    """Delete the licences of declined and abandoned applications; return how many.

    The application stays, with what was decided.
    """
    before = at - timedelta(days=policies.read().papers_kept_days)
    count = 0
    while done := _forget_some(before):
        count += done
    return count


@transaction.atomic(durable=True)
def _forget_some(before: datetime) -> int:
    ended = ShopApplication.objects.filter(
        state__in=[ApplicationState.REJECTED, ApplicationState.SENT_BACK], decided_at__lt=before
    ).exclude(licence="")
    rows = ended.order_by("pk").select_for_update(of=("self",), skip_locked=True)
    files = dict(rows.values_list("pk", "licence")[:AT_ONCE])
    ShopApplication.objects.filter(pk__in=files).update(licence="")
    transaction.on_commit(lambda: papers.delete(files.values()))
    return len(files)
