"""A distributor's orders: the list, and one in full."""

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from aftersales import claiming, options, timeline
from distributors.models import Distributor
from kit import paging
from orders import carriers
from orders.models import Line, Order, OrderState, Shipment
from portal import access, cancelling
from portal.access import distributor_only

PAGE = 50


@require_GET
@distributor_only
def orders(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """List a distributor's orders, by state or by either number."""
    state = request.GET.get("state", "")
    if state and state not in OrderState.values:
        raise Http404
    text = request.GET.get("q", "").strip()[:64]
    rows = Order.objects.of(distributor)
    if state:
        rows = rows.filter(state=state)
    if text:
        rows = rows.filter(Q(order_no=text.upper()) | Q(out_order_no=text))
    page = paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE)
    context = {
        "page": page,
        "state": state,
        "text": text,
        "states": OrderState.choices,
        "kept": {"state": state, "q": text},
    }
    return access.shown(request, distributor, "orders.html", context)


@require_GET
@distributor_only
def order(request: HttpRequest, distributor: Distributor, order_no: str) -> HttpResponse:
    """Show one order: lines, money, parcels and history."""
    found = (
        Order.objects.of(distributor)
        .select_related("consignee", "distributor__company")
        .filter(order_no=order_no)
        .first()
    )
    if found is None:
        raise Http404
    parcels = Shipment.objects.filter(fulfilment__order=found).prefetch_related("lines__line")
    lines = list(found.lines.order_by("pk"))
    chinese = (get_language() or "").startswith("zh")
    context = {
        "order": found,
        "lines": lines,
        "cancellations": cancelling.of(found),
        "can_cancel": any(line.to_ship for line in lines),
        "can_redirect": _can_redirect(found, lines),
        "parcels": parcels.order_by("pk"),
        "carrier_names": {c.code: c.name if chinese else c.english for c in carriers.CARRIERS},
        "cases": found.cases.select_related("line").order_by("-pk"),
        "can_apply": any(one.types for one in options.of(found, at=timezone.now())),
        "claims": found.claims.select_related("line").order_by("-pk"),
        "can_claim": distributor.claims_open and _has_to_claim(lines),
        "timeline": timeline.for_distributor(found),
        "name_phone_detail": found.consignee.opened,
    }
    return access.shown(request, distributor, "order.html", context)


def _can_redirect(found: Order, lines: list[Line]) -> bool:
    return found.state != OrderState.CANCELLED and not any(line.shipped for line in lines)


def _has_to_claim(lines: list[Line]) -> bool:
    return any(left > 0 for left in claiming.left_to_claim(lines).values())
