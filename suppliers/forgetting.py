"""Forgetting papers that are of no use any more: those of applicants who did not become suppliers."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from companies import papers, policies
from companies.applications import ApplicationState
from suppliers.models import Paper, PaperState

AT_ONCE = 200


def forget_papers(*, at: datetime) -> int:
    """Delete papers of declined and abandoned applications, and replaced ones; return how many.

    The application stays, with what was decided; the identity cards do not.
    """
    before = at - timedelta(days=policies.read().papers_kept_days)
    count = 0
    while done := _forget_some(before):
        count += done
    return count


@transaction.atomic(durable=True)
def _forget_some(before: datetime) -> int:
    rows = list(_useless(before).select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
    files = [paper.file for paper in rows]
    Paper.objects.filter(pk__in=[paper.pk for paper in rows]).delete()
    transaction.on_commit(lambda: papers.delete(files))
    return len(rows)


def _useless(before: datetime) -> QuerySet[Paper]:
    ended = Q(
        application__state__in=[ApplicationState.REJECTED, ApplicationState.SENT_BACK],
        application__decided_at__lt=before,
    )
    replaced = Q(state=PaperState.REPLACED, handed_in_at__lt=before)
    return Paper.objects.filter(ended | replaced).order_by("pk")
