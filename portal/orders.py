"""A distributor's orders: the list, and one in full."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from aftersales import claiming, options, timeline
from distributors.models import Distributor
from kit import downloads, paging
from orders import carriers, finding
from orders.models import Line, Order, OrderState, Scan, Shipment
from portal import access, cancelling, order_exports
from portal.access import distributor_only
from suppliers import periods

PAGE = 50
FILES: Mapping[str, Callable[[Sequence[Order]], tuple[bytes, str]]] = {
    "csv": order_exports.csv_of,
    "xlsx": order_exports.xlsx_of,
}


class DaysForm(forms.Form):
    """The days that a list of orders is narrowed to; both may be open."""

    first = forms.DateField(
        label=gettext_lazy("Placed from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        label=gettext_lazy("Placed to"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


@require_GET
@distributor_only
def orders(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """List a distributor's orders, by state, by days, or by any number that belongs to them."""
    state, text = request.GET.get("state", ""), _text(request)
    form = DaysForm(request.GET or None)
    rows = _found(request, distributor, form).select_related("consignee")
    context = {
        "page": paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE),
        "state": state,
        "text": text,
        "form": form,
        "states": OrderState.choices,
        "kept": _kept(request, state, text),
        "exported": urlencode({k: v for k, v in _kept(request, state, text).items() if v}),
    }
    return access.shown(request, distributor, "orders.html", context)


@require_GET
@distributor_only
def export(request: HttpRequest, distributor: Distributor, kind: str) -> HttpResponse:
    """Send the orders looked for as a file, the newest first."""
    rows = _found(request, distributor, DaysForm(request.GET or None)).order_by("-pk")
    found = list(rows[: order_exports.MAX_ORDERS + 1])
    if len(found) > order_exports.MAX_ORDERS:
        told = _("More than {limit} orders: choose fewer days, then export again.")
        messages.error(request, told.format(limit=f"{order_exports.MAX_ORDERS:,}"))
        return redirect("portal:orders")
    content, content_type = FILES[kind](found)
    name = f"{distributor.number}-orders-{timezone.localdate():%Y%m%d}.{kind}"
    return downloads.attachment(content, content_type, name)


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
    parcels = Shipment.objects.filter(fulfilment__order=found).prefetch_related(
        "lines__line", Prefetch("scans", Scan.objects.order_by("-scanned_at", "-pk"))
    )
    lines = list(found.lines.order_by("pk"))
    context = {
        "order": found,
        "lines": lines,
        "cancellations": cancelling.of(found),
        "can_cancel": any(line.to_ship for line in lines),
        "can_redirect": _can_redirect(found, lines),
        "parcels": parcels.order_by("pk"),
        "carrier_names": carriers.names(),
        "cases": found.cases.select_related("line").order_by("-pk"),
        "can_apply": any(one.types for one in options.of(found, at=timezone.now())),
        "claims": found.claims.select_related("line").order_by("-pk"),
        "can_claim": distributor.claims_open and _has_to_claim(lines),
        "timeline": timeline.for_distributor(found),
        "name_phone_detail": found.consignee.opened,
    }
    return access.shown(request, distributor, "order.html", context)


def _text(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:64]


def _found(
    request: HttpRequest, distributor: Distributor, form: DaysForm
) -> QuerySet[Order, Order]:
    state, text = request.GET.get("state", ""), _text(request)
    if state and state not in OrderState.values:
        raise Http404
    rows = Order.objects.of(distributor)
    if state:
        rows = rows.filter(state=state)
    if text:
        rows = rows.filter(pk__in=finding.by_number(distributor, text))
    days = form.cleaned_data if form.is_valid() else {}
    if days.get("first"):
        rows = rows.filter(placed_at__gte=periods.midnight(days["first"]))
    if days.get("last"):
        rows = rows.filter(placed_at__lt=periods.midnight(days["last"] + periods.DAY))
    return rows


def _kept(request: HttpRequest, state: str, text: str) -> dict[str, str]:
    days = {name: request.GET.get(name, "")[:10] for name in ("first", "last")}
    return {"state": state, "q": text, **days}


def _can_redirect(found: Order, lines: list[Line]) -> bool:
    return found.state != OrderState.CANCELLED and not any(line.shipped for line in lines)


def _has_to_claim(lines: list[Line]) -> bool:
    return any(left > 0 for left in claiming.left_to_claim(lines).values())
