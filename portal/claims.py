"""A distributor's claims: the list, one in full, and what may be done with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from aftersales import claim_roads, timeline
from aftersales.models import Claim, ClaimState, GoodwillState
from distributors.models import Distributor
from kit import languages, paging
from kit.errors import DomainError, NotFound
from orders import carriers, reasons
from orders.models import History
from portal import access
from portal.access import distributor_only
from portal.case_acts import ParcelForm
from portal.claim_acts import ACTS

PAGE = 50
GOODWILL_OPEN = (GoodwillState.ASKED, GoodwillState.OFFERED)
TABS = {
    "open": gettext_lazy("All open"),
    "goodwill": gettext_lazy("Goodwill asked"),
    "ended": gettext_lazy("Ended"),
}


@dataclass(frozen=True)
class Step:
    """A step of a claim's road, and when it was taken."""

    label: str
    at: datetime | None


@require_GET
@distributor_only
def claims(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """List a distributor's claims, by whether they are open, or by a number."""
    show = request.GET.get("show", "open")
    if show not in TABS:
        raise Http404
    text = request.GET.get("q", "").strip()[:64]
    every = Claim.objects.of(distributor).select_related("order", "line")
    rows = _found(every, text) if text else _shown_in(every, show)
    context = {
        "page": paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE),
        "show": show,
        "text": text,
        "tabs": list(TABS.items()),
        "kept": {"show": show, "q": text},
    }
    return access.shown(request, distributor, "claims.html", context)


@require_GET
@distributor_only
def claim(request: HttpRequest, distributor: Distributor, claim_no: str) -> HttpResponse:
    """Show one claim."""
    return _page(request, distributor, _claim(distributor, claim_no))


@require_POST
@distributor_only
def act(request: HttpRequest, distributor: Distributor, claim_no: str, action: str) -> HttpResponse:
    """Do something with a claim; or show it again with what is wrong, and nothing has changed."""
    found = _claim(distributor, claim_no)
    if action not in ACTS:
        raise Http404
    form = _form(action, found, request)
    if not form.is_valid():
        return _page(request, distributor, found, {action: form}, status=422)
    try:
        done = ACTS[action].call(
            form.cleaned_data,
            distributor=distributor,
            claim_no=claim_no,
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, distributor, found, {action: form}, status=409)
    messages.success(request, _said(done, action))
    return redirect("portal:claim", claim_no)


def _page(
    request: HttpRequest,
    distributor: Distributor,
    found: Claim,
    sent: dict[str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    allowed = claim_roads.allowed(found)
    offers = [
        (name, one, (sent or {}).get(name) or _form(name, found))
        for name, one in ACTS.items()
        if name in allowed or name in (sent or {})
    ]
    history = timeline.for_distributor(found.order)
    context = {
        "claim": found,
        "order": found.order,
        "line": found.line,
        "offers": offers,
        "is_goodwill_open": found.goodwill in GOODWILL_OPEN,
        "reason": reasons.shown(found.reason, english=languages.reads_english()),
        "steps": _road(found),
        "photos": found.evidence.order_by("pk"),
        "parcels": found.parcels.all(),
        "carrier_names": carriers.names(),
        "timeline": [step for step in history if step.number == found.claim_no],
    }
    return access.shown(request, distributor, "claim.html", context, status)


def _form(name: str, found: Claim, request: HttpRequest | None = None) -> forms.Form:
    kind = ACTS[name].form_class
    # Several forms may stand on one page; the select of carriers is swapped under its plain name.
    auto_id = "id_%s" if kind is ParcelForm else f"id_{name}_%s"
    initial = _initial(name, found)
    if request is None:
        return kind(auto_id=auto_id, initial=initial)
    return kind(request.POST, request.FILES, auto_id=auto_id, initial=initial)


def _initial(name: str, found: Claim) -> dict[str, Any]:
    """Return what a form shows first: what was asked, or the address that was given last."""
    if name == "agreement":
        return {"amount_fen": found.amount_fen}
    if name == "return-address":
        given = Claim.objects.filter(distributor=found.distributor_id).exclude(return_address="")
        last = given.order_by("-pk").values_list("return_address", flat=True).first()
        return {"return_address": last or ""}
    return {}


def _road(found: Claim) -> list[Step]:
    """Return the steps of a claim's road with their times; what ended it before is its last."""
    rows = History.objects.filter(order=found.order_id, subject=f"claim {found.claim_no}")
    taken = dict(rows.order_by("pk").values_list("to_state", "at"))
    road = list(claim_roads.ROADS[found.type])
    if found.state in claim_roads.GIVEN_UP:
        road = [state for state in road if state in taken] + [ClaimState(found.state)]
    return [Step(str(state.label), taken.get(state)) for state in road]


def _said(done: Claim, action: str) -> str:
    text = _("Claim {claim_no}: {state}.")
    if action.startswith("goodwill"):
        text = _("Goodwill for claim {claim_no}: {state}.")
        return text.format(claim_no=done.claim_no, state=done.get_goodwill_display())
    return text.format(claim_no=done.claim_no, state=done.get_state_display())


def _shown_in(rows: QuerySet[Claim], show: str) -> QuerySet[Claim]:
    if show == "goodwill":
        return rows.filter(goodwill__in=GOODWILL_OPEN)
    return rows.filter(ended_at__isnull=show == "open")


def _found(rows: QuerySet[Claim], text: str) -> QuerySet[Claim]:
    """Narrow to the claim, or the order, of this very number, theirs or ours."""
    order = Q(order__order_no=text.upper()) | Q(order__out_order_no=text)
    return rows.filter(Q(claim_no=text.upper()) | Q(out_claim_no=text) | order)


def _claim(distributor: Distributor, claim_no: str) -> Claim:
    rows = Claim.objects.of(distributor).select_related("order__distributor__company", "line")
    found = rows.filter(claim_no=claim_no).first()
    if found is None:
        raise Http404
    return found
