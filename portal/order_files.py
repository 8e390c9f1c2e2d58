"""Ordering by Excel: upload, look over what every row would become, place, and take the answers away."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_POST

from books import uploaded
from distributors.models import Distributor
from kit import downloads, paging
from kit.columns import who
from kit.errors import DomainError, NotFound
from orders import filed_orders, filing, order_sheets, pasting, placing_filed
from orders.filed_orders import Opened
from orders.models import FiledOrder, OrderFile, OrderFileState
from portal import access, order_sheet_files
from portal.access import distributor_only

PAGE = 30
ROWS_PAGE = 50
SHOWS: dict[str, Q] = {
    "all": Q(),
    "good": filed_orders.TO_PLACE,
    "placed": ~Q(order_no=""),
    "refused": ~Q(causes=[]),
}
TABS = {
    "all": gettext_lazy("All orders"),
    "good": gettext_lazy("Can be placed"),
    "placed": gettext_lazy("Placed orders"),
    "refused": gettext_lazy("With errors"),
}


class FileForm(forms.Form):
    """A sheet of orders."""

    file = forms.FileField(
        label=gettext_lazy("Your orders (.xlsx or .csv)"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )


@distributor_only
def order_files(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """List the files of orders; a POST checks a new one and shows what came out."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            file = _take_in(request, distributor, form.cleaned_data["file"])
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("portal:order_file", file.file_no)
    rows = OrderFile.objects.of(distributor).annotate(count=Count("orders"))
    context = {
        "form": form,
        "page": paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE),
        "kept": {},
        "days": filing.KEPT_DAYS,
        "limits": {"orders": order_sheets.MAX_ORDERS, "rows": order_sheets.MAX_ROWS},
    }
    status = 422 if request.method == "POST" else 200
    return access.shown(request, distributor, "order_files.html", context, status)


@require_GET
@distributor_only
def template(request: HttpRequest, distributor: Distributor) -> HttpResponse:  # noqa: ARG001
    """Send the workbook to fill in."""
    return _workbook(
        order_sheet_files.template(distributor), pgettext("order sheet", "orders") + ".xlsx"
    )


@require_GET
@distributor_only
def order_file(request: HttpRequest, distributor: Distributor, file_no: str) -> HttpResponse:
    """Show the orders of a file: what each would cost, what became of it, or what is wrong with it."""
    file = _find(distributor, file_no)
    show = request.GET.get("show", "all")
    if show not in SHOWS:
        raise Http404
    rows, following = _rows(file, show, request.GET.get("after", ""))
    context = {
        **_progress(file),
        "rows": rows,
        "page": {"next": following},
        "kept": {"show": show},
        "show": show,
        "tabs": TABS.items(),
        "uploaded_by": who(file.uploaded_by),
        "confirmed_by": who(file.confirmed_by),
    }
    return access.shown(request, distributor, "order_file.html", context)


@require_GET
@distributor_only
def progress(request: HttpRequest, distributor: Distributor, file_no: str) -> HttpResponse:
    """Answer with how far placing a file has come; when it is done, the page is read anew."""
    file = _find(distributor, file_no)
    answer = access.shown(request, distributor, "order_file_progress.html", _progress(file))
    if file.state != OrderFileState.PLACING:
        answer["HX-Refresh"] = "true"
    return answer


@require_GET
@distributor_only
def results(request: HttpRequest, distributor: Distributor, file_no: str) -> HttpResponse:  # noqa: ARG001
    """Send the rows of a file with the answer to each."""
    file = _find(distributor, file_no)
    content = order_sheet_files.results(file.orders.order_by("position"))
    return _workbook(content, f"{file.file_no}.xlsx")


@require_POST
@distributor_only
def place(request: HttpRequest, distributor: Distributor, file_no: str) -> HttpResponse:
    """Place the good orders of a file: at once where they are few, else by themselves."""
    actor, at = access.actor_of(request), timezone.now()
    try:
        file = filing.confirm(distributor=distributor, file_no=file_no, actor=actor, at=at)
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("portal:order_file", file_no)
    if file.orders.filter(filed_orders.TO_PLACE).count() <= placing_filed.PLACED_WHILE_WAITING:
        placing_filed.place(file_pk=file.pk, at=at)
    return redirect("portal:order_file", file_no)


