"""Own parcels from a text or a file: pasted or uploaded, looked over row by row, shipped or discarded.

The acts are those that suppliers use, with the platform as the source.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from books import uploaded
from console.pages import Decision, Page
from kit import downloads
from kit.errors import NotFound
from orders import carriers, shipping_answers, shipping_files, shipping_rows
from orders.models import Fulfilment, ShippingFile, ShippingFileState
from orders.shipping_answers import TITLES
from orders.shipping_many import Outcome
from orders.shipping_rows import CARRIER, COLUMNS, EXAMPLE, MAX_TEXT, ORDER_NO, TRACKING_NO, Table

ROWS_SHOWN = 200


def file_of(pk: int) -> ShippingFile:
    """Return a file of the platform's own parcels as it is now.

    :raises NotFound: there is none.
    """
    found = ShippingFile.objects.of(None).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


# --- take in ----------------------------------------------------------------------------------------


class PasteForm(forms.Form):
    """Lines of order number, tracking number and perhaps a carrier."""

    text = forms.CharField(
        label=_("Order number, tracking number, carrier"),
        max_length=MAX_TEXT,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 10, "spellcheck": "false", "placeholder": EXAMPLE, "class": "mono"}
        ),
        help_text=_(
            "One parcel a line, also as copied from a spreadsheet. The carrier may be left out: it is"
            " guessed from the number."
        ),
    )


class UploadForm(forms.Form):
    """A carrier's export."""

    file = forms.FileField(
        label=_("The carrier's export (.xlsx or .csv)"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=_("Our order numbers and the tracking numbers are found by themselves."),
    )


class TakeIn(Decision):
    """Take parcels in; nothing is shipped until every row was looked over."""

    right = "console.ship_orders"
    explanation = _(
        "Nothing is shipped yet: you first see what every row would come to. The same parcels again"
        " ship nothing twice."
    )
    button = _("Look it over")
    taken: ShippingFile | None = None

    def take_in(self, name: str, table: Table) -> str:
        """Keep a sheet of own parcels."""
        self.taken = shipping_files.take_in(
            supplier=None, name=name, table=table, actor=self.actor, at=timezone.now()
        )
        return gettext("Nothing is shipped yet: look the rows over.")

    def after(self) -> str:
        if self.taken is None:
            return reverse("console:own_shipping")
        return reverse("console:shipping_file", args=[self.taken.pk])


class PasteParcels(TakeIn):
    """Take in what was pasted."""

    act = "paste_parcels"
    title = _("Ship own goods by pasting numbers")
    form_class = PasteForm

    def decide(self, values: dict[str, Any]) -> str:
        return self.take_in("", shipping_rows.read_text(values["text"]))


class UploadParcels(TakeIn):
    """Take in a carrier's export."""

    act = "upload_parcels"
    title = _("Ship own goods by file")
    form_class = UploadForm

    def decide(self, values: dict[str, Any]) -> str:
        name = values["file"].name
        with uploaded.as_file(name, values["file"].chunks()) as path:
            table = shipping_rows.read_sheet(path)
        return self.take_in(name, table)


# --- one file ---------------------------------------------------------------------------------------


class ShippingFilePage(Page):
    """Every row of a file with what became of it, or would."""

    right = "console.ship_orders"
    template_name = "console/shipping_file.html"

    def heading(self) -> str:
        file = file_of(self.kwargs["pk"])
        return file.name or gettext("Pasted tracking numbers")

    def context(self) -> dict[str, Any]:
        file = file_of(self.kwargs["pk"])
        answers = shipping_files.answers(file, at=timezone.now())
        counts = Counter(one.outcome for one in answers)
        # What needs somebody comes first.
        answers.sort(key=lambda one: (one.outcome != Outcome.REFUSED, one.line))
        return {
            "file": file,
            "is_open": file.state == ShippingFileState.CHECKED,
            "is_clear": file.state != ShippingFileState.CHECKED or shipping_files.is_clear(file),
            "ready": counts[Outcome.READY],
            "refused": counts[Outcome.REFUSED],
            "known": counts[Outcome.KNOWN],
            "shipped": counts[Outcome.SHIPPED],
            "rows": shipping_answers.shown(answers[:ROWS_SHOWN]),
            "more": max(0, len(answers) - ROWS_SHOWN),
            "orders": _orders_of(answers[:ROWS_SHOWN]),
        }


class ShippingFileXlsx(Page):
    """The rows of a file with what became of each, as a workbook."""

    right = "console.ship_orders"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        file = file_of(self.kwargs["pk"])
        answers = shipping_files.answers(file, at=timezone.now())
        content = shipping_answers.workbook(answers)
        return downloads.attachment(content, downloads.XLSX, f"{file.file_no}.xlsx")


class _OfFile(Decision):
    """A decision about a file of own parcels."""

    right = "console.ship_orders"

    def subject(self) -> ShippingFile:
        return file_of(self.kwargs["pk"])

    def after(self) -> str:
        return reverse("console:shipping_file", args=[self.kwargs["pk"]])


class ColumnsForm(forms.Form):
    """What the columns of a sheet hold, and whom rows mean that name no carrier."""

    def __init__(self, data: Any, *, file: ShippingFile, table: Table) -> None:
        super().__init__(data)
        places = shipping_rows.titled(table)
        for name in (ORDER_NO, TRACKING_NO, CARRIER):
            nothing = pgettext("column", "none") if name == CARRIER else gettext("Choose a column")
            self.fields[name] = forms.TypedChoiceField(
                label=TITLES[name],
                choices=[("", nothing), *places],
                coerce=int,
                empty_value=None,
                required=name != CARRIER,
                initial=file.columns.get(name),
            )
        guessed = [("", gettext("Guess it from the number"))]
        self.fields["carrier_code"] = forms.ChoiceField(
            label=_("Carrier of rows that name none"),
            choices=[*guessed, *carriers.names().items()],
            required=False,
            initial=file.carrier_code,
        )


class SayParcelColumns(_OfFile):
    """Say what the columns of a file hold."""

    act = "say_parcel_columns"
    title = _("What the columns of a file of parcels hold")
    button = _("Read it so")

    def form(self, data: Any = None) -> forms.Form:
        file = self.subject()
        is_open = file.state == ShippingFileState.CHECKED
        table = shipping_files.table_of(file) if is_open else Table((), ())
        return ColumnsForm(data, file=file, table=table)

    def decide(self, values: dict[str, Any]) -> str:
        shipping_files.read_otherwise(
            supplier=None,
            file_no=self.subject().file_no,
            columns={name: values[name] for name in COLUMNS},
            carrier_code=values["carrier_code"],
        )
        return gettext("The columns are read so.")


class ShipFile(_OfFile):
    """Ship all of a file that can be shipped, in one act."""

    act = "ship_file"
    title = _("Ship a file of own parcels")
    explanation = _("Rows that cannot be shipped are left out; the others leave together.")
    button = _("Ship the parcels")

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        done = shipping_files.ship(
            supplier=None, file_no=self.subject().file_no, actor=self.actor, at=timezone.now()
        )
        told = ngettext(
            "{count} parcel is on its way.", "{count} parcels are on their way.", done.shipped_count
        )
        return told.format(count=done.shipped_count)


class DiscardFile(_OfFile):
    """Leave a file without shipping anything of it."""

    act = "discard_parcels"
    title = _("Discard a file of own parcels")
    explanation = _("Nothing of it will be shipped.")
    dangerous = True

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        shipping_files.discard(
            supplier=None, file_no=self.subject().file_no, actor=self.actor, at=timezone.now()
        )
        return gettext("Nothing of it is shipped.")


def _orders_of(answers: Sequence[shipping_files.Answer]) -> dict[str, int]:
    """Return the keys of the own orders that rows name, by their numbers."""
    own = Fulfilment.objects.own().filter(order__order_no__in=[one.order_no for one in answers])
    return dict(own.values_list("order__order_no", "order_id"))
