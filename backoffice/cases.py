"""After-sales as a supplier sees them: read only, but for the new goods that it ships again.

It decides nothing, and sees neither what the distributor pays nor what it gets back: of money only
what is taken off its own.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from aftersales import evidence, goodwill, progress, reshipping, timeline
from aftersales.models import Case, CaseState, Claim, Evidence
from backoffice import access
from backoffice.access import supplier_only
from backoffice.orders import carrier_choices
from kit import languages, paging
from kit.errors import DomainError, NotFound
from ledger.models import Kind, Transfer
from orders import carriers, reasons
from suppliers.models import Supplier

PAGE = 50
TABS = {
    "reship": (gettext_lazy("To ship again"), (CaseState.RESHIPPING,)),
    "back": (
        gettext_lazy("Coming back"),
        (CaseState.AWAITING_RETURN, CaseState.RETURNING, CaseState.INSPECTING),
    ),
    "open": (gettext_lazy("All open"), ()),
    "ended": (gettext_lazy("Ended"), ()),
}


class ReshipForm(forms.Form):
    """The label of the parcel with the new goods."""

    tracking_no = forms.CharField(label=gettext_lazy("Tracking number"), max_length=60)
    carrier = forms.ChoiceField(label=gettext_lazy("Carrier"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["carrier"].choices = carrier_choices()  # type: ignore[attr-defined]


@require_GET
@supplier_only
def cases(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """List the cases about a supplier's goods, by what there is to do."""
    show = request.GET.get("show", "reship")
    if show not in TABS:
        raise Http404
    text = request.GET.get("q", "").strip()[:64]
    rows = of_supplier(supplier).select_related("order", "line").prefetch_related("parcels")
    rows = _found(rows, text) if text else _shown_in(rows, show)
    context = {
        "page": paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE),
        "show": show,
        "text": text,
        "tabs": [(key, label) for key, (label, _states) in TABS.items()],
        "kept": {"show": show, "q": text},
        "claims": _goodwill(supplier) if show == "reship" and not text else [],
        "carrier_names": carriers.names(),
    }
    return access.shown(request, supplier, "cases.html", context)


@supplier_only
def case(request: HttpRequest, supplier: Supplier, case_no: str) -> HttpResponse:
    """Show one case; a POST ships its new goods."""
    found = _case(supplier, case_no)
    form = ReshipForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and _ships(request, supplier, form, reshipping.reship, case_no=found.case_no)
    ):
        return redirect("supplier:case", case_no)
    parcels = list(found.parcels.all())
    told = progress.tracks((one.carrier_code, one.tracking_no) for one in parcels)
    context = {
        "case": found,
        "line": found.line,
        "order": found.order,
        "form": form,
        "is_to_ship": found.state == CaseState.RESHIPPING,
        "reason": _reason(found.reason),
        "photos": _photos(supplier).filter(case=found).order_by("pk"),
        "inspections": found.inspections.prefetch_related("photos").order_by("pk"),
        "parcels": [(one, told[one.carrier_code, one.tracking_no]) for one in parcels],
        "carrier_names": carriers.names(),
        "deducted_fen": deducted_fen(supplier, found),
        "timeline": [
            step for step in timeline.for_supplier(found.line.fulfilment) if step.number == case_no
        ],
    }
    return access.shown(request, supplier, "case.html", context, 422 if form.errors else 200)


@supplier_only
def goodwill_parcel(request: HttpRequest, supplier: Supplier, claim_no: str) -> HttpResponse:
    """Show what the platform promised a consumer of these goods; a POST ships it."""
    found = goodwill.to_ship(supplier).filter(claim_no=claim_no)
    claim = found.select_related("order__consignee", "line").first()
    if claim is None:
        raise Http404
    form = ReshipForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and _ships(request, supplier, form, goodwill.ship, claim_no=claim.claim_no)
    ):
        return redirect("supplier:cases")
    context = {"claim": claim, "line": claim.line, "order": claim.order, "form": form}
    status = 422 if form.errors else 200
    return access.shown(request, supplier, "goodwill_parcel.html", context, status)


@require_GET
@supplier_only
def photo(request: HttpRequest, supplier: Supplier, upload_id: str) -> HttpResponse:
    """Show a photo of a case about a supplier's goods; with `?small`, its thumbnail."""
    found = _photos(supplier).filter(upload_id=upload_id).first()
    if found is None:
        raise Http404
    with evidence.read(found, small="small" in request.GET) as file:
        return HttpResponse(file.read(), content_type="image/jpeg")


def of_supplier(supplier: Supplier) -> QuerySet[Case]:
    """Return the cases about a supplier's goods."""
    return Case.objects.filter(line__fulfilment__supplier=supplier)


def deducted_fen(supplier: Supplier, found: Case) -> int:
    """Return what a case took off what a supplier had earned."""
    rows = Transfer.objects.filter(
        order_no=found.order.order_no,
        case_no=found.case_no,
        debit__kind__in=(Kind.PAYABLE, Kind.EARNED),
        debit__holder=supplier.pk,
    )
    return int(rows.aggregate(fen=Sum("amount_fen"))["fen"] or 0)


def _shown_in(rows: QuerySet[Case], show: str) -> QuerySet[Case]:
    if show in ("open", "ended"):
        return rows.filter(ended_at__isnull=show == "open")
    return rows.filter(state__in=TABS[show][1])


def _found(rows: QuerySet[Case], text: str) -> QuerySet[Case]:
    """Narrow to the case, the order, or the parcel of this very number."""
    number = text.upper()
    codes = [carrier.code for carrier in carriers.CARRIERS]
    by_parcel = rows.filter(parcels__carrier_code__in=codes, parcels__tracking_no=number)
    pks = {
        *rows.filter(case_no=number).values_list("pk", flat=True),
        *rows.filter(order__order_no=number).values_list("pk", flat=True)[:PAGE],
        *by_parcel.values_list("pk", flat=True)[:PAGE],
    }
    return rows.filter(pk__in=pks)


def _goodwill(supplier: Supplier) -> QuerySet[Claim]:
    return goodwill.to_ship(supplier).select_related("order", "line")[:PAGE]


def _photos(supplier: Supplier) -> QuerySet[Evidence]:
    of_cases = Evidence.objects.filter(case__line__fulfilment__supplier=supplier)
    return of_cases | Evidence.objects.filter(inspection__case__line__fulfilment__supplier=supplier)


def _case(supplier: Supplier, case_no: str) -> Case:
    rows = of_supplier(supplier).select_related(
        "order__consignee", "line__fulfilment__supplier__company", "line__fulfilment__order"
    )
    found = rows.filter(case_no=case_no).first()
    if found is None:
        raise Http404
    return found


def _reason(code: str) -> str:
    return reasons.shown(code, english=languages.reads_english())


def _ships(
    request: HttpRequest,
    supplier: Supplier,
    form: ReshipForm,
    act: Callable[..., object],
    **subject: str,
) -> bool:
    """Send new goods by an act that is told of what; tell whether they are on their way."""
    try:
        act(
            **subject,
            supplier=supplier,
            carrier_code=form.cleaned_data["carrier"],
            tracking_no=form.cleaned_data["tracking_no"],
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        return _refused(form, refusal)
    messages.success(request, _("The new goods are on their way."))
    return True


def _refused(form: ReshipForm, refusal: DomainError) -> bool:
    for sentence in access.sentences(refusal):
        form.add_error(None, sentence)
    return False
