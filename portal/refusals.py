"""The orders that a distributor's machines sent and that were refused: which, when and why."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from companies import policies
from distributors.models import Distributor
from kit import paging
from kit.columns import who
from orders import refusals as log
from orders.models import Refusal
from portal import access
from portal.access import distributor_only

PAGE = 50


@require_GET
@distributor_only
def refusals(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """List a distributor's refused orders, or those of one number."""
    text = request.GET.get("q", "").strip()[:64]
    rows = Refusal.objects.filter(distributor=distributor)
    if text:
        rows = rows.filter(out_order_no=text)
    page = paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE)
    context = {
        "page": page,
        "rows": [(row, log.sentences(row), who(row.actor)) for row in page.rows],
        "text": text,
        "days": policies.read().refusals_kept_days,
        "kept": {"q": text},
    }
    return access.shown(request, distributor, "refusals.html", context)
