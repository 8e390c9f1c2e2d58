"""A distributor's finance sheet held against our books: uploaded, compared, and kept."""

import csv
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from books import reconciliation_files, reconciling, statement_files, uploaded
from books.models import Reconciliation
from distributors.models import Distributor
from kit import downloads, paging, spreadsheets
from kit.columns import who
from kit.errors import DomainError, NotFound
from portal import access
from portal.access import distributor_only
from suppliers.periods import Period

PAGE = 30
ROWS_PAGE = 100
KINDS = {
    reconciling.DIFFERING: gettext_lazy("Amount differs"),
    reconciling.MISSING_HERE: gettext_lazy("Only on your side"),
    reconciling.MISSING_THERE: gettext_lazy("Only on our side"),
}


class SheetForm(forms.Form):
    """A sheet, and the days it speaks of."""

    file = forms.FileField(
        label=gettext_lazy("Your sheet (.xlsx or .csv)"),
        help_text=gettext_lazy(
            "A column with your order number (订单号, out_order_no) and one with the amount in yuan"
            " (金额, amount); other columns are passed over. Rows of one order are summed; what came"
            " back is negative."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    first = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        label=gettext_lazy("To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy(
            "Both days belong to it. Without days, only the orders in your sheet are compared, over"
            " all time."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Both days or neither."""
        values: dict[str, Any] = super().clean() or {}
        if bool(values.get("first")) != bool(values.get("last")):
            raise forms.ValidationError(_("Give both days, or none."))
        return values


@distributor_only
def reconciliations(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Show what was compared so far; a POST compares a sheet."""
    form = SheetForm(request.POST or None, request.FILES or None)
    faults: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            made = _reconcile(request, distributor, form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            faults = [str(cause) for cause in refusal.causes]
        else:
            messages.success(request, _("Your sheet was compared with our books."))
            return redirect("portal:reconciliation", made.reconciliation_id)
    kept = Reconciliation.objects.filter(distributor=distributor).defer("differences")
    context = {
        "form": form,
        "faults": faults,
        "page": paging.newest_first(kept, after=request.GET.get("after", ""), size=PAGE),
        "kept": {},
    }
    status = 422 if request.method == "POST" else 200
    return access.shown(request, distributor, "reconciliations.html", context, status)


@require_GET
@distributor_only
def reconciliation(
    request: HttpRequest, distributor: Distributor, reconciliation_id: str
) -> HttpResponse:
    """Show what came out: the rows that do not match, by kind."""
    found = _find(distributor, reconciliation_id)
    show = request.GET.get("show", "all")
    if show not in ("all", *KINDS):
        raise Http404
    chosen = [row for row in found.differences if show in ("all", row["kind"])]
    after = request.GET.get("after", "0")
    begin = int(after) if after.isascii() and after.isdigit() and len(after) < 9 else 0
    following = begin + ROWS_PAGE if len(chosen) > begin + ROWS_PAGE else ""
    context = {
        "reconciliation": found,
        "by": who(found.actor),
        "rows": [_shown(row) for row in chosen[begin : begin + ROWS_PAGE]],
        "page": {"next": str(following)},
        "kept": {"show": show},
        "show": show,
        "tabs": [("all", _("All differences")), *KINDS.items()],
    }
    return access.shown(request, distributor, "reconciliation.html", context)


@require_GET
@distributor_only
def export(request: HttpRequest, distributor: Distributor, reconciliation_id: str) -> HttpResponse:  # noqa: ARG001
    """Send the rows that do not match as CSV."""
    found = _find(distributor, reconciliation_id)
    answer = downloads.begun_csv(f"{found.reconciliation_id}.csv")
    writer = csv.writer(answer)
    writer.writerow([_("What"), _("Number"), _("Our number"), _("Yours (¥)"), _("Ours (¥)")])
    writer.writerows(_csv_rows(found))
    return answer


def _reconcile(
    request: HttpRequest, distributor: Distributor, values: dict[str, Any]
) -> Reconciliation:
    sheet, first, last = values["file"], values["first"], values["last"]
    with uploaded.as_file(sheet.name, sheet.chunks()) as path:
        orders = reconciliation_files.read(path)
    return reconciling.reconcile(
        distributor=distributor,
        period=Period(first, last) if first else None,
        orders=orders,
        actor=access.actor_of(request),
        at=timezone.now(),
    )


def _find(distributor: Distributor, reconciliation_id: str) -> Reconciliation:
    try:
        return reconciling.find(distributor=distributor, reconciliation_id=reconciliation_id)
    except NotFound:
        raise Http404 from None


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    both = row["yours_fen"] is not None and row["ours_fen"] is not None
    return {
        **row,
        "label": KINDS[row["kind"]],
        "gap_fen": row["yours_fen"] - row["ours_fen"] if both else None,
    }


def _csv_rows(found: Reconciliation) -> Iterator[list[str]]:
    for row in found.differences:
        number = row["out_order_no"] or row["reference"]
        amounts = [row["yours_fen"], row["ours_fen"]]
        yield [
            str(KINDS[row["kind"]]),
            f"'{number}" if number.startswith(spreadsheets.FORMULA) else number,
            row["order_no"],
            *["" if fen is None else statement_files.yuan(fen) for fen in amounts],
        ]
