"""A supplier's part of orders: what is to ship, the page of one, and shipping.

It never shows who the distributor is, nor what it pays.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from aftersales import timeline
from backoffice import access, printing, shortage
from backoffice.access import supplier_only
from kit import hiding, paging
from kit.errors import DomainError, NotFound
from orders import carriers, finding, revealing, shipping
from orders.models import (
    Fulfilment,
    FulfilmentState,
    Line,
    Order,
    Shipment,
    ShipmentState,
)
from orders.requests import MAX_QUANTITY
from orders.shipping import TO_SHIP
from suppliers.models import Supplier

PAGE = 50
TABS = {
    "to_ship": (gettext_lazy("To ship"), TO_SHIP),
    "shipped": (gettext_lazy("Shipped"), (FulfilmentState.SHIPPED,)),
    "closed": (gettext_lazy("Closed"), (FulfilmentState.CLOSED, FulfilmentState.CANCELLED)),
}


class ShipForm(forms.Form):
    """One parcel: carrier, tracking number, and how many pieces of each line are in it."""

    tracking_no = forms.CharField(
        label=gettext_lazy("Tracking number"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "latin"}),
    )
    carrier = forms.ChoiceField(label=gettext_lazy("Carrier"))

    def __init__(self, *args: Any, lines: Sequence[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = [line for line in lines if line.to_ship]
        self.fields["carrier"].choices = carrier_choices()  # type: ignore[attr-defined]
        for line in self.lines:
            self.fields[f"pieces_{line.pk}"] = forms.IntegerField(
                label=line.name,
                min_value=0,
                max_value=min(line.to_ship, MAX_QUANTITY),
                initial=line.to_ship,
                widget=forms.NumberInput(attrs={"class": "tiny", "inputmode": "numeric"}),
            )

    def rows(self) -> list[tuple[Line, forms.BoundField]]:
        """Return each line with the field for its pieces."""
        return [(line, self[f"pieces_{line.pk}"]) for line in self.lines]

    def pieces(self) -> dict[int, int]:
        """Return how many pieces of each line go into the parcel."""
        return {line.pk: self.cleaned_data[f"pieces_{line.pk}"] for line in self.lines}


def carrier_choices() -> list[tuple[str, str]]:
    """Return the carriers for a select, named in the reader's language."""
    return [("", _("Choose a carrier")), *carriers.names().items()]


