"""The home page: what waits for somebody, as counts that lead to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from companies.models import Person
from console import dashboard, health, measuring, rights
from console.pages import Rights
from orders.models import Order

NEWEST = 8


@dataclass(frozen=True)
class Card:
    """One count with the place where it is worked off; an alarm is red unless it is 0."""

    measure: str
    right: str
    label: Promise
    address: str
    query: str = ""
    alarm: bool = False


CARDS = (
    Card(
        "revisions_open",
        "review_products",
        _("Products and changes to review"),
        "console:reviews",
    ),
    Card(
        "applications_open",
        "open_companies",
        _("Applications of suppliers"),
        "admin:suppliers_application_changelist",
        "state__exact=applied",
    ),
    Card(
        "shop_applications_open",
        "open_companies",
        _("Applications of distributors"),
        "admin:distributors_shopapplication_changelist",
        "state__exact=applied",
    ),
    Card(
        "papers_to_check",
        "open_companies",
        _("Papers of suppliers to check"),
        "admin:suppliers_paper_changelist",
        "state__exact=waiting",
    ),
    Card(
        "own_to_ship",
        "ship_orders",
        _("Own orders to ship"),
        "console:own_shipping",
    ),
    Card(
        "cancellations_requested",
        "see_orders",
        _("Cancellations to answer"),
        "admin:orders_cancellation_changelist",
        "state__exact=requested",
    ),
    Card(
        "cases_applied",
        "decide_aftersales",
        _("After-sales to decide"),
        "admin:aftersales_case_changelist",
        "state__exact=applied",
    ),
    Card(
        "cases_near",
        "decide_aftersales",
        _("After-sales near their deadline"),
        "admin:aftersales_case_changelist",
        "waiting=near",
        alarm=True,
    ),
    Card(
        "cases_to_inspect",
        "inspect_returns",
        _("Returns to inspect"),
        "admin:aftersales_case_changelist",
        "state__exact=inspecting",
    ),
    Card(
        "refunds_to_review",
        "review_refunds",
        _("Refunds to review"),
        "admin:aftersales_case_changelist",
        "state__exact=refund_review",
    ),
    Card(
        "cases_in_arbitration",
        "decide_aftersales",
        _("After-sales to arbitrate"),
        "admin:aftersales_case_changelist",
        "state__exact=arbitration",
    ),
    Card(
        "goodwill_asked",
        "decide_aftersales",
        _("Goodwill to answer"),
        "admin:aftersales_claim_changelist",
        "waiting=answer",
    ),
    Card(
        "own_goodwill_to_ship",
        "ship_orders",
        _("Own goods to ship as goodwill"),
        "admin:aftersales_claim_changelist",
        "waiting=ship&source=own",
    ),
    Card(
        "own_to_reship",
        "ship_orders",
        _("Own goods to ship again"),
        "admin:aftersales_case_changelist",
        "state__exact=reshipping&source=own",
    ),
    Card(
        "parcels_in_trouble",
        "see_orders",
        _("Parcels in trouble"),
        "admin:orders_shipment_changelist",
        "trouble=now",
        alarm=True,
    ),
    Card(
        "fulfilments_late",
        "see_orders",
        _("Shipped too late"),
        "admin:orders_fulfilment_changelist",
        "waiting=late",
        alarm=True,
    ),
    Card(
        "bills_disputed",
        "settle_suppliers",
        _("Doubted bills to answer"),
        "admin:suppliers_bill_changelist",
        "state__exact=disputed",
    ),
    Card(
        "bills_to_pay",
        "pay_suppliers",
        _("Bills to pay"),
        "admin:suppliers_bill_changelist",
        "state__exact=accepted",
    ),
    Card(
        "manual_lines_proposed",
        "settle_suppliers",
        _("Manual lines to decide"),
        "admin:suppliers_adjustment_changelist",
        "state__exact=proposed",
    ),
    Card(
        "recharges_waiting",
        "recharge_deposits",
        _("Recharges to check"),
        "admin:distributors_recharge_changelist",
        "waiting=decision",
    ),
    Card(
        "withdrawals_waiting",
        "pay_withdrawals",
        _("Withdrawals to decide"),
        "admin:distributors_withdrawal_changelist",
        "waiting=decision",
    ),
    Card(
        "withdrawals_to_pay",
        "pay_withdrawals",
        _("Withdrawals to pay"),
        "admin:distributors_withdrawal_changelist",
        "state__exact=approved",
    ),
    Card(
        "bank_lines_open",
        "match_bank",
        _("Lines of the bank that match nothing"),
        "admin:books_bankline_changelist",
        "match__in=open,differing",
    ),
    Card(
        "accounts_frozen",
        "see_money",
        _("Frozen accounts"),
        "admin:ledger_account_changelist",
        "frozen=yes",
        alarm=True,
    ),
    Card(
        "skus_frozen",
        "see_goods",
        _("Frozen skus"),
        "admin:supplychain_sku_changelist",
        "frozen=yes",
        alarm=True,
    ),
    Card(
        "rules_broken",
        "see_money",
        _("Book check: broken rules"),
        "console:proofs",
        alarm=True,
    ),
    Card(
        "deposits_low",
        "see_companies",
        _("Deposits that run low"),
        "admin:distributors_distributor_changelist",
        "deposit_is_low__exact=1",
        alarm=True,
    ),
    Card(
        "revisions_approved",
        "see_goods",
        _("Approved price rises that wait for their time"),
        "admin:supplychain_revision_changelist",
        "state__exact=approved",
    ),
    Card(
        "fulfilments_to_ship",
        "see_orders",
        _("All that is to be shipped"),
        "admin:orders_fulfilment_changelist",
        "waiting=ship",
    ),
    Card(
        "shipments_receipt_overdue",
        "see_orders",
        _("Parcels whose receipt is overdue"),
        "admin:orders_shipment_changelist",
        "state__exact=in_transit",
        alarm=True,
    ),
    Card(
        "callbacks_down",
        "see_companies",
        _("Callback addresses that do not answer"),
        "admin:integration_endpoint_changelist",
        "state__in=degraded,stopped",
        alarm=True,
    ),
    Card(
        "outbox_unstamped",
        "see_orders",
        _("Events not numbered yet"),
        "admin:integration_event_changelist",
        "numbered=no",
    ),
)


@dataclass(frozen=True)
class Counted:
    """A card as it is shown."""

    label: str
    address: str
    count: str
    tone: str


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the home page what the reader may see; called by the admin site."""
    person = request.user
    assert isinstance(person, Person)
    now = timezone.now()
    may = Rights(person)
    context["title"] = _("What waits")
    context |= dashboard.fill(request, may, now)
    context["counts"] = list(_counted(may, measuring.waiting(at=now)))
    context["orders"] = _newest() if may["see_orders"] else []
    context["rights"] = may
    context["beat_age"] = health.beat_age(now)
    context["groups"] = [
        rights.title(name) for name in person.groups.values_list("name", flat=True)
    ]
    return context


def reviews_waiting() -> str:
    """Return how many reviews wait, as it is shown; nothing where there are none."""
    count = measuring.reviews_waiting()
    return _shown(count) if count else ""


def _counted(may: Rights, waiting: dict[str, int]) -> Iterator[Counted]:
    for card in CARDS:
        if may[card.right]:
            count = waiting[card.measure]
            tone = "none" if not count else "alarm" if card.alarm else ""
            address = f"{reverse(card.address)}?{card.query}"
            yield Counted(str(card.label), address, _shown(count), tone)


def _shown(count: int) -> str:
    return f"{count:,}+" if count == measuring.LIMIT else f"{count:,}"


def _newest() -> list[Order]:
    return list(Order.objects.select_related("distributor__company").order_by("-pk")[:NEWEST])
