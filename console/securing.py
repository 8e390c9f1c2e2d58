"""What staff record about a supplier's security deposit (保证金)."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console.suppliers import AboutSupplier
from kit import money
from kit.fields import YuanField
from suppliers import securing


class RequiredForm(forms.Form):
    """How much has to be there."""

    amount_fen = YuanField(
        label=_("Required security (¥)"),
        max_fen=securing.MAX_SECURITY_FEN,
        help_text=_("0: none. While less is there, the supplier lists no new goods."),
    )


class RequireSecurity(AboutSupplier):
    """How much security a supplier has to pay in."""

    right = "console.settle_suppliers"
    act = "require_security"
    title = _("Required security")
    form_class = RequiredForm

    def initial(self) -> dict[str, Any]:
        return {"amount_fen": self.subject().security_required_fen}

    def decide(self, values: dict[str, Any]) -> str:
        done = securing.require(supplier_pk=self.kwargs["pk"], amount_fen=values["amount_fen"])
        return gettext("{amount} are required.").format(
            amount=money.yuan(done.security_required_fen)
        )


class SecurityForm(forms.Form):
    """How much, and where the bank shows it."""

    amount_fen = YuanField(label=_("Amount (¥)"), min_fen=1, max_fen=securing.MAX_SECURITY_FEN)
    bank_reference = forms.CharField(
        label=_("Bank reference"),
        max_length=securing.MAX_REFERENCE,
        help_text=_("The number of the payment; each is recorded once."),
    )


class PayInSecurity(AboutSupplier):
    """Record security that has come in."""

    right = "console.pay_suppliers"
    act = "security_in"
    title = _("Security deposit paid in")
    explanation = _("It is posted at once and stays in the books.")
    button = _("Record it")
    form_class = SecurityForm

    def decide(self, values: dict[str, Any]) -> str:
        there_fen = securing.pay_in(
            supplier_pk=self.kwargs["pk"], actor=self.actor, at=timezone.now(), **values
        )
        return gettext("{amount} of security are there now.").format(amount=money.yuan(there_fen))


class GiveBackSecurity(PayInSecurity):
    """Record security that was paid back."""

    act = "security_out"
    title = _("Security deposit paid back")
    dangerous = True

    def around(self, form: forms.Form) -> dict[str, Any]:
        words = gettext("{amount} of security are there.")
        there_fen = securing.paid_fen(self.subject())
        return {**super().around(form), "explanation": words.format(amount=money.yuan(there_fen))}

    def decide(self, values: dict[str, Any]) -> str:
        left_fen = securing.give_back(
            supplier_pk=self.kwargs["pk"], actor=self.actor, at=timezone.now(), **values
        )
        return gettext("{amount} of security are left.").format(amount=money.yuan(left_fen))
