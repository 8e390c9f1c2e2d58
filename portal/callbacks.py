"""Callbacks as a distributor's people see them: how they go, each delivery with its tries, and again."""

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from distributors.models import Distributor
from integration import endpoints, event_types, replaying, trying
from integration.models import Attempt, Delivery, DeliveryState, Endpoint
from integration.replaying import Wanted
from integration.trying import Trial
from kit import paging
from kit.errors import DomainError, NotFound
from portal import access
from portal.access import confirmed, distributor_only

PAGE = 50
# Why there was no answer, as `integration.calling` says it.
ERRORS = {
    "address_refused": gettext_lazy("the address is not public"),
    "unreachable": gettext_lazy("nobody answers"),
    "certificate": gettext_lazy("the certificate is not trusted"),
    "timeout": gettext_lazy("no answer in time"),
    "too_slow": gettext_lazy("the answer took too long"),
    "broken": gettext_lazy("the answer cannot be read"),
}


class TypesForm(forms.Form):
    """For which events the distributor is called back."""

    # `endpoints.save` judges them, and says why not.
    types = forms.CharField(
        label=gettext_lazy("Types of events"),
        required=False,
        max_length=2_000,
        widget=forms.TextInput(
            attrs={"placeholder": "order.*, shipment.*, deposit.low", "spellcheck": "false"}
        ),
        help_text=gettext_lazy(
            "Such as order.shipped, or order.* for all of them. Empty: everything."
        ),
    )


@require_GET
@distributor_only
def callbacks(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Show how callbacks go, and the deliveries."""
    return _page(request, distributor)


@require_POST
@distributor_only
def set_types(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Set for which events the distributor is called back."""
    endpoint = _endpoint(distributor)
    form = TypesForm(request.POST)
    if form.is_valid():
        types = form.cleaned_data["types"].replace(",", " ").split()
        try:
            endpoints.save(
                partner=distributor.partner, url=endpoint.url, types=types, at=timezone.now()
            )
        except DomainError as refusal:
            form.add_error("types", str(refusal))
        else:
            messages.success(request, _("The types have been saved."))
            return redirect("portal:callbacks")
    return _page(request, distributor, types_form=form, status=422)


@require_POST
@distributor_only
def pause(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Have no calls for now."""
    _endpoint(distributor)
    endpoints.pause(partner=distributor.partner, at=timezone.now())
    messages.success(request, _("Callbacks are paused; events are kept."))
    return redirect("portal:callbacks")


@require_POST
@distributor_only
def resume(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Have calls again."""
    _endpoint(distributor)
    endpoints.resume(partner=distributor.partner, at=timezone.now())
    messages.success(request, _("Callbacks go on; what was kept is told now."))
    return redirect("portal:callbacks")


@require_POST
@distributor_only
@confirmed
def rotate_secret(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Get a new secret, shown this once; calls are signed with both for a while."""
    _endpoint(distributor)
    saved = endpoints.rotate_secret(partner=distributor.partner, at=timezone.now())
    return _page(request, distributor, secret=saved.secret or "")


@require_POST
@distributor_only
def try_out(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Call once, now, and show what was sent and came back."""
    _endpoint(distributor)
    trial = trying.try_out(partner=distributor.partner, at=timezone.now())
    return _page(request, distributor, trial=trial)


@require_POST
@distributor_only
def send_again(request: HttpRequest, distributor: Distributor, seq: int) -> HttpResponse:
    """Have one event told again."""
    try:
        told = replaying.replay(
            partner=distributor.partner, wanted=Wanted(ids=[seq]), at=timezone.now()
        )
    except NotFound:
        raise Http404 from None
    if not told:
        raise Http404
    messages.success(request, _("The event is told again within seconds, under its old id."))
    return redirect("portal:callbacks")


def _endpoint(distributor: Distributor) -> Endpoint:
    endpoint = Endpoint.objects.filter(partner=distributor.partner).first()
    if endpoint is None:
        raise Http404
    return endpoint


def _page(
    request: HttpRequest,
    distributor: Distributor,
    *,
    types_form: TypesForm | None = None,
    secret: str = "",
    trial: Trial | None = None,
    status: int = 200,
) -> HttpResponse:
    endpoint = Endpoint.objects.filter(partner=distributor.partner).first()
    state = request.GET.get("state", "")
    rows = Delivery.objects.filter(endpoint__partner=distributor.partner)
    counts = rows.aggregate(
        waiting=Count("pk", filter=~Q(state=DeliveryState.DELIVERED)),
        parked=Count("pk", filter=Q(state=DeliveryState.PARKED)),
    )
    if state in DeliveryState.values:
        rows = rows.filter(state=state)
    rows = rows.select_related("event").prefetch_related(
        Prefetch("attempts", Attempt.objects.order_by("-pk"))
    )
    initial = {"types": ", ".join(endpoint.types) if endpoint else ""}
    context: dict[str, Any] = {
        "tab": "callbacks",
        "endpoint": endpoint,
        "is_called": endpoint is not None and endpoint.state in ("live", "degraded"),
        "counts": counts,
        "types_form": types_form or TypesForm(initial=initial),
        "secret": secret,
        "trial": trial,
        "trial_body": _indented(trial.body) if trial else "",
        "errors": ERRORS,
        "event_groups": event_types.GROUPS,
        "page": paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE),
        "states": DeliveryState.choices,
        "state": state,
        "kept": {"state": state},
    }
    return access.shown(request, distributor, "callbacks.html", context, status)


def _indented(body: bytes) -> str:
    return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
