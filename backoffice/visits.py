"""The company's own log of visits: who of the platform saw its pages, why, when, and which."""

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from backoffice.access import members_only
from companies import policies
from companies.acting import Acting
from companies.models import Visit
from kit import paging

PAGE = 20


@require_GET
@members_only
def visits(request: HttpRequest, role: Acting) -> HttpResponse:
    """Show visits of the platform, newest first."""
    rows = Visit.objects.filter(company_id=role.company_pk, side=role.side)
    found = rows.select_related("person").annotate(
        opened=Count("pages", filter=Q(pages__refused=False)),
        refused=Count("pages", filter=Q(pages__refused=True)),
        paths=ArrayAgg("pages__path", distinct=True, filter=Q(pages__refused=False), default=[]),
    )
    page = paging.newest_first(found, after=request.GET.get("after", ""), size=PAGE)
    context = {"page": page, "days": policies.read().visits_kept_days}
    return render(request, "backoffice/visits.html", context)
