"""Cancellations that wait for the platform's answer, and goods of its own that it lacks."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console.case_pages import patterns
from console.orders import OwnPart, ShipForm
from console.pages import Decision, Page
from kit import languages
from kit.errors import NotFound
from orders import cancelling, reasons
from orders.models import Asker, Cancellation, CancellationState, Line

MAX_NOTE = 200


def cancellation(pk: int) -> Cancellation:
    """Return a cancellation as it is now.

    :raises NotFound: there is none.
    """
    rows = Cancellation.objects.select_related(
        "fulfilment__order__distributor__company",
        "fulfilment__supplier__company",
        "shipment",
        "request",
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def around(found: Cancellation) -> dict[str, Any]:
    """Return what is shown of a cancellation, whatever is decided."""
    english = languages.reads_english()
    return {
        "cancellation": found,
        "order": found.fulfilment.order,
        "part": found.fulfilment,
        "reason": reasons.shown(found.reason, english=english),
        "rows": found.lines.select_related("line").order_by("pk"),
        "is_open": found.state == CancellationState.REQUESTED,
        "is_shortage": found.asker == Asker.SOURCE,
        "parcels": found.fulfilment.shipments.exclude(state="voided").order_by("pk"),
        "now": timezone.now(),
    }


class CancellationPage(Page):
    """What is to be cancelled, how far its source has come, and until when an answer is due."""

    right = "console.see_orders"
    template_name = "console/cancellation.html"

    def heading(self) -> str:
        return str(cancellation(self.kwargs["pk"]))

    def context(self) -> dict[str, Any]:
        return around(cancellation(self.kwargs["pk"]))


class Answer(Decision):
    """An answer to a request; it ends on the cancellation's page."""

    right = "console.refund_orders"
    template_name = "console/answer.html"

    def subject(self) -> Cancellation:
        return cancellation(self.kwargs["pk"])

    def around(self, form: forms.Form) -> dict[str, Any]:
        return {**super().around(form), **around(self.subject()), "patterns": patterns()}

    def after(self) -> str:
        return reverse("console:cancellation", args=[self.kwargs["pk"]])


class Grant(Answer):
    """Agree: the pieces are not shipped."""

    act = "grant_cancellation"
    title = _("Grant the cancellation")
    explanation = _(
        "The price comes back to the deposit, and the pieces go back into stock. Make sure that the"
        " source has not handed them over."
    )
    button = _("Grant it")

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        done = cancelling.grant(
            cancellation_no=str(self.subject()), actor=self.actor, at=timezone.now()
        )
        return gettext("Cancellation {number} is granted.").format(number=done)


class RefusalForm(ShipForm):
    """In which parcel the pieces have left, and what the distributor is told."""

    note = forms.CharField(label=_("Note to the distributor"), max_length=MAX_NOTE, required=False)


class Refuse(Answer):
    """Decline, because the pieces have left in a parcel that is named."""

    act = "refuse_cancellation"
    title = _("Refuse the cancellation")
    explanation = _(
        "Only when the pieces have left already. They are shipped in the parcel that you name; a"
        " parcel of this part that is on its way takes them too."
    )
    button = _("They have left in this parcel")
    dangerous = True
    form_class = RefusalForm

    def decide(self, values: dict[str, Any]) -> str:
        done = cancelling.refuse(
            cancellation_no=str(self.subject()),
            carrier_code=values["carrier_code"],
            tracking_no=values["tracking_no"],
            note=values["note"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("Cancellation {number} is refused; its pieces are on their way.").format(
            number=done
        )


class ShortageForm(forms.Form):
    """What is known of it; pieces by line are added by `ReportShortage`."""

    empty_stock = forms.BooleanField(
        label=_("Nothing of these goods is left: set their stock to 0"), required=False
    )
    note = forms.CharField(label=_("Note"), max_length=MAX_NOTE, required=False)


class ReportShortage(OwnPart):
    """Say that own goods cannot be shipped."""

    act = "report_shortage"
    title = _("Cannot ship")
    template_name = "console/shortage.html"
    explanation = _(
        "The pieces are cancelled at once, and their price comes back to the deposit. They do not"
        " go back into stock."
    )
    button = _("These pieces cannot be shipped")
    dangerous = True

    def form(self, data: Any = None) -> forms.Form:
        form = ShortageForm(data)
        for line in self._lines():
            form.fields[f"line_{line.pk}"] = forms.IntegerField(
                label=line.line_id, min_value=0, max_value=line.to_ship, initial=0, required=False
            )
        return form

    def around(self, form: forms.Form) -> dict[str, Any]:
        rows = [(line, form[f"line_{line.pk}"]) for line in self._lines()]
        return {**super().around(form), "lines": rows}

    def decide(self, values: dict[str, Any]) -> str:
        done = cancelling.report_shortage(
            fulfilment_pk=self.kwargs["pk"],
            supplier=None,
            pieces={line.pk: values.get(f"line_{line.pk}") or 0 for line in self._lines()},
            empty_stock=values["empty_stock"],
            note=values["note"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("Cancellation {number} is granted.").format(number=done)

    def _lines(self) -> list[Line]:
        return [line for line in self.subject().lines.order_by("pk") if line.to_ship]
