"""Every change of a sku's pool: what each number of the stock grid comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from aftersales.models import Case
from backoffice import access, stock_rows
from backoffice.access import supplier_only
from kit import actors, paging
from orders.models import Fulfilment
from suppliers.models import Supplier
from supplychain.models import Movement, MovementKind

PAGE = 50
BY_HAND = (MovementKind.SET, MovementKind.ADJUST, MovementKind.ALLOT)


@dataclass(frozen=True)
class Shown:
    """A movement as its supplier may see it: other companies' people and keys are not named."""

    movement: Movement
    who: str
    order_no: str
    case_no: str


@require_GET
@supplier_only
def movements(request: HttpRequest, supplier: Supplier, sku_no: str) -> HttpResponse:
    """Show every change of a sku's pool, the newest first."""
    sku = stock_rows.sku_of(supplier, sku_no)
    rows = Movement.objects.filter(sku=sku, allotment__isnull=True)
    page = paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE)
    context = {
        "sku": sku,
        "page": page,
        "rows": _explained(page.rows, supplier),
        "sums": _sums(rows),
    }
    return access.shown(request, supplier, "movements.html", context)


def _explained(rows: Sequence[Movement], supplier: Supplier) -> list[Shown]:
    """Name who changed a pool by hand, and the order or case behind every other change."""
    causes = {row.cause.partition("/")[0] for row in rows if row.kind not in BY_HAND}
    orders = set(
        Fulfilment.objects.of(supplier)
        .filter(order__order_no__in=causes)
        .values_list("order__order_no", flat=True)
    )
    cases = set(
        Case.objects.filter(line__fulfilment__supplier=supplier, case_no__in=causes).values_list(
            "case_no", flat=True
        )
    )
    names = _names(supplier) if any(row.kind in BY_HAND for row in rows) else {}
    shown = []
    for row in rows:
        by_hand, cause = row.kind in BY_HAND, row.cause.partition("/")[0]
        who = (names.get(row.actor) or _("the platform")) if by_hand else ""
        order_no, case_no = (cause if cause in known else "" for known in (orders, cases))
        shown.append(Shown(row, who, order_no, case_no))
    return shown


def _sums(rows: QuerySet[Movement]) -> dict[str, Any]:
    """Say how a pool came to what it holds: the last time it was set, and what moved since."""
    start = rows.filter(kind=MovementKind.SET).order_by("-version").first()
    since = rows.filter(version__gt=start.version) if start else rows
    moved = since.order_by().values_list("kind").annotate(total=Sum("quantity")).order_by("kind")
    kinds: Mapping[str, Any] = dict(MovementKind.choices)
    return {"start": start, "moved": [(kinds[kind], total) for kind, total in moved]}


def _names(supplier: Supplier) -> dict[str, str]:
    members = supplier.company.memberships.select_related("person")
    names = {str(actors.person(member.person.email)): str(member.person) for member in members}
    keys = supplier.partner.keys.values_list("public_id", flat=True)
    return names | {str(actors.key(public_id)): public_id for public_id in keys}
