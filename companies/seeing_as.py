"""Visits: somebody of the platform sees a company's pages as it does, and can change nothing there.

A visit belongs to one browser's session and one person, ends by itself, and every page is written
down where the company can read it. Whether somebody may visit is asked anew at each page.
"""

from datetime import datetime, timedelta

import pgtrigger
from django.db import models, transaction
from django.http import HttpRequest

from companies import policies
from companies.acting import Acting
from companies.models import Company, Person, Visit, VisitedPage
from kit.errors import NotFound

RIGHT = "console.look_as_companies"
SESSION_KEY = "visit"
LASTS = timedelta(minutes=30)
MAX_PATH = 300
FORGOTTEN_AT_ONCE = 200


@transaction.atomic(durable=True)
def begin(*, company_pk: int, side: str, person: Person, reason: str, at: datetime) -> Visit:
    """Begin to look at a company's pages on one of its sides; a visit that still runs ends.

    :raises NotFound: there is no such company, or it has no such side.
    """
    company = Company.objects.filter(pk=company_pk, partners__side=side).first()
    if company is None:
        raise NotFound
    _running(person, at).update(ended_at=at)
    return Visit.objects.create(
        company=company, side=side, person=person, reason=reason, began_at=at, ends_at=at + LASTS
    )


@transaction.atomic(durable=True)
def end(*, person: Person, at: datetime) -> Visit | None:
    """End the visit that somebody is on; return it, or None where there is none."""
    visit = _running(person, at).select_related("company").order_by("-pk").first()
    _running(person, at).update(ended_at=at)
    return visit


def running(request: HttpRequest, *, at: datetime) -> Visit | None:
    """Return the visit that a browser is on, if it runs and its person may still visit."""
    pk = request.session.get(SESSION_KEY)
    person = request.user
    if not pk or not isinstance(person, Person) or not person.is_staff:
        return None
    visit = _running(person, at).select_related("company").filter(pk=pk).first()
    return visit if visit is not None and person.has_perm(RIGHT) else None


def note(*, visit: Visit, path: str, refused: bool, at: datetime) -> None:
    """Write down that a page was asked for."""
    VisitedPage.objects.create(visit=visit, path=path[:MAX_PATH], refused=refused, seen_at=at)


def forget(*, at: datetime) -> int:
    """Delete the visits that ended longer ago than the policy's days; return how many.

    That somebody began one, of whom and why, stays among the decisions of staff.
    """
    before = at - timedelta(days=policies.read().visits_kept_days)
    count = 0
    while deleted := _forget_some(before):
        count += deleted
    return count


def role_of(visit: Visit) -> Acting:
    """Return what a visitor sees: all that an owner does."""
    company = visit.company
    return Acting(
        company.pk,
        company.name,
        company.number,
        visit.side,
        owner=True,
        reader=False,
        duties=None,
        two_factor_required=False,
        visiting=True,
    )


@transaction.atomic(durable=True)
def _forget_some(before: datetime) -> int:
    """The trigger that keeps pages of visits as they are stands aside for this alone."""
    old = Visit.objects.filter(ends_at__lt=before).order_by("pk")
    pks = list(old.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    with pgtrigger.ignore("companies.VisitedPage:immutable"):
        VisitedPage.objects.filter(visit__in=pks).delete()
    Visit.objects.filter(pk__in=pks).delete()
    return len(pks)


def _running(person: Person, at: datetime) -> "models.QuerySet[Visit]":
    return Visit.objects.filter(person=person, ended_at__isnull=True, ends_at__gt=at)
