"""Parcels: what carriers said of them, and what staff do about those that are in trouble."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console.case_pages import patterns
from console.orders import ShipForm
from console.pages import Decision, Page
from kit.errors import NotFound
from orders import correcting, tracking
from orders.models import Scan, Shipment, ShipmentState

STATUSES = dict(tracking.ScanStatus.choices)
# How staff are asked where a parcel has come.
REPORTED = {
    ShipmentState.EXCEPTION: _("it is in trouble: damaged, stuck, not to be found"),
    ShipmentState.IN_TRANSIT: _("it goes on to the consignee"),
    ShipmentState.RETURNING: _("it was refused or intercepted, and comes back"),
}


def parcel(pk: int) -> Shipment:
    """Return a parcel as it is now.

    :raises NotFound: there is none.
    """
    rows = Shipment.objects.select_related(
        "fulfilment__order__distributor__company", "fulfilment__supplier__company"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def around(found: Shipment) -> dict[str, Any]:
    """Return what is shown of a parcel, whatever is decided."""
    scans = Scan.objects.filter(shipment=found).order_by("-scanned_at", "-pk")
    is_own = found.fulfilment.supplier_id is None
    return {
        "parcel": found,
        "part": found.fulfilment,
        "order": found.fulfilment.order,
        "rows": found.lines.select_related("line").order_by("pk"),
        "scans": [(scan, STATUSES.get(scan.status, scan.status)) for scan in scans],
        "may_report": bool(reportable(found)),
        "may_correct": is_own and found.state in correcting.CORRECTABLE,
        "may_void": found.state == ShipmentState.IN_TRANSIT and found.scanned_at is None,
        "may_come_back": found.state == ShipmentState.RETURNING,
        "may_write_off": found.state in correcting.LOSABLE,
        "is_on_the_way": found.state in (ShipmentState.IN_TRANSIT, ShipmentState.DELIVERED),
    }


def reportable(found: Shipment) -> list[ShipmentState]:
    """Return where a parcel can have come from where it is."""
    return [after for before, after in correcting.REPORTS if before == found.state]


class ParcelPage(Page):
    """What is in a parcel, where it is, and what its carrier said."""

    right = "console.see_orders"
    template_name = "console/parcel.html"

    def heading(self) -> str:
        return str(parcel(self.kwargs["pk"]))

    def context(self) -> dict[str, Any]:
        return around(parcel(self.kwargs["pk"]))


class OfParcel(Decision):
    """A decision about a parcel; it ends on the parcel's page."""

    template_name = "console/parcel_answer.html"

    def subject(self) -> Shipment:
        return parcel(self.kwargs["pk"])

    def around(self, form: forms.Form) -> dict[str, Any]:
        return {**super().around(form), **around(self.subject()), "patterns": patterns()}

    def after(self) -> str:
        return reverse("console:parcel", args=[self.kwargs["pk"]])


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=correcting.MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class WriteOff(OfParcel):
    """Give a parcel up."""

    act = "write_off_parcel"
    right = "console.decide_aftersales"
    title = _("Write the parcel off")
    explanation = _(
        "The carrier has lost it, and it will not be received any more. A case is opened by itself"
        " that gives its price back."
    )
    button = _("It is lost")
    dangerous = True
    form_class = ReasonForm

    def decide(self, values: dict[str, Any]) -> str:
        done = correcting.write_off(
            shipment_pk=self.kwargs["pk"],
            note=values["reason"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("Parcel {number} is written off.").format(number=done.tracking_no)


class ReportForm(ReasonForm):
    """Where the parcel has come."""

    state = forms.ChoiceField(label=_("What happened"), choices=())
    field_order = ("state", "reason")


class Report(OfParcel):
    """Note what was heard of a parcel otherwise than by its carrier's interface."""

    act = "report_parcel"
    right = "console.decide_aftersales"
    title = _("Report what happened")
    explanation = _(
        "For what the carrier said on the telephone. The distributor is told. A parcel in trouble, or on"
        " its way back, is not received by itself."
    )
    button = _("Note it")
    form_class = ReportForm

    def form(self, data: Any = None) -> forms.Form:
        form = super().form(data)
        field = form.fields["state"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(state.value, REPORTED[state]) for state in reportable(self.subject())]
        return form

    def decide(self, values: dict[str, Any]) -> str:
        done = correcting.report(
            shipment_pk=self.kwargs["pk"],
            state=ShipmentState(values["state"]),
            reason=values["reason"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("Parcel {number}: {state}.").format(
            number=done.tracking_no, state=done.get_state_display()
        )


class ComeBack(OfParcel):
    """Register that a parcel is back."""

    act = "register_returned_parcel"
    right = "console.inspect_returns"
    title = _("The parcel came back")
    explanation = _("It is back where it was sent from. Its case goes on to inspection by itself.")
    button = _("It is back")

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        done = correcting.come_back(
            shipment_pk=self.kwargs["pk"],
            supplier=None,
            by_staff=True,
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("Parcel {number} is registered as back.").format(number=done.tracking_no)


class Void(OfParcel):
    """Take back a parcel that was entered by mistake."""

    act = "void_parcel"
    right = "console.ship_orders"
    title = _("Void the parcel")
    explanation = _(
        "Only for a parcel that was entered by mistake and that no carrier has. Its pieces are to"
        " be shipped again; its number may be used again."
    )
    button = _("Void it")
    dangerous = True
    form_class = ReasonForm

    def decide(self, values: dict[str, Any]) -> str:
        done = correcting.void(
            shipment_pk=self.kwargs["pk"],
            supplier=None,
            by_staff=True,
            reason=values["reason"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("Parcel {number} is voided.").format(number=done.tracking_no)


class CorrectionForm(ShipForm, ReasonForm):
    """The number that the parcel really has, and why it was another."""


class Correct(OfParcel):
    """Give an own parcel the number that it really has."""

    act = "correct_parcel"
    right = "console.ship_orders"
    title = _("Correct the tracking number")
    explanation = _(
        "The distributor is told the new number, and history keeps the old one. What the carrier"
        " said under the old number does not count any more."
    )
    button = _("Correct it")
    form_class = CorrectionForm

    def initial(self) -> dict[str, Any]:
        return {"carrier_code": self.subject().carrier_code}

    def decide(self, values: dict[str, Any]) -> str:
        done = correcting.correct(
            shipment_pk=self.kwargs["pk"],
            supplier=None,
            carrier_code=values["carrier_code"],
            tracking_no=values["tracking_no"],
            reason=values["reason"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("The parcel's number is now {number}.").format(number=done.tracking_no)
