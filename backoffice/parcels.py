"""A supplier's parcel: what the carrier said of it, and what to do when it is not as entered."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from backoffice import access
from backoffice.access import supplier_only
from backoffice.orders import carrier_choices
from kit.errors import DomainError, NotFound
from orders import carriers, correcting, tracking
from orders.models import Shipment, ShipmentState
from suppliers.models import Supplier

STATUSES = dict(tracking.ScanStatus.choices)


class VoidForm(forms.Form):
    """Why a parcel is taken back."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=correcting.MAX_REASON)


class CorrectionForm(VoidForm):
    """The number that a parcel really has, and why it was another."""

    tracking_no = forms.CharField(
        label=gettext_lazy("Tracking number"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    carrier = forms.ChoiceField(label=gettext_lazy("Carrier"))
    field_order = ("tracking_no", "carrier", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["carrier"].choices = carrier_choices()  # type: ignore[attr-defined]


@require_GET
@supplier_only
def parcel(request: HttpRequest, supplier: Supplier, order_no: str, pk: int) -> HttpResponse:
    """Show a parcel, what its carrier said, and what can be done about it."""
    return _page(request, supplier, _parcel(supplier, order_no, pk))


@require_POST
@supplier_only
def correction(request: HttpRequest, supplier: Supplier, order_no: str, pk: int) -> HttpResponse:
    """Give a parcel the number that it really has."""
    found = _parcel(supplier, order_no, pk)
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return _page(request, supplier, found, correction=form, status=422)

    def act() -> str:
        done = correcting.correct(
            shipment_pk=found.pk,
            supplier=supplier,
            carrier_code=form.cleaned_data["carrier"],
            tracking_no=form.cleaned_data["tracking_no"],
            reason=form.cleaned_data["reason"],
            actor=access.actor_of(request),
            at=timezone.now(),
        )
        return _("The parcel's number is now {number}.").format(number=done.tracking_no)

    return _done(request, supplier, found, act, correction=form)


@require_POST
@supplier_only
def voiding(request: HttpRequest, supplier: Supplier, order_no: str, pk: int) -> HttpResponse:
    """Take back a parcel that was entered by mistake."""
    found = _parcel(supplier, order_no, pk)
    form = VoidForm(request.POST)
    if not form.is_valid():
        return _page(request, supplier, found, voiding=form, status=422)

    def act() -> str:
        done = correcting.void(
            shipment_pk=found.pk,
            supplier=supplier,
            by_staff=False,
            reason=form.cleaned_data["reason"],
            actor=access.actor_of(request),
            at=timezone.now(),
        )
        return _("Parcel {number} is voided; its pieces are to be shipped again.").format(
            number=done.tracking_no
        )

    return _done(request, supplier, found, act, voiding=form)


@require_POST
@supplier_only
def coming_back(request: HttpRequest, supplier: Supplier, order_no: str, pk: int) -> HttpResponse:
    """Register that a parcel came back."""
    found = _parcel(supplier, order_no, pk)

    def act() -> str:
        done = correcting.come_back(
            shipment_pk=found.pk,
            supplier=supplier,
            by_staff=False,
            actor=access.actor_of(request),
            at=timezone.now(),
        )
        return _("Parcel {number} is registered as back.").format(number=done.tracking_no)

    return _done(request, supplier, found, act)


def _parcel(supplier: Supplier, order_no: str, pk: int) -> Shipment:
    found = (
        Shipment.objects.filter(
            pk=pk, fulfilment__supplier=supplier, fulfilment__order__order_no=order_no
        )
        .select_related("fulfilment__order")
        .prefetch_related("lines__line")
        .first()
    )
    if found is None:
        raise Http404
    return found


def _done(
    request: HttpRequest,
    supplier: Supplier,
    found: Shipment,
    act: Callable[[], str],
    **sent: forms.Form,
) -> HttpResponse:
    """Act, and go back to the order; or show the page again with why not, and nothing has changed."""
    try:
        messages.success(request, act())
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        access.tell(request, refusal)
        found.refresh_from_db()
        return _page(request, supplier, found, status=409, **sent)
    return redirect("supplier:order", found.fulfilment.order.order_no)


def _page(
    request: HttpRequest,
    supplier: Supplier,
    found: Shipment,
    status: int = 200,
    **sent: forms.Form,
) -> HttpResponse:
    scans = found.scans.filter(tracking_no=found.tracking_no).order_by("-scanned_at", "-pk")
    context = {
        "parcel": found,
        "order": found.fulfilment.order,
        "carrier_name": carriers.names().get(found.carrier_code, found.carrier_code),
        "scans": [(scan, STATUSES.get(scan.status, scan.status)) for scan in scans],
        "correction": sent.get("correction")
        or CorrectionForm(initial={"carrier": found.carrier_code}),
        "voiding": sent.get("voiding") or VoidForm(auto_id="void_%s"),
        "may_correct": found.state in correcting.CORRECTABLE,
        "may_void": found.state == ShipmentState.IN_TRANSIT and found.scanned_at is None,
        "may_come_back": found.state == ShipmentState.RETURNING,
    }
    return access.shown(request, supplier, "parcel.html", context, status)
