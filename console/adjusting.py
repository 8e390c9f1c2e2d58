"""Manual lines for suppliers: proposed by one person, decided by another."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console import records
from console.pages import Decision, Page
from console.suppliers import AboutSupplier
from kit import money
from kit.errors import NotFound
from kit.fields import YuanField
from orders.models import Fulfilment
from suppliers import adjusting
from suppliers.models import Adjustment, AdjustmentState

FOR, AGAINST = "for", "against"


def adjustment(pk: int) -> Adjustment:
    """Return a manual line as it is now.

    :raises NotFound: there is none.
    """
    found = Adjustment.objects.select_related("supplier__company").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


class ManualLineForm(forms.Form):
    """For or against the supplier, how much, and why."""

    direction = forms.ChoiceField(
        label=_("Direction"),
        choices=[(FOR, _("the supplier gets more")), (AGAINST, _("the supplier gets less"))],
        widget=forms.RadioSelect,
        initial=FOR,
    )
    amount_fen = YuanField(label=_("Amount (¥)"), min_fen=1, max_fen=adjusting.MAX_ADJUSTMENT_FEN)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=adjusting.MAX_REASON,
        help_text=_("The supplier reads it on its bill."),
    )
    order_no = forms.CharField(label=_("Order number, if any"), max_length=32, required=False)


class ProposeLine(AboutSupplier):
    """Propose an amount that no order or case explains."""

    right = "console.settle_suppliers"
    act = "propose_manual_line"
    title = _("Propose a manual line")
    explanation = _(
        "Nothing moves yet. When a second person agrees, it is posted and comes onto the next bill."
    )
    button = _("Propose it")
    form_class = ManualLineForm

    def form(self, data: Any = None) -> forms.Form:
        form = super().form(data)
        if form.is_bound and form.is_valid() and form.cleaned_data["order_no"]:
            number = form.cleaned_data["order_no"].strip().upper()
            form.cleaned_data["order_no"] = number
            of_supplier = Fulfilment.objects.of(self.subject())
            if not of_supplier.filter(order__order_no=number).exists():
                form.add_error("order_no", str(_("This supplier has no such order.")))
        return form

    def decide(self, values: dict[str, Any]) -> str:
        sign = 1 if values["direction"] == FOR else -1
        done = adjusting.propose(
            supplier_pk=self.kwargs["pk"],
            amount_fen=sign * values["amount_fen"],
            reason=values["reason"],
            order_no=values["order_no"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("Manual line {number} waits for a second person.").format(
            number=done.adjustment_no
        )


class AdjustmentPage(Page):
    """A manual line, and who said what to it."""

    right = "console.see_money"
    template_name = "console/adjustment.html"

    def heading(self) -> str:
        return adjustment(self.kwargs["pk"]).adjustment_no

    def context(self) -> dict[str, Any]:
        found = adjustment(self.kwargs["pk"])
        return {
            "line": found,
            "is_open": found.state == AdjustmentState.PROPOSED,
            "is_mine": found.proposed_by == str(self.actor),
            "records": records.about(found),
        }


class DecideForm(forms.Form):
    """Yes or no."""

    agreed = forms.ChoiceField(
        label=_("Decision"),
        choices=[("yes", _("post it")), ("no", _("decline it"))],
        widget=forms.RadioSelect,
    )


class DecideLine(Decision):
    """Post or decline what somebody else proposed."""

    right = "console.settle_suppliers"
    act = "decide_manual_line"
    title = _("Decide the manual line")
    button = _("Decide")
    form_class = DecideForm

    def subject(self) -> Adjustment:
        return adjustment(self.kwargs["pk"])

    def around(self, form: forms.Form) -> dict[str, Any]:
        line = self.subject()
        words = f"{line.supplier}: {money.yuan(line.amount_fen)}. {line.reason}"
        return {**super().around(form), "explanation": words}

    def decide(self, values: dict[str, Any]) -> str:
        done = adjusting.decide(
            adjustment_no=self.subject().adjustment_no,
            agreed=values["agreed"] == "yes",
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("The manual line is {state}.").format(state=done.get_state_display())

    def after(self) -> str:
        return reverse("console:adjustment", args=[self.kwargs["pk"]])
