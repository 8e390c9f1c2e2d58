"""How a partner does, in figures: what it sold or bought, how well it ships, what is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from aftersales.models import ENDS, Case
from books import performing
from books.models import Rollup, Span, Subject
from books.performing import Figures
from distributors.models import Distributor
from integration.models import Delivery, DeliveryState
from orders.models import Refusal
from suppliers.models import BillState, Supplier
from supplychain.models import ProductState

SPANS_DAYS = (30, 90)
# More are not counted: the page says so many, and a plus.
COUNTED = 1_000
LOOKED_BACK = timedelta(days=30)
OPEN_BILLS = (BillState.DRAFT, BillState.ISSUED, BillState.ACCEPTED, BillState.DISPUTED)


@dataclass(frozen=True)
class Turnover:
    """What the last closed days came to."""

    days: int
    orders: int
    units: int
    sales_fen: int
    supply_fen: int
    refunds_fen: int


def of_supplier(found: Supplier, *, at: datetime, with_money: bool) -> dict[str, Any]:
    """Return the figures of a supplier, for a template."""
    products = found.products.aggregate(
        listed=Count("pk", filter=Q(state=ProductState.LISTED)), every=Count("pk")
    )
    spans = performing.read(supplier_pk=found.pk, at=at)
    cases = Case.objects.filter(line__fulfilment__supplier=found)
    bills = found.bills.filter(state__in=OPEN_BILLS)
    return {
        "turnover": _turnover(Subject.SUPPLIER, found.pk, at),
        "goods": products,
        "shipping": _of_spans(spans),
        "open_cases": _count(cases.exclude(state__in=ENDS)),
        "open_bills": bills.aggregate(count=Count("pk"), total_fen=Sum("total_fen", default=0))
        if with_money
        else None,
    }


def of_distributor(found: Distributor, *, at: datetime) -> dict[str, Any]:
    """Return the figures of a distributor, for a template."""
    untold = Delivery.objects.filter(
        endpoint__partner=found.partner_id,
        state__in=[DeliveryState.PENDING, DeliveryState.PARKED],
    )
    refused = Refusal.objects.filter(distributor=found, refused_at__gte=at - LOOKED_BACK)
    cases = Case.objects.filter(distributor=found).exclude(state__in=ENDS)
    return {
        "turnover": _turnover(Subject.DISTRIBUTOR, found.pk, at),
        "refusals": _count(refused),
        "open_cases": _count(cases),
        "untold": _count(untold),
    }


def _turnover(subject: Subject, pk: int, at: datetime) -> list[Turnover]:
    today = timezone.localtime(at).date()
    rows = Rollup.objects.filter(span=Span.DAY, subject=subject, subject_pk=pk)
    sums: dict[str, int] = rows.filter(
        first_day__gte=today - timedelta(days=max(SPANS_DAYS)), first_day__lt=today
    ).aggregate(
        **{
            f"{name}_{days}": Sum(
                name, default=0, filter=Q(first_day__gte=today - timedelta(days=days))
            )
            for days in SPANS_DAYS
            for name in _SUMMED
        }
    )
    return [Turnover(days, *(sums[f"{name}_{days}"] for name in _SUMMED)) for days in SPANS_DAYS]


_SUMMED = ("orders", "units", "sales_fen", "supply_fen", "refunds_fen")


def _of_spans(spans: Sequence[performing.Span]) -> list[tuple[int, Figures]]:
    return [(span.days, span.own) for span in spans if span.days in SPANS_DAYS]


def _count(rows: "QuerySet[Any]") -> str:
    count = rows.order_by()[: COUNTED + 1].count()
    return f"{COUNTED}+" if count > COUNTED else str(count)
