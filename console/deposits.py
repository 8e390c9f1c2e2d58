"""What staff decide about a deposit: recharge, credit line, warning threshold."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console.distributors import AboutDistributor
from distributors import agreeing, deciding_recharges, recharging, warning
from kit import money
from kit.fields import YuanField
from ledger import accounts


class RechargeForm(forms.Form):
    """How much came in, and where it is found."""

    amount_fen = YuanField(label=_("Amount (¥)"), min_fen=1, max_fen=recharging.MAX_RECHARGE_FEN)
    reference = forms.CharField(
        label=_("Bank reference"),
        max_length=recharging.MAX_REFERENCE,
        help_text=_("The number of the payment; each is credited once."),
    )


class Recharge(AboutDistributor):
    """Credit money that has come in."""

    right = "console.recharge_deposits"
    act = "recharge"
    title = _("Recharge")
    explanation = _(
        "The deposit is credited at once, and the distributor is told. It stays in the books."
    )
    form_class = RechargeForm
    button = _("Credit the deposit")

    def around(self, form: forms.Form) -> dict[str, Any]:
        words = gettext("Above {limit} a second person has to approve it first.")
        limit = words.format(limit=money.yuan(agreeing.limit_fen()))
        return {**super().around(form), "explanation": f"{self.explanation} {limit}"}

    def decide(self, values: dict[str, Any]) -> str:
        if agreeing.takes_two(values["amount_fen"], self.actor):
            return self._propose(values)
        account = recharging.recharge(
            distributor_pk=self.kwargs["pk"],
            amount_fen=values["amount_fen"],
            reference=values["reference"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("{amount} were credited; {available} are available now.").format(
            amount=money.yuan(values["amount_fen"]), available=money.yuan(account.available_fen)
        )

    def _propose(self, values: dict[str, Any]) -> str:
        proposed = deciding_recharges.propose(
            distributor_pk=self.kwargs["pk"],
            amount_fen=values["amount_fen"],
            bank_reference=values["reference"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("{number} waits for a second person.").format(number=proposed.recharge_no)


class CreditForm(forms.Form):
    """How far it may go, and when it is warned."""

    credit_line_fen = YuanField(
        label=_("Credit line (¥)"),
        max_fen=recharging.MAX_RECHARGE_FEN,
        help_text=_("How far it may order beyond its deposit."),
    )


class SetCreditLine(AboutDistributor):
    """Let it order beyond its deposit."""

    right = "console.set_credit"
    act = "credit_line"
    title = _("Credit line")
    form_class = CreditForm

    def initial(self) -> dict[str, Any]:
        return {"credit_line_fen": accounts.deposit_of(self.subject().pk).credit_line_fen}

    def decide(self, values: dict[str, Any]) -> str:
        account = recharging.set_credit_line(
            distributor_pk=self.kwargs["pk"],
            credit_line_fen=values["credit_line_fen"],
            at=timezone.now(),
        )
        return gettext("The credit line is {amount} now.").format(
            amount=money.yuan(account.credit_line_fen)
        )


class ThresholdForm(forms.Form):
    """When it is warned."""

    low_deposit_threshold_fen = YuanField(
        label=_("Warning threshold (¥)"),
        max_fen=warning.MAX_THRESHOLD_FEN,
        help_text=_("It is told once when its deposit falls below this; 0: never."),
    )


class SetThreshold(AboutDistributor):
    """Warn it when its deposit runs low."""

    right = "console.set_credit"
    act = "threshold"
    title = _("Warning threshold")
    form_class = ThresholdForm

    def initial(self) -> dict[str, Any]:
        return {"low_deposit_threshold_fen": self.subject().low_deposit_threshold_fen}

    def decide(self, values: dict[str, Any]) -> str:
        done = warning.set_threshold(
            distributor_pk=self.kwargs["pk"],
            threshold_fen=values["low_deposit_threshold_fen"],
            at=timezone.now(),
        )
        return gettext("It is warned below {amount}.").format(
            amount=money.yuan(done.low_deposit_threshold_fen)
        )
