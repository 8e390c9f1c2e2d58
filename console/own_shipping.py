"""Shipping the platform's own goods for many orders: what waits, begin to pick, print."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from console.pages import Decision, Page
from kit import downloads, labels
from orders import packing, revealing, shipping, shipping_files
from orders.models import Fulfilment, ShippingFile
from orders.revealing import Sheet

PARTS_SHOWN = 200
FILES_SHOWN = 20
# Beyond this the list says no more how many wait.
MAX_COUNTED = 10_000
MAX_SHEETS = 500
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


def _keys(query: QueryDict) -> list[int]:
    given = query.getlist("of")[:MAX_SHEETS]
    return [int(one) for one in given if one.isascii() and one.isdigit() and len(one) < 19]
