"""A distributor's closed days: listed, read, and downloaded in the bytes that were frozen."""

import json
from calendar import monthrange
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from books import statements as acts
from books.models import Statement
from distributors.models import Distributor
from kit import downloads, paging
from kit.errors import DomainError
from ledger import codes
from portal import access
from portal.access import distributor_only

PAGE = 31
ENTRIES_PAGE = 100
KINDS = {"csv": downloads.CSV, "json": "application/json"}


@require_GET
@distributor_only
def statements(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """List a distributor's closed days, newest first, or those of a month."""
    month = request.GET.get("month", "")
    rows = Statement.objects.filter(distributor=distributor).defer(*acts.WITHOUT_FILES)
    if month:
        rows = rows.filter(day__range=_days_of(month))
    context = {
        "page": paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE),
        "month": month,
        "kept": {"month": month},
    }
    return access.shown(request, distributor, "statements.html", context)


@require_GET
@distributor_only
def statement(request: HttpRequest, distributor: Distributor, day: str) -> HttpResponse:
    """Show a closed day with what moved on it."""
    found = _find(distributor, day)
    items = json.loads(bytes(found.json))["items"]
    number = _page_number(request.GET.get("page", "1"), len(items))
    shown = items[(number - 1) * ENTRIES_PAGE : number * ENTRIES_PAGE]
    context: dict[str, Any] = {
        "statement": found,
        "moved": [_entry(item) for item in shown],
        "earlier": number - 1,
        "later": number + 1 if len(items) > number * ENTRIES_PAGE else 0,
    }
    return access.shown(request, distributor, "statement.html", context)


@require_GET
@distributor_only
def download(request: HttpRequest, distributor: Distributor, day: str, form: str) -> HttpResponse:  # noqa: ARG001
    """Send a closed day as CSV or JSON."""
    found = _find(distributor, day)
    content = found.csv if form == "csv" else found.json
    name = f"{distributor.number}-{found.day.isoformat()}.{form}"
    return downloads.attachment(bytes(content), KINDS[form], name)


def _find(distributor: Distributor, text: str) -> Statement:
    try:
        day = date.fromisoformat(text)
        return acts.of_day(distributor=distributor, day=day, at=timezone.now())
    except (ValueError, DomainError):
        raise Http404 from None


def _days_of(month: str) -> tuple[date, date]:
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise Http404 from None
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def _page_number(text: str, count: int) -> int:
    pages = max(1, -(-count // ENTRIES_PAGE))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= number <= pages:
        raise Http404
    return number


def _entry(item: dict[str, Any]) -> dict[str, Any]:
    return {
        **item,
        "name": codes.shown(item["code"]),
        "posted_at": parse_datetime(item["posted_at"]),
    }
