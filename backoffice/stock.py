"""A supplier's stock: a grid to type into, and the mail that tells what is low."""

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from backoffice import access, stock_rows
from backoffice.access import supplier_only, while_active
from backoffice.stock_rows import Cells, Row
from companies import policies
from kit import money, paging
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import repricing, running_low
from supplychain import stock as acts
from supplychain.models import RevisionState, Sku

PAGE = 50
MAX_DIGITS = 9
TABS = {"all": gettext_lazy("All"), "low": gettext_lazy("Low"), "out": gettext_lazy("Sold out")}


class QuantityUnreadable(DomainError):
    code = "quantity_unreadable"
    text = gettext_lazy("Write a number, such as 120, or +20 or -5 to add or take away.")


class PriceUnreadable(DomainError):
    code = "price_unreadable"
    text = gettext_lazy("Write an amount such as 12 or 12.50.")


class TimeUnreadable(DomainError):
    code = "time_unreadable"
    text = gettext_lazy("Choose a day and a time.")


@require_GET
@supplier_only
def stock(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show the grid."""
    show = request.GET.get("show", "all")
    if show not in TABS:
        raise Http404
    text = request.GET.get("q", "").strip()[:64]
    rows = running_low.low_of(supplier) if show == "low" else stock_rows.offered(supplier)
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
        "rows": stock_rows.rows_of(page.rows, supplier),
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
    sku = stock_rows.sku_of(supplier, sku_no)
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
    row = stock_rows.rows_of([stock_rows.sku_of(supplier, sku_no)], supplier)[0]
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
