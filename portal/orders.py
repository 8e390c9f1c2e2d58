"""A distributor's orders: the list, and one in full."""

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from aftersales import options, timeline
from distributors.models import Distributor
from kit import paging
from orders import carriers
from orders.models import Order, OrderState, Shipment
from portal import access
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
    chinese = (get_language() or "").startswith("zh")
    context = {
        "order": found,
        "lines": found.lines.order_by("pk"),
        "parcels": parcels.order_by("pk"),
        "carrier_names": {c.code: c.name if chinese else c.english for c in carriers.CARRIERS},
        "cases": found.cases.select_related("line").order_by("-pk"),
        "can_apply": any(one.types for one in options.of(found, at=timezone.now())),
        "timeline": timeline.for_distributor(found),
        "name_phone_detail": found.consignee.opened,
    }
    return access.shown(request, distributor, "order.html", context)
