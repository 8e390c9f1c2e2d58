"""A supplier's first page: what waits for it, and how far it has come in getting started."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import access, cases
from backoffice.access import supplier_only
from orders.models import Fulfilment
from orders.shipping import TO_SHIP
from suppliers.models import Bill, BillState, Supplier
from supplychain import running_low
from supplychain.models import Product, ProductState, Revision, RevisionState, Sku


@dataclass(frozen=True)
class Task:
    """A count that leads to what it counts."""

    label: str
    count: int
    url: str
    mood: str = ""


@dataclass(frozen=True)
class Step:
    """One thing to do when getting started, and whether it is done."""

    label: str
    url: str
    done: bool


@supplier_only
def home(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show what there is to do."""
    steps = access.within_reach(request, _steps(supplier))
    context = {
        "tasks": access.within_reach(request, _tasks(supplier, timezone.now())),
        "steps": steps,
        "steps_done": sum(step.done for step in steps),
    }
    return access.shown(request, supplier, "home.html", context)


def _tasks(supplier: Supplier, now: datetime) -> list[Task]:
    orders = Fulfilment.objects.of(supplier).filter(state__in=TO_SHIP)
    counts = orders.aggregate(all=Count("pk"), late=Count("pk", filter=Q(ship_due_at__lt=now)))
    revisions = Revision.objects.filter(product__supplier=supplier)
    unfinished = [RevisionState.OPEN, RevisionState.CHANGES_REQUESTED]
    reviews = revisions.filter(state__in=unfinished).aggregate(
        waiting=Count("pk", filter=Q(state=RevisionState.OPEN)),
        sent_back=Count("pk", filter=Q(state=RevisionState.CHANGES_REQUESTED)),
    )
    low = running_low.low_of(supplier).count()
    again = cases.to_ship_again(supplier)
    bills = Bill.objects.of(supplier).filter(state=BillState.ISSUED).count()
    orders_url, goods_url = reverse("supplier:orders"), reverse("supplier:goods")
    return [
        Task(_("Orders to ship"), counts["all"], orders_url),
        Task(_("Late"), counts["late"], orders_url, "bad" if counts["late"] else ""),
        Task(_("To ship again"), again, reverse("supplier:cases"), "warn" if again else ""),
        Task(
            _("Sent back by reviewers"),
            reviews["sent_back"],
            f"{goods_url}?show=sent_back",
            "warn" if reviews["sent_back"] else "",
        ),
        Task(_("Waiting for review"), reviews["waiting"], f"{goods_url}?show=waiting"),
        Task(
            _("Bills to answer"),
            bills,
            f"{reverse('supplier:bills')}?show=open",
            "warn" if bills else "",
        ),
        Task(_("Low stock"), low, f"{reverse('supplier:stock')}?show=low", "warn" if low else ""),
    ]


def _steps(supplier: Supplier) -> list[Step]:
    goods = Product.objects.of(supplier)
    return [
        Step(_("Upload your first product"), reverse("supplier:new_product"), goods.exists()),
        Step(
            _("Have it approved by the platform"),
            reverse("supplier:goods"),
            goods.exclude(state=ProductState.DRAFT).exists(),
        ),
        Step(
            _("Enter your stock"),
            reverse("supplier:stock"),
            Sku.objects.filter(product__supplier=supplier, stock__version__gt=0).exists(),
        ),
        Step(
            _("Say what shipping costs (free if you say nothing)"),
            reverse("supplier:freight"),
            supplier.freight_templates.exists(),
        ),
        Step(
            _("Ship your first order"),
            reverse("supplier:orders"),
            Fulfilment.objects.of(supplier).exclude(state="awaiting_shipment").exists(),
        ),
        Step(_("Invite a colleague"), reverse("team"), supplier.company.memberships.count() > 1),
    ]
