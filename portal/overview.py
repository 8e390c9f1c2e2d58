"""A distributor's first page: its deposit, its newest orders, and how far it has come in going live."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from distributors.models import Distributor
from integration.models import Endpoint, KeyState
from ledger import accounts
from orders.models import Order
from portal import access, deposit
from portal.access import distributor_only

RECENT_ORDERS = 8


@dataclass(frozen=True)
class Step:
    """One thing to do before going live, and whether it is done."""

    label: str
    url: str
    done: bool


@require_GET
@distributor_only
def home(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Show the deposit, the newest transfers and orders, and the go-live list."""
    account = accounts.deposit_of(distributor.pk)
    rows, _following = deposit.transfers(account, "", deposit.RECENT)
    steps = _steps(distributor, has_money=bool(rows))
    context = {
        "summary": deposit.summary(distributor, account),
        "rows": rows,
        "orders": Order.objects.of(distributor).order_by("-pk")[:RECENT_ORDERS],
        "steps": steps,
        "steps_done": sum(step.done for step in steps),
    }
    return access.shown(request, distributor, "home.html", context)


def _steps(distributor: Distributor, *, has_money: bool) -> list[Step]:
    partner = distributor.partner
    page = reverse("portal:integration")
    live = partner.keys.filter(state=KeyState.LIVE)
    return [
        Step(_("Make an API key"), page, live.exists()),
        Step(_("Sign a first request"), page, live.filter(last_used_at__isnull=False).exists()),
        Step(_("Bind the addresses you call from"), page, bool(partner.allowed_addresses)),
        Step(
            _("Set the address you are called back at"),
            page,
            Endpoint.objects.filter(partner=partner).exists(),
        ),
        Step(_("Recharge the deposit"), reverse("portal:deposit"), has_money),
        Step(
            _("Place a first order"),
            reverse("portal:orders"),
            Order.objects.of(distributor).exists(),
        ),
    ]
