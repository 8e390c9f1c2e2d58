"""A distributor's first page: its deposit, its newest orders, and how far it has come in going live."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from distributors.models import Distributor
from ledger import accounts
from orders.models import Order
from portal import access, checklist, deposit
from portal.access import distributor_only

RECENT_ORDERS = 8


@require_GET
@distributor_only
def home(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Show the deposit, the newest transfers and orders, and the go-live list."""
    account = accounts.deposit_of(distributor.pk)
    rows, _following = deposit.transfers(account, "", deposit.RECENT)
    steps = checklist.steps(distributor)
    context = {
        "summary": deposit.summary(distributor, account),
        "rows": rows,
        "orders": Order.objects.of(distributor).order_by("-pk")[:RECENT_ORDERS],
        "steps": steps,
        "steps_done": sum(step.done for step in steps),
    }
    return access.shown(request, distributor, "home.html", context)
