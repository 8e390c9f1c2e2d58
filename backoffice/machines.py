"""What a supplier's machines sent and were answered, and why a signature is wrong."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from backoffice.access import supplier_only
from integration import machine_pages
from integration.machine_pages import Door
from suppliers.models import Supplier


@require_GET
@supplier_only
def requests(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """List requests, the newest first, and the errors among them by their code."""
    return machine_pages.requests(request, supplier.partner, _door(supplier))


@require_GET
@supplier_only
def logged(request: HttpRequest, supplier: Supplier, request_id: str) -> HttpResponse:
    """Show one request and its answer."""
    return machine_pages.logged(request, supplier.partner, _door(supplier), request_id)


@require_http_methods(["GET", "POST"])
@supplier_only
def debugger(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Take a request apart; `?of=` takes one of the log."""
    return machine_pages.debugger(request, supplier.partner, _door(supplier))


def _door(supplier: Supplier) -> Door:
    return Door(
        page_base="backoffice/page.html",
        machine_tabs="backoffice/machine_tabs.html",
        routes={
            "requests": "supplier:requests",
            "request": "supplier:request",
            "debugger": "supplier:debugger",
        },
        guide_url=reverse("api_guide", args=["supplier"]),
        context={"supplier": supplier},
    )
