"""The go-live list: what an integrator has done already, told by what is there."""

from collections.abc import Collection
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from books.models import Reconciliation
from distributors.models import Distributor
from integration import usage
from integration.models import Endpoint, KeyState
from ledger import accounts
from ledger.models import Transfer
from orders.models import Order
from portal.documents import address_of
from supplychain.models import Selection

READ_PRODUCTS = frozenset(
    {
        "GET /products",
        "GET /products/{item_no}",
        "POST /products/lookup",
        "POST /prices/lookup",
        "POST /stocks/lookup",
        "POST /catalogue/exports",
    }
)
ECHO = "POST /auth/echo"


@dataclass(frozen=True)
class Step:
    """One thing to do before going live, and whether it is done."""

    label: str
    url: str
    done: bool


def steps(distributor: Distributor) -> list[Step]:
    """Return the list, in the order in which an integrator goes."""
    called = usage.first_calls(distributor.partner_id)
    return [
        *_to_be_known(distributor, called),
        *_to_sell(distributor, called),
        *_to_be_told(distributor),
        *_to_pay(distributor),
    ]


def _to_be_known(distributor: Distributor, called: Collection[str]) -> list[Step]:
    partner, page = distributor.partner, reverse("portal:integration")
    used = [
        at is not None
        for at in partner.keys.filter(state=KeyState.LIVE).values_list("last_used_at", flat=True)
    ]
    return [
        Step(_("Make an API key"), page, bool(used)),
        Step(
            _("Bind the addresses you call from"),
            f"{page}#addresses",
            bool(partner.allowed_addresses),
        ),
        Step(_("Sign a first request"), address_of("signing"), any(used) or bool(called)),
        Step(_("Pass the signature test"), reverse("portal:debugger"), ECHO in called),
    ]


def _to_sell(distributor: Distributor, called: Collection[str]) -> list[Step]:
    return [
        Step(
            _("Read products"),
            address_of("catalogue"),
            not READ_PRODUCTS.isdisjoint(called),
        ),
        Step(
            _("Select products"),
            address_of("catalogue"),
            Selection.objects.filter(distributor=distributor).exists(),
        ),
        Step(
            _("Place a first order"),
            address_of("quick-start"),
            Order.objects.of(distributor).exists(),
        ),
    ]


def _to_be_told(distributor: Distributor) -> list[Step]:
    endpoint = Endpoint.objects.filter(partner=distributor.partner_id).first()
    return [
        Step(
            _("Set the address you are called back at"),
            reverse("portal:integration") + "#callbacks",
            endpoint is not None,
        ),
        Step(
            _("Acknowledge a callback"),
            reverse("portal:callbacks"),
            endpoint is not None and endpoint.last_answered_at is not None,
        ),
    ]


def _to_pay(distributor: Distributor) -> list[Step]:
    account = accounts.deposit_of(distributor.pk)
    return [
        Step(
            _("Recharge the deposit"),
            reverse("portal:new_recharge"),
            Transfer.objects.filter(credit=account).exists(),
        ),
        Step(
            _("Be warned when the deposit runs low"),
            reverse("portal:deposit_warning"),
            distributor.low_deposit_threshold_fen > 0,
        ),
        Step(
            _("Reconcile for the first time"),
            reverse("portal:reconciliations"),
            Reconciliation.objects.filter(distributor=distributor).exists(),
        ),
    ]
