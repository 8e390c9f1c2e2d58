"""A supplier's first page: notices, what waits for it, how its days went, and how to get started."""

from collections.abc import Sequence
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice import access, charts, todo
from backoffice.access import supplier_only
from backoffice.charts import Chart, Point
from books import supplier_days
from books.supplier_days import Day
from companies import policies
from kit import money
from kit.errors import NotFound
from suppliers import checklist, noticing
from suppliers.models import Supplier
from supplychain import holidays

DAYS = 30
NOTICES_SHOWN = 5


@supplier_only
def home(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show what there is to do."""
    now, decided = timezone.now(), policies.read()
    counted = todo.facts(supplier, decided, at=now)
    items = checklist.items(supplier, decided)
    steps = access.within_reach(request, todo.steps(counted, items))
    context = {
        "tasks": access.within_reach(request, todo.tasks(counted, items)),
        "steps": steps,
        "steps_done": sum(step.done for step in steps),
        "charts": _charts(supplier, now),
        "notices": noticing.shown(person=access.person_of(request), at=now)[:NOTICES_SHOWN],
        "holiday": holidays.current(supplier),
    }
    return access.shown(request, supplier, "home.html", context)


@require_POST
@supplier_only
def put_notice_away(request: HttpRequest, supplier: Supplier, pk: int) -> HttpResponse:  # noqa: ARG001
    """Show a notice to its reader no more."""
    try:
        noticing.put_away(notice_pk=pk, person=access.person_of(request), at=timezone.now())
    except NotFound:
        raise Http404 from None
    return redirect("supplier:home")


def _charts(supplier: Supplier, now: datetime) -> list[Chart]:
    days = supplier_days.days(supplier, count=DAYS, at=now)
    return [_sales(days), _shipping(days)]


def _sales(days: Sequence[Day]) -> Chart:
    total_fen = sum(one.supply_fen for one in days)
    text = _("{amount} ordered in the last {days} days, at your supply prices.")
    return charts.draw(
        name="sales",
        title=_("Sales by day"),
        summary=text.format(amount=money.yuan(total_fen), days=DAYS),
        unit=_("Ordered"),
        points=[Point(one.day, one.supply_fen or None, money.yuan(one.supply_fen)) for one in days],
    )


def _shipping(days: Sequence[Day]) -> Chart:
    parcels = sum(one.parcels for one in days)
    text = _("{parcels} parcels in the last {days} days.")
    if parcels:
        text = _("{parcels} parcels in the last {days} days, {hours} after the order on average.")
    seconds = sum(one.shipping_seconds for one in days)
    return charts.draw(
        name="shipping",
        title=_("From order to parcel"),
        summary=text.format(
            parcels=parcels, days=DAYS, hours=_hours(seconds / parcels / 3600 if parcels else None)
        ),
        unit=_("Hours on average"),
        points=[Point(one.day, one.hours, _hours(one.hours)) for one in days],
    )


def _hours(hours: float | None) -> str:
    return "—" if hours is None else _("{hours} h").format(hours=f"{hours:.1f}")
