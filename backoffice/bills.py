"""A supplier's money: where it is, the bills with their lines, and what the supplier says to them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import F, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from backoffice import access
from backoffice.access import supplier_only
from kit import downloads, money, paging
from kit.errors import DomainError, NotFound
from orders.models import FulfilmentState, Line
from suppliers import (
    answering_bills,
    balances,
    bill_documents,
    invoicing,
    securing,
    settlement,
)
from suppliers.models import Bill, BillLine, BillState, Cycle, Supplier

PAGE = 50
LINES_PAGE = 100
TABS: dict[str, tuple[Any, tuple[BillState, ...]]] = {
    "all": (gettext_lazy("All bills"), ()),
    "open": (gettext_lazy("To answer"), (BillState.ISSUED, BillState.DISPUTED)),
    "accepted": (gettext_lazy("Accepted"), (BillState.ACCEPTED,)),
    "paid": (gettext_lazy("Paid"), (BillState.PAID,)),
    "void": (gettext_lazy("Void"), (BillState.VOID,)),
}
_ENDED = (FulfilmentState.CLOSED, FulfilmentState.CANCELLED)


@require_GET
@supplier_only
def bills(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show where a supplier's money is, and its bills, newest first."""
    show = request.GET.get("show", "all")
    if show not in TABS:
        raise Http404
    rows = _bills(supplier).select_related("carried_to")
    if TABS[show][1]:
        rows = rows.filter(state__in=TABS[show][1])
    text = request.GET.get("q", "").strip()[:32]
    if text:
        rows = rows.filter(bill_no=text.upper())
    context = {
        "page": paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE),
        "show": show,
        "text": text,
        "tabs": [(key, label) for key, (label, _states) in TABS.items()],
        "kept": {"show": show, "q": text},
        "balance": balances.of(supplier),
        "on_its_way_fen": on_its_way_fen(supplier),
        "security_fen": securing.paid_fen(supplier),
        "may_ask": supplier.cycle == Cycle.ON_REQUEST,
    }
    return access.shown(request, supplier, "bills.html", context)


@require_GET
@supplier_only
def bill(request: HttpRequest, supplier: Supplier, bill_no: str) -> HttpResponse:
    """Show a bill with its lines."""
    return _page(request, supplier, _bill(supplier, bill_no))


