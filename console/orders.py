"""An order's page, with all that belongs to it, and shipping of the platform's own goods."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aftersales import timeline
from books import explaining
from console import records
from console.pages import Decision, Page
from kit.errors import NotFound
from ledger.models import Transfer
from orders import carriers, shipping
from orders.models import Cancellation, Fulfilment, Line, Order, Shipment

SHOWN = 200


def order(pk: int) -> Order:
    """Return an order as it is now.

    :raises NotFound: there is none.
    """
    rows = Order.objects.select_related("distributor__company", "consignee")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


class OrderPage(Page):
    """Lines, money, stock, parcels, history and events of one order."""

    right = "console.see_orders"
    template_name = "console/order.html"

    def heading(self) -> str:
        return order(self.kwargs["pk"]).order_no

    def context(self) -> dict[str, Any]:
        found = order(self.kwargs["pk"])
        lines = list(found.lines.order_by("pk"))
        parts = found.fulfilments.select_related("supplier__company").order_by("pk")
        parcels = Shipment.objects.filter(fulfilment__order=found).prefetch_related("lines__line")
        return {
            "order": found,
            "consignee": consignee(found, open_it=self.person.has_perm("console.see_consumers")),
            "lines": lines,
            "parts": [
                (part, [line for line in lines if line.fulfilment_id == part.pk]) for part in parts
            ],
            "parcels": parcels.order_by("pk"),
            "transfers": self._transfers(found),
            "movements": explaining.movements(found),
            "cancellations": cancellations(found),
            "cases": found.cases.select_related("line").order_by("-pk")[:SHOWN],
            "timeline": timeline.of(found),
            "events": explaining.events(found),
            "records": records.about(found),
            "now": timezone.now(),
        }

    def _transfers(self, found: Order) -> list[Transfer]:
        if not self.person.has_perm("console.see_money"):
            return []
        rows = Transfer.objects.filter(order_no=found.order_no)
        return list(rows.select_related("debit", "credit").order_by("pk")[:SHOWN])


def consignee(found: Order, *, open_it: bool) -> dict[str, str]:
    """Return to whom an order goes; name, phone and street only to who may see consumers."""
    row = found.consignee
    name, phone, detail = row.opened
    if not open_it:
        name, phone, detail = name[:1] + "**" * bool(name), "*******" + phone[-4:], "****"
    place = " ".join(part for part in (row.province, row.city, row.district) if part)
    return {"name": name, "phone": phone, "address": f"{place} {detail}".strip()}


def cancellations(found: Order) -> list[Cancellation]:
    """Return what was asked to be cancelled of an order, newest first."""
    rows = Cancellation.objects.filter(fulfilment__order=found).select_related(
        "fulfilment__supplier__company"
    )
    return list(rows.prefetch_related("lines__line").order_by("-pk")[:SHOWN])


class FulfilmentPage(Page):
    """A fulfilment is shown where its order is."""

    right = "console.see_orders"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        found = Fulfilment.objects.filter(pk=kwargs["pk"]).first()
        if found is None:
            raise NotFound
        return HttpResponseRedirect(
            reverse("console:order", args=[found.order_id]) + f"#part-{found.pk}"
        )


class OwnPart(Decision):
    """A decision about a part that the platform ships itself; it ends on the order's page."""

    right = "console.ship_orders"

    def subject(self) -> Fulfilment:
        rows = Fulfilment.objects.own().select_related("order__consignee")
        found = rows.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotFound
        return found

    def after(self) -> str:
        return reverse("console:order", args=[self.subject().order_id])


class Begin(OwnPart):
    """Say that picking has begun: from then on a cancellation needs an answer."""

    act = "begin"
    title = _("Begin picking")
    explanation = _("From now on a cancellation of this order needs our answer.")

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        shipping.begin(
            fulfilment_pks=[self.kwargs["pk"]], supplier=None, actor=self.actor, at=timezone.now()
        )
        return gettext("Picking has begun.")


class ShipForm(forms.Form):
    """The label of a parcel; quantities by line are added by `Ship`."""

    tracking_no = forms.CharField(
        label=_("Tracking number"),
        max_length=shipping.MAX_TRACKING_LENGTH,
        widget=forms.TextInput(attrs={"data-guess": "carrier_code", "autocomplete": "off"}),
        help_text=_("The carrier is guessed from it; look whether it is right."),
    )
    carrier_code = forms.ChoiceField(label=_("Carrier"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["carrier_code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(carriers.names().items())


class Ship(OwnPart):
    """Hand a parcel to a carrier: all that is left, or so many pieces of each line."""

    act = "ship"
    title = _("Ship")
    template_name = "console/ship.html"
    explanation = _("The distributor is told the tracking number. A parcel may hold a part only.")
    button = _("Ship the parcel")

    def form(self, data: Any = None) -> forms.Form:
        form = ShipForm(data)
        for line in self._lines():
            form.fields[f"line_{line.pk}"] = forms.IntegerField(
                label=line.line_id, min_value=0, max_value=line.to_ship, initial=line.to_ship
            )
        return form

    def around(self, form: forms.Form) -> dict[str, Any]:
        found = self.subject()
        patterns = [[one.code, one.pattern] for one in carriers.CARRIERS if one.pattern]
        return {
            **super().around(form),
            "part": found,
            "consignee": consignee(found.order, open_it=True),
            "lines": [(line, form[f"line_{line.pk}"]) for line in self._lines()],
            "patterns": patterns,
        }

    def decide(self, values: dict[str, Any]) -> str:
        pieces = {line.pk: values.get(f"line_{line.pk}") or 0 for line in self._lines()}
        done = shipping.ship(
            fulfilment_pk=self.kwargs["pk"],
            supplier=None,
            carrier_code=values["carrier_code"],
            tracking_no=values["tracking_no"],
            pieces=pieces,
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("Parcel {tracking_no} is on its way.").format(tracking_no=done.tracking_no)

    def _lines(self) -> list[Line]:
        rows = self.subject().lines.order_by("pk")
        return [line for line in rows if line.to_ship]
