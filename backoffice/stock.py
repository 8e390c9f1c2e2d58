"""A supplier's stock: a grid to type into, and why each number is what it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import F, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from backoffice import access, overview
from backoffice.access import supplier_only, while_active
from kit import actors, paging
from kit.errors import DomainError
from orders.models import Line
from orders.shipping import TO_SHIP
from suppliers.models import Supplier
from supplychain import stock as acts
from supplychain.models import Movement, MovementKind, Sku

PAGE = 50
MAX_DIGITS = 9
TABS = {"all": gettext_lazy("All"), "low": gettext_lazy("Low"), "out": gettext_lazy("Sold out")}
BY_HAND = (MovementKind.SET, MovementKind.ADJUST, MovementKind.ALLOT)


class QuantityUnreadable(DomainError):
    code = "quantity_unreadable"
    text = gettext_lazy("Write a number, such as 120, or +20 or -5 to add or take away.")


@dataclass(frozen=True)
class Row:
    """A sku in the grid: its pool, what of it is promised, and its last change."""

    sku: Sku
    promised: int
    last: Movement | None


@dataclass(frozen=True)
class Shown:
    """A movement as its supplier may see it: other companies' people and keys are not named."""

    movement: Movement
    who: str
    order_no: str


@require_GET
@supplier_only
def stock(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show the grid."""
    show = request.GET.get("show", "all")
    if show not in TABS:
        raise Http404
    text = request.GET.get("q", "").strip()[:64]
    rows = Sku.objects.filter(product__supplier=supplier, offered=True)
    if show == "low":
        rows = rows.filter(overview.low_stock(supplier))
    elif show == "out":
        rows = rows.filter(stock__available=0)
    if text:
        rows = rows.filter(
            Q(sku_no__icontains=text)
            | Q(owner_no__icontains=text)
            | Q(barcode=text)
            | Q(product__name__icontains=text)
        )
    page = paging.newest_first(
        rows.select_related("product", "stock"), after=request.GET.get("after", ""), size=PAGE
    )
    context = {
        "page": page,
        "rows": _rows(page.rows, supplier),
        "show": show,
        "text": text,
        "tabs": TABS.items(),
        "kept": {"show": show, "q": text},
    }
    return access.shown(request, supplier, "stock.html", context)


@require_POST
@supplier_only
@while_active
def level(request: HttpRequest, supplier: Supplier, sku_no: str) -> HttpResponse:
    """Set what a pool holds, unless somebody changed it meanwhile, or add to it."""
    sku = _sku(supplier, sku_no)
    problem = ""
    try:
        _change(sku, request)
    except DomainError as refusal:
        problem = str(refusal)
    if not request.headers.get("HX-Request"):
        if problem:
            messages.error(request, problem)
        return redirect("supplier:stock")
    context = {
        "row": _rows([_sku(supplier, sku_no)], supplier)[0],
        "problem": problem,
        "saved": not problem,
    }
    status = 422 if problem else 200
    return access.shown(request, supplier, "stock_row.html", context, status)


@require_GET
@supplier_only
def movements(request: HttpRequest, supplier: Supplier, sku_no: str) -> HttpResponse:
    """Show every change of a sku's pool, the newest first."""
    sku = _sku(supplier, sku_no)
    rows = Movement.objects.filter(sku=sku, allotment__isnull=True)
    page = paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE)
    context = {"sku": sku, "page": page, "rows": [_shown(row, supplier) for row in page.rows]}
    return access.shown(request, supplier, "movements.html", context)


def _change(sku: Sku, request: HttpRequest) -> None:
    text = request.POST.get("available", "").strip()
    digits = text.lstrip("+-")
    signs = len(text) - len(digits)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS and signs <= 1):
        raise QuantityUnreadable
    note = request.POST.get("note", "").strip()[:200]
    who, at = access.actor_of(request), timezone.now()
    if signs:
        acts.adjust(sku_pk=sku.pk, quantity=int(text), actor=who, at=at, note=note)
        return
    version = request.POST.get("version", "")
    acts.set_available(
        sku_pk=sku.pk,
        available=int(digits),
        expected_version=int(version) if version.isdigit() and len(version) < 19 else -1,
        actor=who,
        at=at,
        note=note,
    )


def _sku(supplier: Supplier, sku_no: str) -> Sku:
    found = (
        Sku.objects.filter(product__supplier=supplier, sku_no=sku_no)
        .select_related("product", "stock")
        .first()
    )
    if found is None:
        raise Http404
    return found


def _rows(skus: Sequence[Sku], supplier: Supplier) -> list[Row]:
    pks = [sku.pk for sku in skus]
    waiting = Line.objects.filter(
        sku__in=pks, fulfilment__supplier=supplier, fulfilment__state__in=TO_SHIP
    ).values("sku")
    promised: dict[int, int] = dict(
        waiting.annotate(left=Sum(F("quantity") - F("cancelled") - F("shipped"))).values_list(
            "sku", "left"
        )
    )
    last = Movement.objects.filter(sku__in=pks, allotment__isnull=True)
    newest = {m.sku_id: m for m in last.order_by("sku_id", "-version").distinct("sku_id")}
    return [Row(sku, promised.get(sku.pk, 0), newest.get(sku.pk)) for sku in skus]


def _shown(movement: Movement, supplier: Supplier) -> Shown:
    by_hand = movement.kind in BY_HAND
    order_no = "" if by_hand else movement.cause.partition("/")[0]
    return Shown(movement, _who(movement, supplier) if by_hand else "", order_no)


def _who(movement: Movement, supplier: Supplier) -> str:
    members = supplier.company.memberships.select_related("person")
    names = {str(actors.person(member.person.email)): str(member.person) for member in members}
    keys = supplier.partner.keys.values_list("public_id", flat=True)
    names |= {str(actors.key(public_id)): public_id for public_id in keys}
    return names.get(movement.actor) or _("the platform")
