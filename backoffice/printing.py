"""What a supplier prints of orders that wait: pick list, packing slips, and labels with a barcode.

Only of its own parts and only while there is something to ship. No sheet has a price on it; who had a
consignee printed is written into the order's history.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from backoffice import access
from backoffice.access import supplier_only
from kit import downloads, labels
from orders import packing, revealing
from orders.models import Fulfilment, FulfilmentQuerySet
from orders.revealing import Sheet
from orders.shipping import TO_SHIP
from suppliers.models import Supplier

MAX_SHEETS = 500
# What the buttons of the list of orders send, and the page on which that is printed.
PAGES = {
    "1": "supplier:slips",
    "slips": "supplier:slips",
    "labels": "supplier:labels",
    "picking": "supplier:picking",
}
# In the place of numbers: everything that waits.
EVERYTHING = "all"


def waiting(supplier: Supplier) -> FulfilmentQuerySet:
    """Return the parts of a supplier that are to be shipped, the most urgent first."""
    rows = Fulfilment.objects.of(supplier).filter(state__in=TO_SHIP)
    return rows.order_by("ship_due_at", "pk")


def going_on(sheet: str, numbers: Sequence[str], *, everything: bool) -> HttpResponse:
    """Go on to the page where orders are printed."""
    asked = {EVERYTHING: "1"} if everything else {"of": numbers}
    return redirect(f"{reverse(PAGES[sheet])}?{urlencode(asked, doseq=True)}")


@require_GET
@supplier_only
def picking(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show what to fetch from the shelves: by sku, and by order."""
    parts = _chosen(request, supplier)
    context = {
        "picked": packing.picked(parts),
        "parts": parts,
        "pieces": sum(line.to_ship for part in parts for line in part.lines.all()),
        "printed_at": timezone.now(),
    }
    return access.shown(request, supplier, "picking.html", context)


@require_GET
@supplier_only
def slips(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show packing slips without prices, one a sheet of paper."""
    parts, at = _chosen(request, supplier), timezone.now()
    revealing.note(parts=parts, sheet=Sheet.SLIP, actor=access.actor_of(request), at=at)
    context = {"parts": parts, "printed_at": at}
    return access.shown(request, supplier, "slips.html", context)


@require_GET
@supplier_only
def label_sheets(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Send the labels of parcels, one a page."""
    parts, at = _chosen(request, supplier), timezone.now()
    if not parts:
        messages.warning(request, _("These orders are shipped already."))
        return redirect("supplier:orders")
    revealing.note(parts=parts, sheet=Sheet.LABEL, actor=access.actor_of(request), at=at)
    content = labels.pdf([packing.label(part, at) for part in parts], title=_("Labels"))
    name = f"labels-{timezone.localtime(at):%Y%m%d-%H%M}.pdf"
    return downloads.attachment(content, downloads.PDF, name)


def _chosen(request: HttpRequest, supplier: Supplier) -> list[Fulfilment]:
    """Return the parts that were asked for and still have something to ship."""
    rows = _asked_for(waiting(supplier), request.GET)
    rows = rows.select_related("order__consignee").prefetch_related("lines__sku")
    # What a request has frozen to the last piece is not packed.
    return [part for part in rows[:MAX_SHEETS] if any(line.to_ship for line in part.lines.all())]


def _asked_for(rows: Any, query: QueryDict) -> Any:
    if EVERYTHING in query:
        # What came in since was not begun, and is printed with the next ones.
        return rows.filter(begun_at__isnull=False)
    return rows.filter(order__order_no__in=query.getlist("of"))
