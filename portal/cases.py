"""A distributor's after-sales at the platform: the list, one in full, and what may be done with it."""

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from aftersales import allowing, deadlines, progress, timeline
from aftersales.models import Case
from companies import policies
from distributors.models import Distributor
from kit import languages, paging
from kit.errors import DomainError, NotFound
from orders import carriers, reasons
from portal import access
from portal.access import distributor_only
from portal.case_acts import ACTS, ParcelForm, carrier_choices

PAGE = 50
# Where the distributor has to act next.
OURS = tuple(
    state for state, wait in deadlines.DEADLINES.items() if wait.waits_for == deadlines.DISTRIBUTOR
)
TABS = {
    "ours": gettext_lazy("For you to do"),
    "open": gettext_lazy("All open"),
    "ended": gettext_lazy("Ended"),
}


@require_GET
@distributor_only
def cases(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """List a distributor's cases, by what there is to do, or by a number."""
    show = request.GET.get("show", "open")
    if show not in TABS:
        raise Http404
    text = request.GET.get("q", "").strip()[:64]
    every = Case.objects.of(distributor).select_related("order", "line")
    rows = _found(every, text) if text else _shown_in(every, show)
    context = {
        "page": paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE),
        "show": show,
        "text": text,
        "tabs": list(TABS.items()),
        "kept": {"show": show, "q": text},
    }
    return access.shown(request, distributor, "cases.html", context)


@require_GET
@distributor_only
def case(request: HttpRequest, distributor: Distributor, case_no: str) -> HttpResponse:
    """Show one case."""
    return _page(request, distributor, _case(distributor, case_no))


@require_POST
@distributor_only
def act(request: HttpRequest, distributor: Distributor, case_no: str, action: str) -> HttpResponse:
    """Do something with a case; or show it again with what is wrong, and nothing has changed."""
    found = _case(distributor, case_no)
    if action not in ACTS:
        raise Http404
    form = _form(action, request)
    if not form.is_valid():
        return _page(request, distributor, found, {action: form}, status=422)
    try:
        done = ACTS[action].call(
            form.cleaned_data,
            distributor=distributor,
            case_no=case_no,
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, distributor, found, {action: form}, status=409)
    text = _("Case {case_no}: {state}.")
    messages.success(request, text.format(case_no=case_no, state=done.get_state_display()))
    return redirect("portal:case", case_no)


@require_GET
@distributor_only
def guess(request: HttpRequest, distributor: Distributor) -> HttpResponse:  # noqa: ARG001
    """Return the select of carriers with the likeliest one for a tracking number chosen."""
    likely = carriers.guess(request.GET.get("tracking_no", "")[:60])
    chosen = likely[0].code if likely else request.GET.get("carrier", "")
    context = {"choices": carrier_choices(), "chosen": chosen, "guessed": bool(likely)}
    return render(request, "backoffice/carrier_select.html", context)


def _page(
    request: HttpRequest,
    distributor: Distributor,
    found: Case,
    sent: dict[str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    allowed = allowing.allowed(found, policies.read())
    offers = [
        (name, one, (sent or {}).get(name) or _form(name))
        for name, one in ACTS.items()
        if name in allowed or name in (sent or {})
    ]
    parcels = list(found.parcels.all())
    told = progress.tracks((one.carrier_code, one.tracking_no) for one in parcels)
    history = timeline.for_distributor(found.order)
    context = {
        "case": found,
        "order": found.order,
        "line": found.line,
        "offers": offers,
        "is_open": found.is_open,
        "is_ours": found.state in OURS,
        "reason": reasons.shown(found.reason, english=languages.reads_english()),
        "steps": progress.of([found])[found.pk],
        "photos": found.evidence.order_by("pk"),
        "inspections": found.inspections.prefetch_related("photos").order_by("pk"),
        "parcels": [(one, told[one.carrier_code, one.tracking_no]) for one in parcels],
        "carrier_names": carriers.names(),
        "timeline": [step for step in history if step.number == found.case_no],
    }
    return access.shown(request, distributor, "case.html", context, status)


def _form(name: str, request: HttpRequest | None = None) -> forms.Form:
    kind = ACTS[name].form_class
    # Several forms may stand on one page; the select of carriers is swapped under its plain name.
    auto_id = "id_%s" if kind is ParcelForm else f"id_{name}_%s"
    if request is None:
        return kind(auto_id=auto_id)
    return kind(request.POST, request.FILES, auto_id=auto_id)


def _shown_in(rows: QuerySet[Case], show: str) -> QuerySet[Case]:
    if show == "ours":
        return rows.filter(state__in=OURS)
    return rows.filter(ended_at__isnull=show == "open")


def _found(rows: QuerySet[Case], text: str) -> QuerySet[Case]:
    """Narrow to the case, or the order, of this very number, theirs or ours."""
    order = Q(order__order_no=text.upper()) | Q(order__out_order_no=text)
    return rows.filter(Q(case_no=text.upper()) | Q(out_case_no=text) | order)


def _case(distributor: Distributor, case_no: str) -> Case:
    rows = Case.objects.of(distributor).select_related(
        "order__distributor__company", "line", "shipment"
    )
    found = rows.filter(case_no=case_no).first()
    if found is None:
        raise Http404
    return found
