"""Finding anything by its number or name, from one box above every page of the console.

One statement asks all indexes at once; only what it names is read. A phone finds orders only for who
may see consumers, is sent in no address, and that it was asked for is written down.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aftersales.models import Case, CaseParcel, Claim
from companies.models import Company
from console import records
from console.pages import Page, Rights
from distributors.models import Distributor, Recharge, ShopApplication, Withdrawal
from integration.models import ApiKey, Event
from kit import languages, sealing
from orders import carriers
from orders.models import Cancellation, CancellationRequest, Consignee, Hold, Order, Shipment
from suppliers.models import Adjustment, Application, Bill, Supplier
from supplychain.models import Product, Sku

MAX_TERM = 64
# Of each kind.
SHOWN = 20
MIN_NAME = 2
PHONE_ACT = "find_phone"

_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{5,30}")

records.TITLES[PHONE_ACT] = _("Find orders by a consumer's phone")


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that is found: who may see it, where its page is, and how a row is told from others.

    `detail` says in a few words what it is.
    """

    title: Promise
    right: str
    rows: QuerySet[Any]
    page: str
    detail: Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found."""

    label: str
    detail: str
    address: str


def _state_and(*parts: str) -> Callable[[Any], str]:
    """Return how to tell a row by its state and some of what belongs to it."""

    def detail(row: Any) -> str:
        found = [row.get_state_display()] if hasattr(row, "get_state_display") else []
        for part in parts:
            value = row
            for step in part.split("."):
                value = getattr(value, step)
            found.append(str(value or gettext("own stock")))
        return " · ".join(found)

    return detail


KINDS: Mapping[str, Kind] = {
    "order": Kind(
        _("Orders"),
        "see_orders",
        Order.objects.select_related("distributor__company"),
        "console:order",
        _state_and("out_order_no", "distributor"),
    ),
    "parcel": Kind(
        _("Parcels"),
        "see_orders",
        Shipment.objects.select_related("fulfilment__order", "fulfilment__supplier__company"),
        "console:parcel",
        _state_and("fulfilment.order", "fulfilment.supplier"),
    ),
    "hold": Kind(
        _("Holds"),
        "see_orders",
        Hold.objects.select_related("distributor__company"),
        "admin:orders_hold_change",
        _state_and("out_order_no", "distributor"),
    ),
    "cancellation": Kind(
        _("Cancellations"),
        "see_orders",
        Cancellation.objects.select_related("fulfilment__order"),
        "console:cancellation",
        _state_and("fulfilment.order"),
    ),
    "case": Kind(
        _("After-sale cases"),
        "see_orders",
        Case.objects.select_related("distributor__company"),
        "console:case",
        _state_and("distributor"),
    ),
    "claim": Kind(
        _("Goodwill"),
        "see_orders",
        Claim.objects.select_related("distributor__company"),
        "console:goodwill",
        _state_and("distributor"),
    ),
    "event": Kind(
        _("Events"),
        "see_orders",
        Event.objects.select_related("partner__company"),
        "admin:integration_event_change",
        _state_and("partner.company"),
    ),
    "product": Kind(
        _("Products"),
        "see_goods",
        Product.objects.select_related("supplier__company"),
        "console:product",
        _state_and("item_no", "supplier"),
    ),
    "sku": Kind(
        _("Skus and stock"),
        "see_goods",
        Sku.objects.select_related("product__supplier__company"),
        "console:sku",
        _state_and("product.name", "product.supplier"),
    ),
    "distributor": Kind(
        _("Distributors"),
        "see_companies",
        Distributor.objects.select_related("company"),
        "console:distributor",
        _state_and("number"),
    ),
    "supplier": Kind(
        _("Suppliers"),
        "see_companies",
        Supplier.objects.select_related("company"),
        "console:supplier",
        _state_and("number"),
    ),
    "company": Kind(
        _("Companies"),
        "see_companies",
        Company.objects.all(),
        "console:company",
        _state_and("number"),
    ),
    "application": Kind(
        _("Applications of suppliers"),
        "open_companies",
        Application.objects.all(),
        "console:application",
        _state_and("application_no"),
    ),
    "shop_application": Kind(
        _("Applications of distributors"),
        "open_companies",
        ShopApplication.objects.all(),
        "console:shop_application",
        _state_and("application_no"),
    ),
    "key": Kind(
        _("API keys"),
        "see_companies",
        ApiKey.objects.select_related("partner__company"),
        "admin:integration_apikey_change",
        _state_and("partner.company"),
    ),
    "bill": Kind(
        _("Bills"),
        "see_money",
        Bill.objects.select_related("supplier__company"),
        "console:bill",
        _state_and("supplier"),
    ),
    "adjustment": Kind(
        _("Manual lines"),
        "see_money",
        Adjustment.objects.select_related("supplier__company"),
        "console:adjustment",
        _state_and("supplier"),
    ),
    "recharge": Kind(
        _("Recharges"),
        "see_money",
        Recharge.objects.select_related("distributor__company"),
        "console:recharge_page",
        _state_and("distributor"),
    ),
    "withdrawal": Kind(
        _("Withdrawals"),
        "see_money",
        Withdrawal.objects.select_related("distributor__company"),
        "console:withdrawal",
        _state_and("distributor"),
    ),
}


class FindPage(Page):
    """Go to what a number means; where it means several things, list them by kind."""

    # Every group that a new installation begins with has it.
    right = "console.see_companies"
    template_name = "console/find.html"
    title = _("Find anything")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Find what an address asks for; never by a phone, which stands in no address."""
        return self._answer(request.GET.get("q", ""), by_phone=False)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Find what was typed into the box."""
        return self._answer(
            request.POST.get("q", ""), by_phone=request.user.has_perm("console.see_consumers")
        )

    def _answer(self, text: str, *, by_phone: bool) -> HttpResponse:
        term = text.strip()[:MAX_TERM].replace("\x00", "")
        groups = found(term, Rights(self.person), by_phone=by_phone) if term else []
        if by_phone and _PHONE.fullmatch(term) and has_phone(term):
            shown = languages.in_each(lambda: {gettext("Phone"): "*******" + term[-4:]})
            records.note(person=self.person, act=PHONE_ACT, subject=None, values=shown)
        hits = [hit for _title, some in groups for hit in some]
        if len(hits) == 1:
            return HttpResponseRedirect(hits[0].address)
        return self.show({"term": term, "groups": groups, "count": len(hits)})


def found(term: str, may: Rights, *, by_phone: bool) -> list[tuple[Promise, list[Hit]]]:
    """Return what a number or a name means, by kind, newest first, of what the reader may see."""
    arms = [
        rows.order_by().annotate(found_as=Value(kind)).values_list("found_as", key)[:SHOWN]
        for kind, key, rows in _asked(term, by_phone=by_phone)
        if may[KINDS[kind].right]
    ]
    keys: dict[str, set[int]] = defaultdict(set)
    for kind, key in arms[0].union(*arms[1:], all=True) if arms else ():
        keys[kind].add(key)
    return [(KINDS[kind].title, _hits(KINDS[kind], keys[kind])) for kind in KINDS if kind in keys]


def has_phone(term: str) -> bool:
    """Tell whether anything was ordered for a phone."""
    return Consignee.objects.filter(phone_hash=sealing.keyed_hash(term)).exists()


def _hits(kind: Kind, keys: set[int]) -> list[Hit]:
    rows = kind.rows.filter(pk__in=keys).order_by("-pk")
    return [Hit(str(row), kind.detail(row), reverse(kind.page, args=[row.pk])) for row in rows]


def _asked(term: str, *, by_phone: bool) -> Iterator[tuple[str, str, QuerySet[Any]]]:
    """Yield what each kind is asked for: its name, the column of its key, and the rows by an index."""
    ours = term.upper()
    yield from _orders(term, ours, by_phone=by_phone)
    yield "hold", "pk", Hold.objects.filter(Q(hold_id=term) | Q(out_order_no=term))
    yield "cancellation", "pk", Cancellation.objects.filter(cancellation_no=ours)
    asked = CancellationRequest.objects.filter(distributor__in=_every_distributor())
    yield "cancellation", "cancellations", asked.filter(out_cancellation_no=term)
    yield "case", "pk", Case.objects.filter(case_no=ours)
    yield "case", "pk", Case.objects.filter(distributor__in=_every_distributor(), out_case_no=term)
    yield "case", "case_id", _of_any_carrier(CaseParcel.objects.all(), ours)
    yield "claim", "pk", Claim.objects.filter(claim_no=ours)
    theirs = Claim.objects.filter(distributor__in=_every_distributor(), out_claim_no=term)
    yield "claim", "pk", theirs
    yield "product", "pk", Product.objects.filter(item_no__in=[term, ours])
    yield "sku", "pk", Sku.objects.filter(sku_no__in=[term, ours])
    yield "key", "pk", ApiKey.objects.filter(public_id=term)
    yield "bill", "pk", Bill.objects.filter(bill_no=ours)
    yield "adjustment", "pk", Adjustment.objects.filter(adjustment_no=ours)
    yield "recharge", "pk", Recharge.objects.filter(recharge_no=ours)
    yield "withdrawal", "pk", Withdrawal.objects.filter(withdrawal_no=ours)
    yield "application", "pk", Application.objects.filter(application_no=ours)
    yield "shop_application", "pk", ShopApplication.objects.filter(application_no=ours)
    if place := Event.place_of(term):
        partner_pk, seq = place
        yield "event", "pk", Event.objects.filter(partner=partner_pk, seq=seq)
    yield from _partners(term, ours)


def _orders(term: str, ours: str, *, by_phone: bool) -> Iterator[tuple[str, str, QuerySet[Any]]]:
    yield "order", "pk", Order.objects.filter(order_no=ours)
    theirs = Order.objects.filter(distributor__in=_every_distributor(), out_order_no=term)
    yield "order", "pk", theirs
    yield "parcel", "pk", _of_any_carrier(Shipment.objects.all(), ours)
    if by_phone and _PHONE.fullmatch(term):
        phones = Consignee.objects.filter(phone_hash=sealing.keyed_hash(term))
        yield "order", "order_id", phones


def _partners(term: str, ours: str) -> Iterator[tuple[str, str, QuerySet[Any]]]:
    """Yield those that trade here, by number or by a part of their name: they are thousands at most."""
    named = Q(company__name__icontains=term) if len(term) >= MIN_NAME else Q(pk=None)
    yield "distributor", "pk", Distributor.objects.filter(Q(number=ours) | named)
    yield "supplier", "pk", Supplier.objects.filter(Q(number=ours) | named)
    # A company with a side is found by that side; its own number means itself.
    yield "company", "pk", Company.objects.filter(number=ours)


def _every_distributor() -> QuerySet[Any, Any]:
    """The first column of an index whose second column is looked for."""
    return Distributor.objects.values("pk")


def _of_any_carrier(rows: QuerySet[Any], tracking_no: str) -> QuerySet[Any]:
    codes: Sequence[str] = [carrier.code for carrier in carriers.CARRIERS]
    return rows.filter(carrier_code__in=codes, tracking_no=tracking_no)
