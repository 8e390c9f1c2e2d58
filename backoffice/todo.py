"""What waits for a supplier, as counts that lead to it, and what it has still to do to get started."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from aftersales import goodwill
from aftersales.models import CaseState
from backoffice import cases
from companies.models import Membership
from companies.policies import Policies
from orders.models import Fulfilment, FulfilmentState
from orders.shipping import TO_SHIP
from suppliers.checklist import Item
from suppliers.models import Bill, BillState, PaperState, Supplier
from supplychain import running_low
from supplychain.models import FreightTemplate, Product, ProductState, Revision, RevisionState, Sku

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """A count that leads to what it counts."""

    label: str
    count: int
    url: str
    mood: str = ""


@dataclass(frozen=True)
class Step:
    """One thing to do when getting started, whether it is done, and what is said of it."""

    label: str
    url: str
    done: bool
    note: str = ""
    mood: str = ""


def facts(supplier: Supplier, decided: Policies, *, at: datetime) -> Facts:
    """Return all that the start page counts of a supplier, in one query."""
    parts = Fulfilment.objects.of(supplier)
    waiting = parts.filter(state__in=TO_SHIP)
    goods = Product.objects.of(supplier)
    revisions = Revision.objects.filter(product__supplier=supplier)
    found = {
        "to_ship": _count(waiting),
        "late": _count(waiting.filter(ship_due_at__lt=at)),
        "in_review": _count(revisions.filter(state=RevisionState.OPEN)),
        "sent_back": _count(revisions.filter(state=RevisionState.CHANGES_REQUESTED)),
        "bills_to_answer": _count(Bill.objects.of(supplier).filter(state=BillState.ISSUED)),
        "low": _count(running_low.low_of(supplier, decided)),
        "cases_again": _count(cases.of_supplier(supplier).filter(state=CaseState.RESHIPPING)),
        "claims_again": _count(goodwill.to_ship(supplier)),
        "has_goods": Exists(goods),
        "has_approved": Exists(goods.exclude(state=ProductState.DRAFT)),
        "has_stock": Exists(Sku.objects.filter(product__supplier=supplier, stock__version__gt=0)),
        "has_freight": Exists(FreightTemplate.objects.filter(supplier=supplier)),
        "has_shipped": Exists(parts.exclude(state=FulfilmentState.AWAITING_SHIPMENT)),
        "people": _count(Membership.objects.filter(company=supplier.company_id)),
    }
    row: Facts = Supplier.objects.filter(pk=supplier.pk).annotate(**found).values(*found).get()
    return row


def tasks(counted: Facts, items: Sequence[Item]) -> list[Task]:
    """Return what waits, each with the page where it is worked off."""
    again = counted["cases_again"] + counted["claims_again"]
    sent_back = sum(_is_sent_back(item) for item in items)
    orders, goods = reverse("supplier:orders"), reverse("supplier:goods")
    found = [
        Task(_("Orders to ship"), counted["to_ship"], orders),
        _task(_("Late"), counted["late"], orders, "bad"),
        _task(_("To ship again"), again, reverse("supplier:cases"), "warn"),
        _task(_("Sent back by reviewers"), counted["sent_back"], f"{goods}?show=sent_back", "warn"),
        Task(_("Waiting for review"), counted["in_review"], f"{goods}?show=waiting"),
        _task(
            _("Bills to answer"),
            counted["bills_to_answer"],
            f"{reverse('supplier:bills')}?show=open",
            "warn",
        ),
        _task(_("Low stock"), counted["low"], f"{reverse('supplier:stock')}?show=low", "warn"),
    ]
    papers = _task(_("Papers sent back"), sent_back, reverse("supplier:papers"), "bad")
    return [*found, papers] if sent_back else found


def steps(counted: Facts, items: Sequence[Item]) -> list[Step]:
    """Return what a supplier does when it gets started: its papers, then its goods and orders."""
    return [
        *(_step_of(item) for item in items if item.required),
        Step(_("Upload your first product"), reverse("supplier:new_product"), counted["has_goods"]),
        Step(
            _("Have it approved by the platform"),
            reverse("supplier:goods"),
            counted["has_approved"],
        ),
        Step(_("Enter your stock"), reverse("supplier:stock"), counted["has_stock"]),
        Step(
            _("Say what shipping costs (free if you say nothing)"),
            reverse("supplier:freight"),
            counted["has_freight"],
        ),
        Step(_("Ship your first order"), reverse("supplier:orders"), counted["has_shipped"]),
        Step(_("Invite a colleague"), reverse("team"), counted["people"] > 1),
    ]


def _step_of(item: Item) -> Step:
    label = pgettext("paper to hand in", "Hand in: {paper}").format(paper=item.kind.label)
    url = f"{reverse('supplier:papers')}#{item.kind.value}"
    if item.paper is None:
        return Step(label, url, item.done)
    if _is_sent_back(item):
        reason = _("Sent back: {reason}").format(reason=item.paper.reason)
        return Step(label, url, item.done, reason, "bad")
    mood = "good" if item.paper.state == PaperState.ACCEPTED else "warn"
    return Step(label, url, item.done, item.paper.get_state_display(), mood)


def _is_sent_back(item: Item) -> bool:
    return item.paper is not None and item.paper.state == PaperState.SENT_BACK


def _task(label: str, count: int, url: str, mood: str) -> Task:
    return Task(label, count, url, mood if count else "")


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().annotate(all=Value(1)).values("all").annotate(count=Count("pk"))
    return Coalesce(Subquery(counted.values("count")), 0)
