"""Goods by file: upload, say what the columns hold, look every row over, correct, load."""

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from backoffice import access
from backoffice.access import supplier_only, while_active
from kit import downloads, paging
from kit.columns import who
from kit.errors import DomainError, NotFound
from suppliers.models import Supplier
from supplychain import goods_sheets, import_files, import_jobs, sheets
from supplychain.goods_columns import COLUMNS, HEADINGS
from supplychain.models import GoodsFile, GoodsFileState, GoodsRow, RowOutcome

PAGE = 20
ROWS_PAGE = 50
EXAMPLES = 3
MAX_EXAMPLE = 40
TABS = {
    RowOutcome.REFUSED: gettext_lazy("Cannot be loaded"),
    RowOutcome.CREATED: gettext_lazy("New"),
    RowOutcome.CHANGED: gettext_lazy("Changed"),
    RowOutcome.WAITING: gettext_lazy("Wait for review"),
    RowOutcome.UNCHANGED: gettext_lazy("Unchanged"),
}


class FileForm(forms.Form):
    """A sheet of goods, and perhaps the pictures it names."""

    file = forms.FileField(
        label=gettext_lazy("Your goods (.xlsx or .csv)"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    archive = forms.FileField(
        label=gettext_lazy("Pictures (.zip)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".zip"}),
        help_text=gettext_lazy("Only if the column of images names files: put them in a zip."),
    )


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong in a row, and what stands there; `value` None: not in any cell."""

    column: str
    heading: str
    value: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as people read it."""

    row: GoodsRow
    name: str
    wrong: list[Wrong]


@supplier_only
@while_active
def files(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """List the files of goods; a POST takes a new one in."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            taken = import_files.take_in(
                supplier=supplier,
                sheet=form.cleaned_data["file"],
                archive=form.cleaned_data["archive"],
                actor=access.actor_of(request),
                at=timezone.now(),
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("supplier:goods_file", taken.import_no)
    rows = GoodsFile.objects.of(supplier)
    context = {
        "form": form,
        "page": paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE),
        "kept": {},
        "limit": sheets.MAX_ROWS,
        "days": import_jobs.KEPT_DAYS,
    }
    status = 422 if request.method == "POST" else 200
    return access.shown(request, supplier, "goods_files.html", context, status)


@require_GET
@supplier_only
def template(request: HttpRequest, supplier: Supplier) -> HttpResponse:  # noqa: ARG001
    """Send the workbook to fill in."""
    return downloads.attachment(
        goods_sheets.template(), downloads.XLSX, _("goods template") + ".xlsx"
    )


@require_GET
@supplier_only
def export(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Send all goods of the supplier, so that they can be edited and uploaded again."""
    name = f"{_('goods')}-{timezone.localtime():%Y%m%d-%H%M}"
    if request.GET.get("kind") == "csv":
        return _sent(
            StreamingHttpResponse(goods_sheets.as_csv(supplier), content_type=downloads.CSV),
            name + ".csv",
        )
    return _sent(
        FileResponse(goods_sheets.as_workbook(supplier), content_type=downloads.XLSX),
        name + ".xlsx",
    )


@require_GET
@supplier_only
def file(request: HttpRequest, supplier: Supplier, import_no: str) -> HttpResponse:
    """Show a file: its columns, what would become of each row, or became."""
    found = _find(supplier, import_no)
    return access.shown(request, supplier, "goods_file.html", _context(request, found))


@require_GET
@supplier_only
def progress(request: HttpRequest, supplier: Supplier, import_no: str) -> HttpResponse:
    """Answer with how far a job has come; when it is done, the page is read anew."""
    found = _find(supplier, import_no)
    answer = access.shown(request, supplier, "goods_file_progress.html", {"file": found})
    if not found.is_under_way or found.state != request.GET.get("state", found.state):
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@supplier_only
@while_active
def columns(request: HttpRequest, supplier: Supplier, import_no: str) -> HttpResponse:
    """Say what the columns of a file hold."""
    found = _find(supplier, import_no)
    said = [request.POST.get(f"column_{place}", "") for place in range(len(found.headings))]
    if not {*said} <= {"", *HEADINGS}:
        raise Http404
    return _done(
        request,
        import_no,
        lambda: import_files.say_columns(
            supplier=supplier, import_no=import_no, columns=said, at=timezone.now()
        ),
    )


@require_POST
@supplier_only
@while_active
def check_again(request: HttpRequest, supplier: Supplier, import_no: str) -> HttpResponse:
    """Have a file checked anew."""
    return _done(
        request,
        import_no,
        lambda: import_files.check_again(supplier=supplier, import_no=import_no, at=timezone.now()),
    )


@require_POST
@supplier_only
@while_active
def load(request: HttpRequest, supplier: Supplier, import_no: str) -> HttpResponse:
    """Have the good rows of a file loaded."""
    return _done(
        request,
        import_no,
        lambda: import_files.confirm(
            supplier=supplier,
            import_no=import_no,
            actor=access.actor_of(request),
            at=timezone.now(),
        ),
    )


@require_POST
@supplier_only
def cancel(request: HttpRequest, supplier: Supplier, import_no: str) -> HttpResponse:
    """Load nothing more of a file."""
    return _done(
        request,
        import_no,
        lambda: import_files.cancel(supplier=supplier, import_no=import_no, at=timezone.now()),
    )


@require_POST
@supplier_only
@while_active
def correct(request: HttpRequest, supplier: Supplier, import_no: str, line: int) -> HttpResponse:
    """Write something else into a cell, and show what that changes."""
    found = _find(supplier, import_no)
    try:
        rows = import_files.correct(
            supplier=supplier,
            import_no=import_no,
            line=line,
            column=request.POST.get("column", ""),
            value=request.POST.get("value", ""),
            at=timezone.now(),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        access.tell(request, refusal)
    else:
        good = sum(row.outcome != RowOutcome.REFUSED for row in rows)
        if good:
            text = ngettext("{count} row is right now.", "{count} rows are right now.", good)
            messages.success(request, text.format(count=good))
        else:
            messages.warning(request, _("Line {line} is not right yet.").format(line=line))
    if not request.headers.get("HX-Request"):
        return redirect("supplier:goods_file", import_no)
    found.refresh_from_db()
    context = {**_context(request, found), "is_part": True}
    return access.shown(request, supplier, "goods_file_rows.html", context)


@require_GET
@supplier_only
def refused(request: HttpRequest, supplier: Supplier, import_no: str) -> HttpResponse:  # noqa: ARG001
    """Send the rows that are refused with the reasons, to be corrected and uploaded."""
    content = goods_sheets.refused(_find(supplier, import_no))
    return _sent(
        FileResponse(content, content_type=downloads.XLSX), f"{import_no}-{_('to correct')}.xlsx"
    )


def _sent(answer: StreamingHttpResponse, name: str) -> HttpResponse:
    """Send a file as it is written, whatever its size."""
    return cast(HttpResponse, downloads.saved_as(answer, name))


def _done(request: HttpRequest, import_no: str, act: Any) -> HttpResponse:
    try:
        act()
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        access.tell(request, refusal)
    return redirect("supplier:goods_file", import_no)


def _find(supplier: Supplier, import_no: str) -> GoodsFile:
    try:
        return import_files.find(supplier=supplier, import_no=import_no)
    except NotFound:
        raise Http404 from None


def _context(request: HttpRequest, found: GoodsFile) -> dict[str, Any]:
    counts = found.counts
    show = request.GET.get("show") or request.POST.get("show") or _first(counts)
    if show not in (*TABS, "all"):
        raise Http404
    after = request.GET.get("after") or request.POST.get("after") or ""
    has_answers = not found.is_under_way and bool(counts)
    rows, following = _rows(found, show, after) if has_answers else ([], "")
    return {
        "file": found,
        "failure": goods_sheets.said({"said": found.failure}) if found.failure else "",
        "good": sum(counts.values()) - counts.get(RowOutcome.REFUSED, 0),
        "refused": counts.get(RowOutcome.REFUSED, 0),
        "has_answers": has_answers,
        "tabs": [
            *((key, label, counts.get(key, 0)) for key, label in TABS.items()),
            ("all", _("All rows"), sum(counts.values())),
        ],
        "show": show,
        "rows": rows,
        "page": {"next": following},
        "after": after,
        "kept": {"show": show},
        "fields": _fields(found),
        "choices": [
            (column, f"{heading}{' *' if _is_required(column) else ''}")
            for column, heading in HEADINGS.items()
        ],
        "uploaded_by": who(found.uploaded_by),
        "confirmed_by": who(found.confirmed_by),
        "may_correct": found.state == GoodsFileState.CHECKED,
    }


def _first(counts: dict[str, int]) -> str:
    """What needs somebody comes first."""
    return RowOutcome.REFUSED if counts.get(RowOutcome.REFUSED) else "all"


def _is_required(column: str) -> bool:
    return any(column in forms for forms in COLUMNS.required)


def _fields(found: GoodsFile) -> list[dict[str, Any]]:
    """Return each column with its heading, what it holds, and what stands in it first."""
    if found.state not in (GoodsFileState.MAPPING, GoodsFileState.CHECKED):
        return []
    rows = list(found.rows.order_by("line")[:EXAMPLES])
    return [
        {
            "place": place,
            "heading": heading or _("Column {number}").format(number=place + 1),
            "column": found.columns[place] if place < len(found.columns) else "",
            "examples": " · ".join(filter(None, (_cell(row, place) for row in rows))),
        }
        for place, heading in enumerate(found.headings)
    ]


def _rows(found: GoodsFile, show: str, after: str) -> tuple[list[Shown], str]:
    """Return a page of rows as they are shown, and the line after which the next begins."""
    since = int(after) if after.isascii() and after.isdigit() and len(after) < 9 else 0
    rows = found.rows.filter(line__gt=since).select_related("product").order_by("line")
    if show != "all":
        rows = rows.filter(outcome=show)
    page = list(rows[: ROWS_PAGE + 1])
    following = str(page[ROWS_PAGE - 1].line) if len(page) > ROWS_PAGE else ""
    return [_shown(found, row) for row in page[:ROWS_PAGE]], following


def _shown(found: GoodsFile, row: GoodsRow) -> Shown:
    places = {column: place for place, column in enumerate(found.columns) if column}
    wrong = [
        Wrong(
            one["column"],
            HEADINGS.get(one["column"], ""),
            _cell(row, places[one["column"]]) if one["column"] in places else None,
            goods_sheets.said(one),
        )
        for one in row.errors
    ]
    if row.outcome == RowOutcome.REFUSED and not wrong:
        wrong = [Wrong("", "", None, goods_sheets.reasons_of([])[0])]
    return Shown(row, _cell(row, places["name"]) if "name" in places else "", wrong)


def _cell(row: GoodsRow, place: int) -> str:
    cell = row.cells[place] if place < len(row.cells) else ""
    text = f"{cell:g}" if isinstance(cell, float) and abs(cell) < 10**6 else str(cell)
    return text if len(text) <= MAX_EXAMPLE * 5 else f"{text[: MAX_EXAMPLE * 5]}…"