@require_POST
@distributor_only
def check_again(request: HttpRequest, distributor: Distributor, file_no: str) -> HttpResponse:
    """Check a file anew: goods, stock or deposit may have changed."""
    try:
        filing.check_again(distributor=distributor, file_no=file_no, at=timezone.now())
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Every order was checked again."))
    return redirect("portal:order_file", file_no)


@require_POST
@distributor_only
def discard(request: HttpRequest, distributor: Distributor, file_no: str) -> HttpResponse:
    """Leave a file without placing anything of it."""
    try:
        filing.discard(distributor=distributor, file_no=file_no, at=timezone.now())
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("portal:order_file", file_no)
    messages.success(request, _("Nothing of the file is placed."))
    return redirect("portal:order_files")


def _take_in(request: HttpRequest, distributor: Distributor, upload: Any) -> OrderFile:
    with uploaded.as_file(upload.name, upload.chunks()) as path:
        drafts = order_sheets.read(path)
    return filing.take_in(
        distributor=distributor,
        name=upload.name,
        drafts=drafts,
        actor=access.actor_of(request),
        at=timezone.now(),
    )


def _find(distributor: Distributor, file_no: str) -> OrderFile:
    try:
        return filing.find(distributor=distributor, file_no=file_no)
    except NotFound:
        raise Http404 from None


def _progress(file: OrderFile) -> dict[str, Any]:
    """Count the orders of a file by what became of them."""
    counts = file.orders.aggregate(
        all=Count("pk"),
        good=Count("pk", filter=SHOWS["good"]),
        placed=Count("pk", filter=SHOWS["placed"]),
        known=Count("pk", filter=Q(before=True)),
        refused=Count("pk", filter=SHOWS["refused"]),
        good_fen=Sum("total_fen", filter=SHOWS["good"], default=0),
        placed_fen=Sum("total_fen", filter=Q(before=False) & SHOWS["placed"], default=0),
    )
    return {"file": file, "counts": counts, "answered": counts["all"] - counts["good"]}


def _rows(file: OrderFile, show: str, after: str) -> tuple[list[dict[str, Any]], str]:
    """Return a page of orders as they are shown, and the cursor of the one after it."""
    rows: QuerySet[FiledOrder] = file.orders.filter(SHOWS[show]).order_by("position")
    if after.isascii() and after.isdigit() and len(after) < 9:
        rows = rows.filter(position__gt=int(after))
    found = list(rows[: ROWS_PAGE + 1])
    following = str(found[ROWS_PAGE - 1].position) if len(found) > ROWS_PAGE else ""
    return [_shown(row) for row in found[:ROWS_PAGE]], following


def _shown(row: FiledOrder) -> dict[str, Any]:
    opened = filed_orders.unseal(row)
    first = opened.rows[0][1]
    return {
        "row": row,
        "lines": [
            (line, _plain(cells.get("sku_no", "—")), _plain(cells.get("quantity", "—")))
            for line, cells in opened.rows
        ],
        "name": str(first.get("name", "")),
        "phone": _plain(first.get("phone", "")),
        "place": _place_of(opened),
        "why": order_sheets.said(row.causes),
        "outcome": order_sheet_files.outcome(row),
    }


def _place_of(opened: Opened) -> str:
    """Return where an order goes, as far as a list may show it."""
    if opened.request is not None:
        return opened.request.consignee.province + opened.request.consignee.city
    first = opened.rows[0][1]
    province, city, _district, _detail = pasting.split_address(str(first.get("address", "")))
    return province + city or f"{first.get('province', '')}{first.get('city', '')}"[:24]


def _plain(cell: Any) -> str:
    return f"{cell:g}" if isinstance(cell, float) and abs(cell) < 10**6 else _whole(cell)


def _whole(cell: Any) -> str:
    return f"{cell:.0f}" if isinstance(cell, float) else str(cell)


def _workbook(content: bytes, name: str) -> HttpResponse:
    return downloads.attachment(content, downloads.XLSX, name)
