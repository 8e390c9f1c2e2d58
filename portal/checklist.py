"""The go-live list: what an integrator has done already, told by what is there."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from books.models import Reconciliation
from distributors.models import Distributor
from integration import usage
from integration.models import Endpoint, KeyState
from ledger.models import Account, Kind, Transfer
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


@dataclass(frozen=True)
class Facts:
    """What there is of a distributor, read in a few queries."""

    called: Collection[str]
    used_keys: Collection[bool]
    has_order: bool
    has_selection: bool
    has_reconciliation: bool
    has_deposit: bool


def steps(distributor: Distributor) -> list[Step]:
    """Return the list, in the order in which an integrator goes."""
    facts = _facts(distributor)
    return [
        *_to_be_known(distributor, facts),
        *_to_sell(facts),
        *_to_be_told(distributor),
        *_to_pay(distributor, facts),
    ]


def _facts(distributor: Distributor) -> Facts:
    used = distributor.partner.keys.filter(state=KeyState.LIVE)
    own = Q(distributor=distributor)
    deposit = Account.objects.filter(kind=Kind.DEPOSIT, holder=distributor.pk)
    [has] = Distributor.objects.filter(pk=distributor.pk).values_list(
        Exists(Order.objects.filter(own)),
        Exists(Selection.objects.filter(own)),
        Exists(Reconciliation.objects.filter(own)),
        Exists(Transfer.objects.filter(credit__in=deposit)),
    )
    return Facts(
        usage.first_calls(distributor.partner_id),
        [at is not None for at in used.values_list("last_used_at", flat=True)],
        *has,
    )


def _to_be_known(distributor: Distributor, facts: Facts) -> list[Step]:
    page = reverse("portal:integration")
    return [
        Step(_("Make an API key"), page, bool(facts.used_keys)),
        Step(
            _("Bind the addresses you call from"),
            f"{page}#addresses",
            bool(distributor.partner.allowed_addresses),
        ),
        Step(
            _("Sign a first request"),
            address_of("signing"),
            any(facts.used_keys) or bool(facts.called),
        ),
        Step(_("Pass the signature test"), reverse("portal:debugger"), ECHO in facts.called),
    ]


def _to_sell(facts: Facts) -> list[Step]:
    has_read = not READ_PRODUCTS.isdisjoint(facts.called)
    return [
        Step(_("Read products"), address_of("catalogue"), has_read),
        Step(_("Select products"), reverse("portal:goods"), facts.has_selection),
        Step(_("Place a first order"), address_of("quick-start"), facts.has_order),
    ]


def _to_be_told(distributor: Distributor) -> list[Step]:
    endpoint = Endpoint.objects.filter(partner=distributor.partner_id).first()
    has_answered = endpoint is not None and endpoint.last_answered_at is not None
    return [
        Step(
            _("Set the address you are called back at"),
            reverse("portal:integration") + "#callbacks",
            endpoint is not None,
        ),
        Step(_("Acknowledge a callback"), reverse("portal:callbacks"), has_answered),
    ]


def _to_pay(distributor: Distributor, facts: Facts) -> list[Step]:
    return [
        Step(_("Recharge the deposit"), reverse("portal:new_recharge"), facts.has_deposit),
        Step(
            _("Be warned when the deposit runs low"),
            reverse("portal:deposit_warning"),
            distributor.low_deposit_threshold_fen > 0,
        ),
        Step(
            _("Reconcile for the first time"),
            reverse("portal:reconciliations"),
            facts.has_reconciliation,
        ),
    ]
