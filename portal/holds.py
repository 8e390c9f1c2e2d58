"""What a distributor keeps for consumers who have not paid, and what waits for its deposit."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from distributors.models import Distributor
from kit import paging
from kit.errors import DomainError, NotFound
from orders import holding
from orders.models import Hold, HoldState
from portal import access
from portal.access import distributor_only

PAGE = 50


@require_GET
@distributor_only
def holds(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """List a distributor's holds, by state or by its own number."""
    state = request.GET.get("state", "")
    if state and state not in HoldState.values:
        raise Http404
    text = request.GET.get("q", "").strip()[:64]
    rows = Hold.objects.of(distributor).select_related("order").prefetch_related("lines")
    if state:
        rows = rows.filter(state=state)
    if text:
        rows = rows.filter(out_order_no=text)
    context = {
        "page": paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE),
        "state": state,
        "text": text,
        "states": HoldState.choices,
        "kept": {"state": state, "q": text},
    }
    return access.shown(request, distributor, "holds.html", context)


@require_POST
@distributor_only
def release(request: HttpRequest, distributor: Distributor, hold_id: str) -> HttpResponse:
    """Give a hold up."""
    try:
        holding.release(
            distributor=distributor,
            hold_id=hold_id,
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The hold is released; stock and deposit are free again."))
    return redirect("portal:holds")
