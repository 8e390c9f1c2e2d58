"""Shipping many orders at once: paste or upload, look every row over, ship, take the answers away."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_GET, require_POST

from backoffice import access
from backoffice.access import supplier_only
from books import uploaded
from kit import downloads, paging
from kit.columns import who
from kit.errors import DomainError, NotFound
from orders import carriers, shipping, shipping_answers, shipping_files, shipping_rows
from orders.models import ShippingFile, ShippingFileState
from orders.shipping_answers import OUTCOMES, TITLES, Shown
from orders.shipping_files import Answer
from orders.shipping_many import Outcome
from orders.shipping_rows import CARRIER, COLUMNS, EXAMPLE, MAX_TEXT, ORDER_NO, TRACKING_NO, Table
from suppliers.models import Supplier

PAGE = 20
ROWS_PAGE = 100


class PasteForm(forms.Form):
    """Lines of order number, tracking number and perhaps a carrier."""

    text = forms.CharField(
        label=gettext_lazy("Order number, tracking number, carrier"),
        max_length=MAX_TEXT,
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 8,
                "class": "code",
                "spellcheck": "false",
                "autocomplete": "off",
                "placeholder": EXAMPLE,
            }
        ),
    )


class FileForm(forms.Form):
    """A carrier's export."""

    file = forms.FileField(
        label=gettext_lazy("The carrier's export (.xlsx or .csv)"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )


class ColumnsForm(forms.Form):
    """What the columns of a sheet hold, and whom rows mean that name no carrier."""

    order_no = forms.TypedChoiceField(label=TITLES[ORDER_NO], coerce=int)
    tracking_no = forms.TypedChoiceField(label=TITLES[TRACKING_NO], coerce=int)
    carrier = forms.TypedChoiceField(
        label=TITLES[CARRIER], coerce=int, required=False, empty_value=None
    )
    carrier_code = forms.ChoiceField(
        label=gettext_lazy("Carrier of rows that name none"), required=False
    )

    def __init__(self, data: Any, *, table: Table, file: ShippingFile) -> None:
        super().__init__(data, initial={**file.columns, "carrier_code": file.carrier_code})
        choices = shipping_rows.titled(table)
        nothing = {ORDER_NO: _("Choose a column"), TRACKING_NO: _("Choose a column")}
        for name in COLUMNS:
            none = nothing.get(name, pgettext("column", "none"))
            self.fields[name].choices = [("", none), *choices]  # type: ignore[attr-defined]
        senders = [("", _("Guess it from the number")), *carriers.names().items()]
        self.fields["carrier_code"].choices = senders  # type: ignore[attr-defined]


@supplier_only
def many(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Take in what was pasted or uploaded; show what there was before."""
    sent = request.POST if request.method == "POST" else None
    pasted = PasteForm(sent if sent is not None and "text" in sent else None)
    is_file = sent is not None and "text" not in sent
    chosen = FileForm(sent, request.FILES) if is_file else FileForm()
    for form in (pasted, chosen):
        if form.is_bound and form.is_valid():
            try:
                return redirect("supplier:shipping_file", _taken_in(request, supplier, form))
            except DomainError as refusal:
                form.add_error(None, str(refusal))
    rows = ShippingFile.objects.of(supplier).defer("sealed", "answers")
    context = {
        "pasted": pasted,
        "chosen": chosen,
        "page": paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE),
        "kept": {},
        "limit": shipping.MAX_PARCELS,
        "days": shipping_files.KEPT_DAYS,
    }
    status = 422 if request.method == "POST" else 200
    return access.shown(request, supplier, "shipping_many.html", context, status)


@require_GET
@supplier_only
def file(request: HttpRequest, supplier: Supplier, file_no: str) -> HttpResponse:
    """Show every row of a file with what became of it, or would."""
    return _page(request, supplier, _find(supplier, file_no))


@require_POST
@supplier_only
def columns(request: HttpRequest, supplier: Supplier, file_no: str) -> HttpResponse:
    """Say what the columns of a file hold."""
    found = _find(supplier, file_no)
    if found.state != ShippingFileState.CHECKED:
        return redirect("supplier:shipping_file", file_no)
    form = ColumnsForm(request.POST, table=shipping_files.table_of(found), file=found)
    if not form.is_valid():
        return _page(request, supplier, found, form)
    given = form.cleaned_data
    try:
        shipping_files.read_otherwise(
            supplier=supplier,
            file_no=file_no,
            columns={name: given[name] for name in COLUMNS},
            carrier_code=given["carrier_code"],
        )
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, supplier, found, form)
    return redirect("supplier:shipping_file", file_no)


@require_POST
@supplier_only
def dispatch(request: HttpRequest, supplier: Supplier, file_no: str) -> HttpResponse:
    """Ship all of a file that can be shipped."""
    try:
        done = shipping_files.ship(
            supplier=supplier,
            file_no=file_no,
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        access.tell(request, refusal)
    else:
        text = ngettext(
            "{count} parcel is on its way.", "{count} parcels are on their way.", done.shipped_count
        )
        messages.success(request, text.format(count=done.shipped_count))
    return redirect("supplier:shipping_file", file_no)


@require_POST
@supplier_only
def discard(request: HttpRequest, supplier: Supplier, file_no: str) -> HttpResponse:
    """Leave a file without shipping anything of it."""
    try:
        shipping_files.discard(
            supplier=supplier,
            file_no=file_no,
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        access.tell(request, refusal)
        return redirect("supplier:shipping_file", file_no)
    messages.success(request, _("Nothing of it is shipped."))
    return redirect("supplier:ship_many")


@require_GET
@supplier_only
def xlsx(request: HttpRequest, supplier: Supplier, file_no: str) -> HttpResponse:  # noqa: ARG001
    """Send the rows of a file with what became of each."""
    answers = shipping_files.answers(_find(supplier, file_no), at=timezone.now())
    content = shipping_answers.workbook(answers)
    return downloads.attachment(content, downloads.XLSX, f"{file_no}.xlsx")


def _taken_in(request: HttpRequest, supplier: Supplier, form: forms.Form) -> str:
    """Return the number of what was sent."""
    given = form.cleaned_data
    name = ""
    if "text" in given:
        table = shipping_rows.read_text(given["text"])
    else:
        name = given["file"].name
        with uploaded.as_file(name, given["file"].chunks()) as path:
            table = shipping_rows.read_sheet(path)
    taken = shipping_files.take_in(
        supplier=supplier,
        name=name,
        table=table,
        actor=access.actor_of(request),
        at=timezone.now(),
    )
    return taken.file_no


def _page(
    request: HttpRequest,
    supplier: Supplier,
    found: ShippingFile,
    form: ColumnsForm | None = None,
) -> HttpResponse:
    answers = shipping_files.answers(found, at=timezone.now())
    counts = Counter(one.outcome for one in answers)
    # What needs somebody comes first.
    show = request.GET.get("show", Outcome.REFUSED if counts[Outcome.REFUSED] else "all")
    tabs = _tabs(found, counts, len(answers))
    if show not in [key for key, _label, _count in tabs]:
        raise Http404
    if form is None and found.state == ShippingFileState.CHECKED:
        form = ColumnsForm(None, table=shipping_files.table_of(found), file=found)
    rows, following = _rows(answers, show, request.GET.get("after", ""))
    context = {
        "file": found,
        "form": form,
        "is_clear": found.state != ShippingFileState.CHECKED or shipping_files.is_clear(found),
        "uploaded_by": who(found.uploaded_by),
        "finished_by": who(found.finished_by),
        "ready": counts[Outcome.READY],
        "refused": counts[Outcome.REFUSED],
        "known": counts[Outcome.KNOWN],
        "tabs": tabs,
        "show": show,
        "rows": rows,
        "page": {"next": following},
        "kept": {"show": show},
    }
    status = 422 if form is not None and form.errors else 200
    return access.shown(request, supplier, "shipping_file.html", context, status)


def _tabs(
    found: ShippingFile, counts: Counter[Outcome], count: int
) -> list[tuple[str, object, int]]:
    good = Outcome.READY if found.state == ShippingFileState.CHECKED else Outcome.SHIPPED
    shown = [
        (str(one), OUTCOMES[one], counts[one]) for one in (Outcome.REFUSED, good, Outcome.KNOWN)
    ]
    return [*shown, ("all", _("All rows"), count)]


def _rows(answers: Sequence[Answer], show: str, after: str) -> tuple[list[Shown], str]:
    """Return a page of rows as they are shown, and the line after which the next begins."""
    since = int(after) if after.isascii() and after.isdigit() and len(after) < 9 else 0
    wanted = [one for one in answers if show in ("all", one.outcome) and one.line > since]
    following = str(wanted[ROWS_PAGE - 1].line) if len(wanted) > ROWS_PAGE else ""
    return shipping_answers.shown(wanted[:ROWS_PAGE]), following


def _find(supplier: Supplier, file_no: str) -> ShippingFile:
    try:
        return shipping_files.find(supplier=supplier, file_no=file_no)
    except NotFound:
        raise Http404 from None
