"""Selecting goods by hand: what is ticked, or a whole category or brand, as machines do by API."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from distributors.models import Distributor
from kit.errors import DomainError
from portal import goods
from portal.access import distributor_only
from supplychain import selecting
from supplychain.selecting import Wanted

ADD, REMOVE = "add", "remove"


@require_POST
@distributor_only
def select(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Select products, or take them out of the selection; then go back to where they were ticked."""
    act = request.POST.get("act", ADD)
    wanted = _wanted(request)
    if act not in (ADD, REMOVE):
        raise Http404
    if wanted is None:
        messages.warning(request, _("Tick some goods first."))
        return _back(request)
    try:
        if act == ADD:
            outcomes = selecting.select(distributor=distributor, wanted=wanted, at=timezone.now())
        else:
            outcomes = selecting.unselect(distributor=distributor, wanted=wanted)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return _back(request)
    count = sum(outcome.status < 400 for outcome in outcomes)
    messages.success(request, _said(act, count))
    return _back(request)


def _wanted(request: HttpRequest) -> Wanted | None:
    """Return what is ticked, or all of a shelf where its button was pressed; None: nothing."""
    item_nos = tuple(dict.fromkeys(request.POST.getlist("item_no")))
    if any("\0" in item_no for item_no in item_nos):
        raise Http404
    if request.POST.get("all") == "1":
        asked = goods.wanted_of(request.POST)
        shelf = Wanted(category=asked.category, brand=asked.brand)
        return shelf if asked.category or asked.brand else None
    return Wanted(item_nos=item_nos) if item_nos else None


def _said(act: str, count: int) -> str:
    if act == ADD:
        text = ngettext("{count} product is selected.", "{count} products are selected.", count)
    else:
        text = ngettext(
            "{count} product is not selected any more.",
            "{count} products are not selected any more.",
            count,
        )
    return text.format(count=count)


def _back(request: HttpRequest) -> HttpResponse:
    """Return to the page of goods that the form names, and nowhere else."""
    path = request.POST.get("next", "")
    home = reverse("portal:goods")
    if path.startswith(home) and url_has_allowed_host_and_scheme(path, None):
        return HttpResponseRedirect(path)
    return redirect("portal:goods")
