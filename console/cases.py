"""What is shown of a case: everything that a decision about it needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from aftersales import evidence, progress, room, timeline
from aftersales.models import ENDS, Case, CaseParcel, Evidence
from companies import policies
from console import orders, records
from console.pages import Page
from kit import languages
from kit.errors import NotFound
from ledger.models import Kind, Transfer
from orders import reasons
from orders.models import Line, Order, Scan, Shipment

SHOWN = 200


@dataclass(frozen=True)
class Share:
    """What one kind of account has of an order's money now, and of this case's."""

    name: str
    amount_fen: int
    of_case_fen: int


def case(pk: int) -> Case:
    """Return a case as it is now.

    :raises NotFound: there is none.
    """
    rows = Case.objects.select_related(
        "distributor__company",
        "order__consignee",
        "order__distributor__company",
        "line__fulfilment__supplier__company",
        "line__sku__product",
        "shipment",
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


class Photo(Page):
    """One photo of a case, an inspection or a claim; with `?small`, its thumbnail."""

    right = "console.see_orders"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        unused = Q(case=None, inspection=None, claim=None)
        found = Evidence.objects.exclude(unused).filter(pk=kwargs["pk"]).first()
        if found is None:
            raise NotFound
        with evidence.read(found, small="small" in request.GET) as file:
            return HttpResponse(file.read(), content_type="image/jpeg")


def around(found: Case, page: Page) -> dict[str, Any]:
    """Return what is shown of a case, whatever is decided."""
    order, line = found.order, found.line
    parcels = list(found.parcels.all())
    return {
        "case": found,
        "order": order,
        "line": line,
        "source": line.fulfilment.supplier,
        "is_open": found.state not in ENDS,
        "review_above_fen": policies.read().refund_review_above_fen,
        "now": timezone.now(),
        "reason": reasons.shown(found.reason, english=languages.reads_english()),
        "consignee": orders.consignee(order, open_it=page.person.has_perm("console.see_consumers")),
        "lines": order.lines.select_related("fulfilment__supplier__company").order_by("pk"),
        "cap_fen": room.of([line], without=found)[line.pk].cap_fen(found.quantity),
        "paid_fen": line.agreement_price_fen * line.quantity,
        "left_fen": line.agreement_price_fen * line.quantity - line.refunded_fen,
        "shares": shares(order, found.case_no),
        "shipments": _shipments(line),
        "parcels": _scanned(parcels),
        "photos": found.evidence.order_by("pk"),
        "inspections": found.inspections.prefetch_related("photos").order_by("pk"),
        "steps": progress.of([found])[found.pk],
        "timeline": timeline.of(order),
        "others": others(found),
        "claims": line.claims.order_by("-pk")[:SHOWN],
        "records": records.about(found),
    }


def shares(order: Order, case_no: str) -> list[Share]:
    """Return who has how much of what was paid for an order, by kind of account."""
    rows = Transfer.objects.filter(order_no=order.order_no).select_related("debit", "credit")
    whole: dict[str, int] = dict.fromkeys(Kind.values, 0)
    part: dict[str, int] = dict.fromkeys(Kind.values, 0)
    for row in rows:
        for account, amount_fen in ((row.debit, -row.amount_fen), (row.credit, row.amount_fen)):
            whole[account.kind] += amount_fen
            part[account.kind] += amount_fen if row.case_no == case_no else 0
    return [
        Share(str(kind.label), whole[kind], part[kind])
        for kind in Kind
        if whole[kind] or part[kind]
    ]


def others(found: Case) -> Iterable[Case]:
    """Return the other cases of the same line, the newest first."""
    rows = Case.objects.filter(line=found.line).exclude(pk=found.pk)
    return rows.order_by("-pk")[:SHOWN]


def _shipments(line: Line) -> Iterable[Shipment]:
    rows = Shipment.objects.filter(lines__line=line).order_by("pk")
    return rows.prefetch_related("lines__line", "scans").distinct()


def _scanned(parcels: list[CaseParcel]) -> list[tuple[CaseParcel, list[Scan]]]:
    told = progress.tracks((one.carrier_code, one.tracking_no) for one in parcels)
    return [(one, told[one.carrier_code, one.tracking_no]) for one in parcels]
