"""What a distributor's machines sent and were answered, and why a signature is wrong."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from distributors.models import Distributor
from integration import machine_pages
from integration.machine_pages import Door
from portal.access import distributor_only


@require_GET
@distributor_only
def requests(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """List requests, the newest first, and the errors among them by their code."""
    return machine_pages.requests(request, distributor.partner, _door(distributor))


@require_GET
@distributor_only
def logged(request: HttpRequest, distributor: Distributor, request_id: str) -> HttpResponse:
    """Show one request and its answer."""
    return machine_pages.logged(request, distributor.partner, _door(distributor), request_id)


@require_http_methods(["GET", "POST"])
@distributor_only
def debugger(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Take a request apart; `?of=` takes one of the log."""
    return machine_pages.debugger(request, distributor.partner, _door(distributor))


def _door(distributor: Distributor) -> Door:
    return Door(
        page_base="portal/page.html",
        machine_tabs="portal/developer_tabs.html",
        routes={
            "requests": "portal:requests",
            "request": "portal:request",
            "debugger": "portal:debugger",
        },
        guide_url=reverse("portal:documents"),
        context={"distributor": distributor},
    )
