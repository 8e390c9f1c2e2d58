"""Pages about a partner's machines, which both doors show within pages of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from integration import debugging, reading_requests
from integration.models import Partner
from kit.errors import NotFound


@dataclass(frozen=True)
class Door:
    """Where the pages are shown: the page around them, its tabs, and what they link to.

    `context` is what the page around them needs.
    """

    page_base: str
    machine_tabs: str
    # Names of routes: requests, request, debugger.
    routes: Mapping[str, str]
    guide_url: str
    context: Mapping[str, Any]


def requests(request: HttpRequest, partner: Partner, door: Door) -> HttpResponse:
    """List requests, the newest first, and the errors among them by their code."""
    found = reading_requests.listing(partner, request.GET, at=timezone.now())
    return _shown(request, door, "requests", found)


def logged(request: HttpRequest, partner: Partner, door: Door, request_id: str) -> HttpResponse:
    """Show one request and its answer."""
    found = reading_requests.detail(partner, request_id)
    if found is None:
        raise Http404
    return _shown(request, door, "request", found)


def debugger(request: HttpRequest, partner: Partner, door: Door) -> HttpResponse:
    """Take a request apart; `?of=` takes one of the log."""
    try:
        found, status = debugging.examined(partner, request)
    except NotFound:
        raise Http404 from None
    return _shown(request, door, "debugger", found, status)


def _shown(
    request: HttpRequest, door: Door, page: str, found: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    context = {
        **door.context,
        "page_base": door.page_base,
        "machine_tabs": door.machine_tabs,
        "routes": door.routes,
        "guide_url": door.guide_url,
        "tab": "debugger" if page == "debugger" else "requests",
        **found,
    }
    return render(request, f"integration/{page}.html", context, status=status)
