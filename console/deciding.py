"""What service and finance decide about a case: whether, and how much, of the deposit comes back.

Who rules in arbitration, or reviews a refund, is somebody else than who decided.
"""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aftersales import deciding
from aftersales.models import WITH_RETURN, Case, CaseState, Liability
from console.case_pages import MAX_ADDRESS, AboutCase, address_for, note
from kit.fields import YuanField


class TermsForm(forms.Form):
    """How much comes back, who bears it, and where the goods go."""

    approved_fen = YuanField(label=_("Amount (¥)"))
    freight_fen = YuanField(label=_("Freight given back on top (¥)"), required=False)
    liability = forms.ChoiceField(
        label=_("Who bears it"),
        choices=Liability.choices,
        help_text=_(
            "What was not received comes out of the open order. Of what was received, the source's"
            " side gives back its shares; anybody else's is goodwill of the platform."
        ),
    )
    return_address = forms.CharField(
        label=_("Return address"),
        max_length=MAX_ADDRESS,
        required=False,
        help_text=_("Name, phone and address on one line. Empty: it is pushed later."),
    )
    note = note(label=_("Note to the distributor"))

    def fit(self, found: Case) -> None:
        """Leave out what the case has no use for, and say what is possible."""
        part = found.line.fulfilment
        if not part.freight_fen - part.freight_refunded_fen:
            del self.fields["freight_fen"]
        if found.type not in WITH_RETURN or found.goods_are_back or found.shipment_id:
            del self.fields["return_address"]


def terms(found: Case) -> dict[str, Any]:
    """Return what a decision in favour begins with."""
    return {
        "approved_fen": found.asked_fen if found.approved_fen is None else found.approved_fen,
        "freight_fen": found.freight_fen,
        "liability": found.liability or Liability.SUPPLIER,
        "return_address": found.return_address or address_for(found),
    }


def agreed(values: dict[str, Any]) -> dict[str, Any]:
    """Return the terms as the acts take them."""
    return {
        "approved_fen": values["approved_fen"],
        "liability": values["liability"],
        "freight_fen": values.get("freight_fen") or 0,
        "note": values["note"],
        "return_address": values.get("return_address") or "",
    }


class Approve(AboutCase):
    """Agree, with amount, freight and liability."""

    act = "approve_case"
    title = _("Approve")
    explanation = _("Goods that come back are inspected first; anything else is refunded at once.")
    button = _("Approve the case")
    form_class = TermsForm
    states = (CaseState.APPLIED,)

    def initial(self) -> dict[str, Any]:
        return terms(self.subject())

    def form(self, data: Any = None) -> forms.Form:
        form = super().form(data)
        assert isinstance(form, TermsForm)
        form.fit(self.subject())
        return form

    def decide(self, values: dict[str, Any]) -> str:
        done = deciding.approve(
            case_no=self.subject().case_no, actor=self.actor, at=timezone.now(), **agreed(values)
        )
        return self.done(done)


class RejectForm(forms.Form):
    """Why not."""

    note = note(label=_("Reason, as the distributor reads it"), required=True)


class Reject(AboutCase):
    """Decline, with the reason."""

    act = "reject_case"
    title = _("Reject")
    explanation = _("The distributor may apply again with more to show, or ask for arbitration.")
    button = _("Reject the case")
    dangerous = True
    form_class = RejectForm
    states = (CaseState.APPLIED,)

    def decide(self, values: dict[str, Any]) -> str:
        done = deciding.reject(
            case_no=self.subject().case_no,
            note=values["note"],
            actor=self.actor,
            at=timezone.now(),
        )
        return self.done(done)


class RulingForm(TermsForm):
    """For whom, and on which terms."""

    ruling = forms.ChoiceField(
        label=_("Ruling"),
        choices=[("for", _("for the distributor")), ("against", _("against: the case is closed"))],
        widget=forms.RadioSelect,
    )
    note = note(label=_("Reason, as the distributor reads it"), required=True)
    field_order = ("ruling",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A ruling against needs no terms.
        self.fields["approved_fen"].required = self.fields["liability"].required = False

    def clean(self) -> dict[str, Any]:
        """A ruling for the distributor says how much."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("ruling") == "for" and "approved_fen" not in self.errors:
            for name in ("approved_fen", "liability"):
                if values.get(name) in (None, ""):
                    self.add_error(name, forms.Field.default_error_messages["required"])
        return values


class Rule(Approve):
    """Arbitrate: somebody else than who decided before."""

    act = "rule_case"
    title = _("Arbitrate")
    explanation = _("Somebody else than who decided rules, and that is the end of it.")
    button = _("Rule")
    form_class = RulingForm
    states = (CaseState.ARBITRATION,)

    def decide(self, values: dict[str, Any]) -> str:
        is_for = values["ruling"] == "for"
        found = agreed(values) if is_for else {"note": values["note"]}
        done = deciding.rule(
            case_no=self.subject().case_no,
            for_distributor=is_for,
            actor=self.actor,
            at=timezone.now(),
            **found,
        )
        return self.done(done)


class ReviewForm(forms.Form):
    """Yes or no."""

    verdict = forms.ChoiceField(
        label=_("Verdict"),
        choices=[("pay", _("refund it")), ("stop", _("do not refund it"))],
        widget=forms.RadioSelect,
    )
    note = note(label=_("Reason"), help_text=_("Needed where it is not refunded."))

    def clean(self) -> dict[str, Any]:
        """Who stops a refund says why."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("verdict") == "stop" and not values.get("note", "").strip():
            self.add_error("note", str(_("Say why it is not refunded.")))
        return values


class ReviewRefund(AboutCase):
    """Look at a large refund before it is paid."""

    right = "console.review_refunds"
    act = "review_refund"
    title = _("Review the refund")
    explanation = _("The amount is large: somebody else than who approved it looks at it.")
    form_class = ReviewForm
    states = (CaseState.REFUND_REVIEW,)

    def decide(self, values: dict[str, Any]) -> str:
        done = deciding.review(
            case_no=self.subject().case_no,
            agreed=values["verdict"] == "pay",
            actor=self.actor,
            at=timezone.now(),
            note=values["note"],
        )
        return self.done(done)
