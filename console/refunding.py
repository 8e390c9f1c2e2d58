"""Refunds that the platform makes of its own accord before receipt (主动退款)."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aftersales import refunding, room
from console import orders
from console.pages import Decision
from kit import languages
from orders import reasons
from orders.models import Line, Order

MAX_NOTE = 200


class RefundForm(forms.Form):
    """Why, and whether freight comes back too; pieces by line are added by `Refund`."""

    reason = forms.ChoiceField(label=_("Reason"))
    note = forms.CharField(label=_("Note to the distributor"), max_length=MAX_NOTE, required=False)
    with_freight = forms.BooleanField(
        label=_("Freight of what has left comes back too"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        english = languages.reads_english()
        field: Any = self.fields["reason"]
        field.choices = [
            (one.code, one.english if english else one.name) for one in reasons.REASONS
        ]


class Refund(Decision):
    """Refund pieces that were not received: at once, without asking anybody."""

    right = "console.refund_orders"
    act = "refund_order"
    title = _("Refund before receipt")
    template_name = "console/refund.html"
    explanation = _(
        "The price comes back to the deposit at once. What has not left is cancelled and goes back"
        " into stock; what is on its way does not."
    )
    button = _("Refund the pieces")
    dangerous = True

    def subject(self) -> Order:
        return orders.order(self.kwargs["pk"])

    def form(self, data: Any = None) -> forms.Form:
        form = RefundForm(data)
        for line, left in self._left():
            form.fields[f"line_{line.pk}"] = forms.IntegerField(
                label=line.name, min_value=0, max_value=left, initial=left, required=False
            )
        return form

    def around(self, form: forms.Form) -> dict[str, Any]:
        rows = [(line, left, form[f"line_{line.pk}"]) for line, left in self._left()]
        return {**super().around(form), "rows": rows}

    def decide(self, values: dict[str, Any]) -> str:
        pieces = {line.line_id: values.get(f"line_{line.pk}") or 0 for line, _left in self._left()}
        done = refunding.refund_actively(
            order_pk=self.kwargs["pk"],
            pieces={line_id: quantity for line_id, quantity in pieces.items() if quantity},
            reason=values["reason"],
            actor=self.actor,
            at=timezone.now(),
            note=values["note"],
            with_freight=values["with_freight"],
        )
        return gettext("{cancelled} cancellations and {cases} cases were made for it.").format(
            cancelled=len(done.cancellations), cases=len(done.cases)
        )

    def after(self) -> str:
        return reverse("console:order", args=[self.kwargs["pk"]])

    def _left(self) -> list[tuple[Line, int]]:
        """Return the lines of which something is not received, and how many pieces that are."""
        lines = list(self.subject().lines.order_by("pk"))
        rooms = room.of(lines)
        counted = [(line, line.to_ship + rooms[line.pk].on_the_way) for line in lines]
        return [(line, left) for line, left in counted if left]