@require_POST
@supplier_only
def request_bill(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Ask for a bill up to yesterday."""
    try:
        done = settlement.ask_for_bill(
            supplier_pk=supplier.pk, actor=access.actor_of(request), at=timezone.now()
        )
    except DomainError as refusal:
        access.tell(request, refusal)
        return redirect("supplier:bills")
    messages.success(request, _("Bill {bill_no} is made.").format(bill_no=done.bill_no))
    return redirect("supplier:bill", done.bill_no)


@require_POST
@supplier_only
def acceptance(request: HttpRequest, supplier: Supplier, bill_no: str) -> HttpResponse:
    """Agree to a bill."""

    def act() -> str:
        done = answering_bills.accept(
            supplier=supplier, bill_no=bill_no, actor=access.actor_of(request), at=timezone.now()
        )
        return _("You agreed to {amount}.").format(amount=money.yuan(done.total_fen))

    return _done(request, bill_no, act)


@require_POST
@supplier_only
def dispute(request: HttpRequest, supplier: Supplier, bill_no: str) -> HttpResponse:
    """Doubt the lines beside which something is written."""
    notes = _notes(request)

    def act() -> str:
        answering_bills.dispute(
            supplier=supplier,
            bill_no=bill_no,
            notes=notes,
            actor=access.actor_of(request),
            at=timezone.now(),
        )
        return _("The platform reads your notes and answers each of them here.")

    return _done(request, bill_no, act)


@require_POST
@supplier_only
def attach_invoice(request: HttpRequest, supplier: Supplier, bill_no: str) -> HttpResponse:
    """Attach an invoice to a bill."""
    _bill(supplier, bill_no)
    upload = request.FILES.get("invoice")
    if upload is None:
        messages.warning(request, _("Choose a file first."))
        return redirect("supplier:bill", bill_no)

    def act() -> str:
        done = invoicing.attach(
            supplier=supplier,
            bill_no=bill_no,
            name=upload.name or "",
            content=upload.read(invoicing.MAX_BYTES + 1),
        )
        return _("The invoice “{name}” is attached.").format(name=done.invoice_name)

    return _done(request, bill_no, act)


@require_GET
@supplier_only
def invoice(request: HttpRequest, supplier: Supplier, bill_no: str) -> HttpResponse:  # noqa: ARG001
    """Download a bill's invoice."""
    found = _bill(supplier, bill_no)
    try:
        file, kind = invoicing.read(found)
    except NotFound:
        raise Http404 from None
    with file:
        return downloads.attachment(file.read(), kind, found.invoice_name)


@require_GET
@supplier_only
def xlsx(request: HttpRequest, supplier: Supplier, bill_no: str) -> HttpResponse:  # noqa: ARG001
    """Download a bill as a workbook."""
    found = _bill(supplier, bill_no)
    return downloads.attachment(bill_documents.xlsx(found), downloads.XLSX, f"{found.bill_no}.xlsx")


@require_GET
@supplier_only
def pdf(request: HttpRequest, supplier: Supplier, bill_no: str) -> HttpResponse:
    """Download a bill as PDF."""
    found = _bill(supplier, bill_no)
    try:
        content = bill_documents.pdf(found)
    except DomainError as refusal:
        access.tell(request, refusal)
        return redirect("supplier:bill", bill_no)
    return downloads.attachment(content, downloads.PDF, f"{found.bill_no}.pdf")


def on_its_way_fen(supplier: Supplier) -> int:
    """Return what a supplier's goods come to that were ordered and not received yet."""
    open_lines = Line.objects.filter(fulfilment__supplier=supplier).exclude(
        fulfilment__state__in=_ENDED
    )
    pieces = F("quantity") - F("cancelled") - F("received") - F("written_off")
    fen = open_lines.aggregate(fen=Sum(F("supply_price_fen") * pieces))["fen"]
    return max(0, int(fen or 0))


def _page(request: HttpRequest, supplier: Supplier, found: Bill, status: int = 200) -> HttpResponse:
    part = request.GET.get("show", "")
    names = bill_documents.part_names()
    if part not in ("", "disputed", *names):
        raise Http404
    rows = balances.lines_of(found, "" if part == "disputed" else part)
    rows = rows.filter(disputed=True) if part == "disputed" else rows
    summed = balances.parts(found)
    context = {
        "bill": found,
        "page": _lines_page(rows, request.GET.get("after", "")),
        "show": part,
        "parts": [(key, names[key], fen) for key, fen in summed.items()],
        "kept": {"show": part},
        "carried_from": found.carried_from.order_by("pk"),
        "is_to_answer": found.state in (BillState.ISSUED, BillState.DISPUTED),
        "may_attach": not (found.state == BillState.PAID and found.invoice)
        and found.state != BillState.VOID,
        "has_disputes": found.state == BillState.DISPUTED
        or found.lines.filter(disputed=True).exists(),
        "max_note": answering_bills.MAX_NOTE,
    }
    return access.shown(request, supplier, "bill.html", context, status)


def _lines_page(rows: Any, after: str) -> paging.Page[BillLine]:
    """Return a page of lines in the order in which they were posted."""
    if after.isascii() and after.isdigit() and len(after) < 19:
        rows = rows.filter(pk__gt=int(after))
    found = list(rows.order_by("pk")[: LINES_PAGE + 1])
    if len(found) <= LINES_PAGE:
        return paging.Page(found)
    return paging.Page(found[:LINES_PAGE], str(found[LINES_PAGE - 1].pk))


def _notes(request: HttpRequest) -> dict[int, str]:
    """Return what was written beside lines, by the lines' keys."""
    notes = {}
    for name, words in request.POST.items():
        key = name.removeprefix("note_")
        if name != key and key.isascii() and key.isdigit() and len(key) < 19 and str(words).strip():
            notes[int(key)] = str(words)
    return notes


def _done(request: HttpRequest, bill_no: str, act: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, act())
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        access.tell(request, refusal)
    return redirect("supplier:bill", bill_no)


def _bill(supplier: Supplier, bill_no: str) -> Bill:
    found = _bills(supplier).select_related("carried_to").filter(bill_no=bill_no).first()
    if found is None:
        raise Http404
    # Named by its own row: the documents print who it is.
    found.supplier = supplier
    return found


def _bills(supplier: Supplier) -> QuerySet[Bill]:
    """Return the bills that a supplier may see: drafts are not issued yet."""
    return Bill.objects.of(supplier).exclude(state=BillState.DRAFT)
