"""A supplier's stock: a grid to type into, and why each number is what it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import F, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from aftersales.models import Case
from backoffice import access
from backoffice.access import supplier_only, while_active
from companies import policies
from kit import actors, money, paging
from kit.errors import DomainError
from orders.models import Fulfilment, Line, ShipmentLine, ShipmentState
from orders.shipping import TO_SHIP
from suppliers.models import Supplier
from supplychain import repricing, running_low
from supplychain import stock as acts
from supplychain.models import (
    UNDECIDED,
    LowMark,
    Movement,
    MovementKind,
    Revision,
    RevisionState,
    Sku,
)

PAGE = 50
SHIPPED_DAYS = 30
MAX_DIGITS = 9
TABS = {"all": gettext_lazy("All"), "low": gettext_lazy("Low"), "out": gettext_lazy("Sold out")}
BY_HAND = (MovementKind.SET, MovementKind.ADJUST, MovementKind.ALLOT)


class QuantityUnreadable(DomainError):
    code = "quantity_unreadable"
    text = gettext_lazy("Write a number, such as 120, or +20 or -5 to add or take away.")


class PriceUnreadable(DomainError):
    code = "price_unreadable"
    text = gettext_lazy("Write an amount such as 12 or 12.50.")


class TimeUnreadable(DomainError):
    code = "time_unreadable"
    text = gettext_lazy("Choose a day and a time.")


@dataclass(frozen=True)
class Row:
    """A sku in the grid: its pool, what of it is promised, and its last change."""

    sku: Sku
    low_below: int
    mark: int | None
    promised: int
    shipped: int
    last: Movement | None
    # A supply price in fen that is proposed and not live, with the state of its revision.
    proposed_fen: int | None = None
    revision: Revision | None = None

    @property
    def cells(self) -> "Cells":
        """What its fields hold."""
        price_fen = self.sku.supply_price_fen if self.proposed_fen is None else self.proposed_fen
        return Cells(
            available=str(self.sku.stock.available),
            price=f"{price_fen // 100}.{price_fen % 100:02d}",
            below="" if self.mark is None else str(self.mark),
        )

    @property
    def is_low(self) -> bool:
        """Tell whether too little is left."""
        return self.sku.stock.available < self.low_below


@dataclass(frozen=True)
class Shown:
    """A movement as its supplier may see it: other companies' people and keys are not named."""

    movement: Movement
    who: str
    order_no: str
    case_no: str


@dataclass(frozen=True)
class Cells:
    """What a row shows in its fields: what was typed where that was refused, else what holds."""

    available: str
    price: str
    below: str


@require_GET
@supplier_only
def stock(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show the grid."""
    show = request.GET.get("show", "all")
    if show not in TABS:
        raise Http404
    text = request.GET.get("q", "").strip()[:64]
    rows = running_low.low_of(supplier) if show == "low" else _offered(supplier)
    if show == "out":
        rows = rows.filter(stock__available=0)
    if text:
        rows = rows.filter(
            Q(sku_no__icontains=text)
            | Q(owner_no__icontains=text)
            | Q(barcode=text)
            | Q(product__name__icontains=text)
            | Q(product__item_no=text)
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
        "low_default": policies.read().low_stock_below,
        "is_told": running_low.is_told(access.person_of(request), supplier),
    }
    return access.shown(request, supplier, "stock.html", context)


@require_POST
@supplier_only
@while_active
def level(request: HttpRequest, supplier: Supplier, sku_no: str) -> HttpResponse:
    """Save a row: what its pool holds, unless somebody changed it meanwhile, its price, its mark."""
    sku = _sku(supplier, sku_no)
    problem, done = "", _Done()
    try:
        _change(sku, supplier, request, done)
    except DomainError as refusal:
        problem = " ".join(access.sentences(refusal))
    if not request.headers.get("HX-Request"):
        if problem:
            messages.error(request, problem)
        for note in done.notes:
            messages.success(request, note)
        return redirect("supplier:stock")
    row = _rows([_sku(supplier, sku_no)], supplier)[0]
    context = {
        "row": row,
        "cells": _typed(request, row, done) if problem else row.cells,
        "problem": problem,
        "saved": not problem,
        "notes": done.notes,
        "undo": done.was_available,
    }
    status = 422 if problem else 200
    return access.shown(request, supplier, "stock_row.html", context, status)


@require_POST
@supplier_only
def mail(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Have the reader told by mail of what is low, or no longer."""
    wanted = request.POST.get("wanted") == "1"
    running_low.subscribe(person=access.person_of(request), supplier=supplier, wanted=wanted)
    messages.success(
        request,
        _("From now on a mail tells you in the morning what is low.")
        if wanted
        else _("No more mails about low stock."),
    )
    return redirect(f"{reverse('supplier:stock')}?show=low")


@require_GET
@supplier_only
def movements(request: HttpRequest, supplier: Supplier, sku_no: str) -> HttpResponse:
    """Show every change of a sku's pool, the newest first."""
    sku = _sku(supplier, sku_no)
    rows = Movement.objects.filter(sku=sku, allotment__isnull=True)
    page = paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE)
    context = {
        "sku": sku,
        "page": page,
        "rows": _explained(page.rows, supplier),
        "sums": _sums(rows),
    }
    return access.shown(request, supplier, "movements.html", context)


@dataclass
class _Done:
    """What of a row has been saved."""

    notes: list[str] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)
    was_available: int | None = None


