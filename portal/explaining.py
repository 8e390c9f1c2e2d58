"""An order explained to its distributor: every amount, piece and message, in one order of time."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from books import explaining
from distributors.models import Distributor
from kit.errors import NotFound
from portal import access
from portal.access import distributor_only


@require_GET
@distributor_only
def explain(request: HttpRequest, distributor: Distributor, order_no: str) -> HttpResponse:
    """Explain one of a distributor's orders, named by its own number or by ours."""
    try:
        found = explaining.the_one(order_no, distributor=distributor)
    except NotFound:
        raise Http404 from None
    if order_no != found.order_no:
        return redirect("portal:explanation", found.order_no)
    explained = explaining.for_distributor(found)
    context = {"order": found, "explained": explained}
    return access.shown(request, distributor, "explanation.html", context)