@require_GET
@supplier_only
def orders(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """List a supplier's parts of orders, by how far they have come, or by a number."""
    show = request.GET.get("show", "to_ship")
    if show not in TABS:
        raise Http404
    text = request.GET.get("q", "").strip()[:64]
    rows = _with_lines(Fulfilment.objects.of(supplier))
    if text:
        page = paging.newest_first(_found(rows, supplier, text), after=_after(request), size=PAGE)
    elif show == "to_ship":
        page = _most_urgent_first(rows.filter(state__in=TO_SHIP), _after(request))
    else:
        page = paging.newest_first(
            rows.filter(state__in=TABS[show][1]), after=_after(request), size=PAGE
        )
    context = {
        "page": page,
        "show": show,
        "text": text,
        "tabs": [(key, label) for key, (label, _states) in TABS.items()],
        "kept": {"show": show, "q": text},
        "to_ship": TO_SHIP,
        "most": printing.MAX_SHEETS,
    }
    return access.shown(request, supplier, "orders.html", context)


@supplier_only
def order(request: HttpRequest, supplier: Supplier, order_no: str) -> HttpResponse:
    """Show a supplier's part of an order; a POST ships a parcel of it."""
    part = _part(supplier, order_no)
    lines = list(part.lines.order_by("pk").select_related("sku"))
    form = ShipForm(request.POST or None, lines=lines)
    if request.method == "POST" and form.is_valid() and _shipped(request, supplier, part, form):
        return redirect("supplier:order", order_no)
    # Who is shown it masked has not read it.
    if part.state in TO_SHIP and not hiding.is_on():
        revealing.note_reader(parts=[part], actor=access.actor_of(request), at=timezone.now())
    context = {
        "part": part,
        "order": part.order,
        "lines": lines,
        "form": form,
        "is_to_ship": part.state in TO_SHIP,
        "parcels": part.shipments.prefetch_related("lines__line").order_by("pk"),
        "carrier_names": carriers.names(),
        "cancellations": shortage.cancellations(part),
        "is_asked_for": any(line.frozen for line in lines),
        "cases": part.order.cases.filter(line__fulfilment=part).select_related("line"),
        "timeline": timeline.for_supplier(part),
        "goods_fen": sum(
            line.supply_price_fen * (line.quantity - line.cancelled) for line in lines
        ),
    }
    status = 422 if form.errors else 200
    return access.shown(request, supplier, "order.html", context, status)


@require_GET
@supplier_only
def guess(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Return the select of carriers with the likeliest one for a tracking number chosen."""
    likely = carriers.guess(request.GET.get("tracking_no", "")[:60])
    chosen = likely[0].code if likely else request.GET.get("carrier", "")
    context = {"choices": carrier_choices(), "chosen": chosen, "guessed": bool(likely)}
    return access.shown(request, supplier, "carrier_select.html", context)


@require_POST
@supplier_only
def begin(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Note that packing has begun; with `print`, go on to what is printed."""
    everything = printing.EVERYTHING in request.POST
    numbers = list(dict.fromkeys(request.POST.getlist("order")))[: printing.MAX_SHEETS]
    if everything:
        parts = list(printing.waiting(supplier)[: printing.MAX_SHEETS])
    else:
        parts = list(Fulfilment.objects.of(supplier).filter(order__order_no__in=numbers))
    if not parts and not numbers:
        messages.warning(request, _("Choose the orders first."))
        return redirect("supplier:orders")
    if not everything and len(parts) != len(numbers):
        raise Http404
    begun = shipping.begin(
        fulfilment_pks=[part.pk for part in parts],
        supplier=supplier,
        actor=access.actor_of(request),
        at=timezone.now(),
    )
    sheet = request.POST.get("print", "")
    if sheet in printing.PAGES:
        return printing.going_on(sheet, numbers, everything=everything)
    messages.success(
        request,
        ngettext(
            "{count} order is marked as begun.", "{count} orders are marked as begun.", begun
        ).format(count=begun),
    )
    return (
        redirect("supplier:order", numbers[0]) if len(numbers) == 1 else redirect("supplier:orders")
    )


def _shipped(request: HttpRequest, supplier: Supplier, part: Fulfilment, form: ShipForm) -> bool:
    try:
        shipment = shipping.ship(
            fulfilment_pk=part.pk,
            supplier=supplier,
            carrier_code=form.cleaned_data["carrier"],
            tracking_no=form.cleaned_data["tracking_no"],
            pieces=form.pieces(),
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        for sentence in access.sentences(refusal):
            form.add_error(None, sentence)
        return False
    left = part.lines.aggregate(
        left=Sum("quantity") - Sum("cancelled") - Sum("frozen") - Sum("shipped")
    )["left"]
    if left:
        text = _("Parcel {number} is on its way; {left} pieces are left to ship.")
    else:
        text = _("Parcel {number} is on its way; everything is shipped.")
    messages.success(request, text.format(number=shipment.tracking_no, left=left))
    return True


def _part(supplier: Supplier, order_no: str) -> Fulfilment:
    part = (
        Fulfilment.objects.of(supplier)
        .select_related("order__consignee", "supplier__company")
        .filter(order__order_no=order_no)
        .first()
    )
    if part is None:
        raise Http404
    return part


def _with_lines(rows: Any) -> Any:
    return rows.select_related("order__consignee").prefetch_related("lines")


def _found(rows: Any, supplier: Supplier, text: str) -> Any:
    """Narrow to the order, or to those with a parcel, of this very number, or to this consignee."""
    parcels = Shipment.objects.filter(
        carrier_code__in=[carrier.code for carrier in carriers.CARRIERS], tracking_no=text.upper()
    ).exclude(state=ShipmentState.VOIDED)
    of_parcels = list(parcels.values_list("fulfilment_id", flat=True)[:PAGE])
    order_pk = Order.objects.filter(order_no=text.upper()).values_list("pk", flat=True).first()
    to_consignee = finding.parts_to(supplier, text)
    return rows.filter(Q(pk__in=[*of_parcels, *to_consignee]) | Q(order=order_pk))


def _after(request: HttpRequest) -> str:
    return request.GET.get("after", "")


def _most_urgent_first(rows: Any, after: str) -> paging.Page[Fulfilment]:
    """Return a page by deadline; its cursor is the deadline and key of the last row."""
    due, _bar, pk = after.partition("_")
    try:
        since = datetime.fromtimestamp(int(due) / 1_000_000, tz=timezone.get_current_timezone())
        rows = rows.filter(Q(ship_due_at__gt=since) | Q(ship_due_at=since, pk__gt=int(pk)))
    except (ValueError, OverflowError, OSError):
        pass
    found = list(rows.order_by("ship_due_at", "pk")[: PAGE + 1])
    if len(found) <= PAGE:
        return paging.Page(found)
    last = found[PAGE - 1]
    return paging.Page(found[:PAGE], f"{round(last.ship_due_at.timestamp() * 1_000_000)}_{last.pk}")