def _change(sku: Sku, supplier: Supplier, request: HttpRequest, done: _Done) -> None:
    """Save what differs from what the row showed, stock first."""
    if "available" in request.POST and _differs(request, "available"):
        _set_available(sku, request)
        done.was_available = sku.stock.available
        done.fields.add("available")
    if _differs(request, "price"):
        done.notes.append(_reprice(sku, supplier, request))
        done.fields.add("price")
    if _differs(request, "below"):
        _mark(sku, supplier, request.POST["below"].strip())
        done.fields.add("below")


def _differs(request: HttpRequest, name: str) -> bool:
    text = request.POST.get(name)
    return text is not None and text.strip() != request.POST.get(f"was_{name}")


def _set_available(sku: Sku, request: HttpRequest) -> None:
    text = request.POST.get("available", "").strip()
    digits = text.lstrip("+-")
    signs = len(text) - len(digits)
    if not _is_number(digits) or signs > 1:
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


def _reprice(sku: Sku, supplier: Supplier, request: HttpRequest) -> str:
    """Propose the price that was typed; say what becomes of it."""
    try:
        price_fen = money.fen(request.POST["price"].strip())
    except ValueError:
        raise PriceUnreadable from None
    revision = repricing.reprice(
        sku_pk=sku.pk,
        supplier=supplier,
        supply_price_fen=price_fen,
        actor=access.actor_of(request),
        at=timezone.now(),
        effective_at=_moment(request.POST.get("effective_at", "")),
    )
    texts = {
        RevisionState.APPLIED: _("The price is live."),
        RevisionState.OPEN: _("The price waits for review; until then the old one holds."),
        RevisionState.APPROVED: _("Approved. It takes effect at the time you chose."),
        RevisionState.WITHDRAWN: _("The price that waited has been taken back."),
    }
    return texts[RevisionState(revision.state)]


def _mark(sku: Sku, supplier: Supplier, text: str) -> None:
    if text and not _is_number(text):
        raise QuantityUnreadable
    running_low.mark(sku_pk=sku.pk, supplier=supplier, below=int(text) if text else None)


def _moment(text: str) -> datetime | None:
    """Read the time of a date field, in Asia/Shanghai."""
    if not text:
        return None
    try:
        return timezone.make_aware(datetime.fromisoformat(text))
    except ValueError:
        raise TimeUnreadable from None


def _is_number(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS


def _typed(request: HttpRequest, row: Row, done: _Done) -> Cells:
    """Leave in the row what could not be saved."""

    def cell(name: str, holds: str) -> str:
        return holds if name in done.fields else request.POST.get(name, holds)[:16]

    held = row.cells
    return Cells(
        cell("available", held.available), cell("price", held.price), cell("below", held.below)
    )


def _offered(supplier: Supplier) -> QuerySet[Sku]:
    return running_low.with_marks(Sku.objects.filter(product__supplier=supplier, offered=True))


def _sku(supplier: Supplier, sku_no: str) -> Sku:
    found = _offered(supplier).filter(sku_no=sku_no).select_related("product", "stock").first()
    if found is None:
        raise Http404
    return found


def _rows(skus: Sequence[Sku], supplier: Supplier) -> list[Row]:
    pks = [sku.pk for sku in skus]
    lines = Line.objects.filter(sku__in=pks, fulfilment__supplier=supplier).values("sku")
    promised = _sum(
        lines.filter(fulfilment__state__in=TO_SHIP),
        F("quantity") - F("cancelled") - F("shipped"),
    )
    parcels = ShipmentLine.objects.filter(
        line__sku__in=pks,
        line__fulfilment__supplier=supplier,
        shipment__shipped_at__gte=timezone.now() - timedelta(days=SHIPPED_DAYS),
    ).exclude(shipment__state=ShipmentState.VOIDED)
    shipped = _sum(parcels.values(sku=F("line__sku")), F("quantity"))
    last = Movement.objects.filter(sku__in=pks, allotment__isnull=True)
    newest = {m.sku_id: m for m in last.order_by("sku_id", "-version").distinct("sku_id")}
    marks = dict(LowMark.objects.filter(sku__in=pks).values_list("sku_id", "below"))
    undecided = {
        revision.product_id: revision
        for revision in Revision.objects.filter(
            product__in={sku.product_id for sku in skus}, state__in=UNDECIDED
        )
    }
    return [
        Row(
            sku=sku,
            low_below=sku.low_below,  # type: ignore[attr-defined]
            mark=marks.get(sku.pk),
            promised=promised.get(sku.pk, 0),
            shipped=shipped.get(sku.pk, 0),
            last=newest.get(sku.pk),
            **_proposed(sku, undecided.get(sku.product_id)),
        )
        for sku in skus
    ]


def _sum(rows: Any, amount: Any) -> dict[int, int]:
    """Add up per sku, in the database."""
    return dict(rows.annotate(total=Sum(amount)).values_list("sku", "total"))


def _proposed(sku: Sku, revision: Revision | None) -> dict[str, Any]:
    """Return a price of an undecided revision where it is another than the live one."""
    if revision is None:
        return {}
    prices = {one["owner_no"]: one["supply_price_fen"] for one in revision.proposed["skus"]}
    proposed_fen = prices.get(sku.owner_no, sku.supply_price_fen)
    if proposed_fen == sku.supply_price_fen:
        return {}
    return {"proposed_fen": proposed_fen, "revision": revision}


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
