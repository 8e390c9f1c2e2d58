"""Shipping the platform's own goods for many orders: print, paste or upload, look over, ship.

The acts are those that suppliers use, with the platform as the source.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from books import uploaded
from console.pages import Decision, Page
from kit import downloads, labels
from kit.errors import NotFound
from orders import packing, revealing, shipping, shipping_answers, shipping_files, shipping_rows
from orders.models import Fulfilment, ShippingFile, ShippingFileState
from orders.revealing import Sheet
from orders.shipping_answers import TITLES
from orders.shipping_many import Outcome
from orders.shipping_rows import CARRIER, COLUMNS, ORDER_NO, TRACKING_NO, Table

PARTS_SHOWN = 200
FILES_SHOWN = 20
ROWS_SHOWN = 200
# Beyond this the list says no more how many wait.
MAX_COUNTED = 10_000
MAX_SHEETS = 500
MAX_TEXT = 200_000
EXAMPLE = "H261122-7K2M9Q4T8WXY SF1234567890123\nH261122-3D5F8H1J6K9Z 73123456789012 中通"
MAX_EXAMPLES = 3
# What the buttons of the list send, and the page on which that is printed.
SHEETS = {
    "picking": "console:own_picking",
    "slips": "console:own_slips",
    "labels": "console:own_labels",
}


def waiting() -> Any:
    """Return the own parts that are to be shipped, the most urgent first."""
    rows = Fulfilment.objects.own().filter(state__in=shipping.TO_SHIP)
    return rows.order_by("ship_due_at", "pk")


def file_of(pk: int) -> ShippingFile:
    """Return a file of the platform's own parcels as it is now.

    :raises NotFound: there is none.
    """
    found = ShippingFile.objects.of(None).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


class OwnShippingPage(Page):
    """What waits for shipment from own stock, and the files by which it was shipped before."""

    right = "console.ship_orders"
    template_name = "console/own_shipping.html"
    title = _("Ship own goods")

    def context(self) -> dict[str, Any]:
        parts = waiting().select_related("order__distributor__company").prefetch_related("lines")
        files = ShippingFile.objects.of(None).defer("sealed", "answers")
        return {
            "parts": list(parts[:PARTS_SHOWN]),
            "count": waiting()[:MAX_COUNTED].count(),
            "limit": PARTS_SHOWN,
            "files": files.order_by("-pk")[:FILES_SHOWN],
            "days": shipping_files.KEPT_DAYS,
            "now": timezone.now(),
        }


class BeginForm(forms.Form):
    """The parts with which picking begins, and what is printed of them."""

    parts = forms.ModelMultipleChoiceField(
        Fulfilment.objects.none(), label=_("Orders"), widget=forms.CheckboxSelectMultiple
    )
    sheet = forms.ChoiceField(
        label=_("Print"),
        required=False,
        choices=[
            ("", _("Nothing yet")),
            ("picking", _("Pick list")),
            ("slips", _("Packing slips")),
            ("labels", _("Labels")),
        ],
    )


class BeginMany(Decision):
    """Begin picking for many orders, and go on to what is printed of them."""

    right = "console.ship_orders"
    act = "begin_many"
    title = _("Begin picking for many orders")
    explanation = _("From now on a cancellation of these orders needs our answer.")

    def form(self, data: Any = None) -> forms.Form:
        form = BeginForm(data)
        field = form.fields["parts"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        rows = waiting().select_related("order")
        # What is sent may have been listed further down; what is shown is the most urgent.
        field.queryset = rows if data is not None else rows[:PARTS_SHOWN]
        return form

    def decide(self, values: dict[str, Any]) -> HttpResponse:
        keys = [part.pk for part in values["parts"]][:MAX_SHEETS]
        begun = shipping.begin(
            fulfilment_pks=keys, supplier=None, actor=self.actor, at=timezone.now()
        )
        sheet = SHEETS.get(values["sheet"])
        if sheet:
            return HttpResponseRedirect(f"{reverse(sheet)}?{urlencode({'of': keys}, doseq=True)}")
        told = ngettext("{count} order is begun.", "{count} orders are begun.", begun)
        messages.success(self.request, told.format(count=begun))
        return HttpResponseRedirect(self.after())

    def after(self) -> str:
        return reverse("console:own_shipping")


# --- print ------------------------------------------------------------------------------------------


class Sheets(Page):
    """Something that is printed of own parts that still have pieces to ship."""

    right = "console.ship_orders"

    def chosen(self) -> list[Fulfilment]:
        """Return the parts that the address names."""
        rows = waiting().filter(pk__in=_keys(self.request.GET))
        rows = rows.select_related("order__consignee").prefetch_related("lines__sku")
        return [part for part in rows if any(line.to_ship for line in part.lines.all())]


class Picking(Sheets):
    """What to fetch from the shelves: by sku, and by order."""

    template_name = "console/own_picking.html"
    title = _("Pick list")

    def context(self) -> dict[str, Any]:
        parts = self.chosen()
        pieces = sum(line.to_ship for part in parts for line in part.lines.all())
        picked = packing.picked(parts)
        return {"parts": parts, "picked": picked, "pieces": pieces, "printed_at": timezone.now()}


class Slips(Sheets):
    """Packing slips without prices, one a sheet of paper; that they were printed is written down."""

    template_name = "console/own_slips.html"
    title = _("Packing slips")

    def context(self) -> dict[str, Any]:
        parts, at = self.chosen(), timezone.now()
        revealing.note(parts=parts, sheet=Sheet.SLIP, actor=self.actor, at=at)
        return {"parts": parts, "printed_at": at}


class Labels(Sheets):
    """The labels of parcels, one a page; that they were printed is written down."""

    title = _("Labels")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        parts, at = self.chosen(), timezone.now()
        if not parts:
            messages.warning(request, gettext("These orders are shipped already."))
            return HttpResponseRedirect(reverse("console:own_shipping"))
        revealing.note(parts=parts, sheet=Sheet.LABEL, actor=self.actor, at=at)
        content = labels.pdf([packing.label(part, at) for part in parts], title=gettext("Labels"))
        name = f"labels-{timezone.localtime(at):%Y%m%d-%H%M}.pdf"
        return downloads.attachment(content, downloads.PDF, name)


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
        places = [
            (place, f"{place + 1}. {heading or _first(table, place)}"[:60])
            for place, heading in enumerate(table.headings)
        ]
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
            choices=[*guessed, *shipping_answers.carrier_names().items()],
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


def _keys(query: QueryDict) -> list[int]:
    given = query.getlist("of")[:MAX_SHEETS]
    return [int(one) for one in given if one.isascii() and one.isdigit() and len(one) < 19]


def _orders_of(answers: Sequence[shipping_files.Answer]) -> dict[str, int]:
    """Return the keys of the own orders that rows name, by their numbers."""
    own = Fulfilment.objects.own().filter(order__order_no__in=[one.order_no for one in answers])
    return dict(own.values_list("order__order_no", "order_id"))


def _first(table: Table, place: int) -> str:
    cells = (line.cells[place] for line in table.lines[:MAX_EXAMPLES] if place < len(line.cells))
    return next(filter(None, cells), "")
