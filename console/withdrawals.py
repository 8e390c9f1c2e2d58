"""Withdrawals that distributors applied for: to whom, and what staff decide and pay."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console import choosing, records
from console.pages import Decision, Page
from distributors import agreeing, deciding_withdrawals, recharging, withdrawing
from distributors.models import Withdrawal, WithdrawalState
from kit import money
from kit.errors import NotFound
from ledger import accounts

RIGHT = "console.pay_withdrawals"
TO_DECIDE = (WithdrawalState.APPLIED, WithdrawalState.CHECKED)


def withdrawal(pk: int) -> Withdrawal:
    """Return a withdrawal as it is now.

    :raises NotFound: there is none.
    """
    found = Withdrawal.objects.select_related("distributor__company").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def facts(found: Withdrawal, *, with_account: bool) -> dict[str, Any]:
    """Return what every page about a withdrawal shows; the whole account only to who pays."""
    bank, number = withdrawing.account_of(found)
    return {
        "withdrawal": found,
        "bank": bank,
        "account_no": number if with_account else f"…{found.account_tail}",
        "deposit": accounts.deposit_of(found.distributor_id),
        "is_open": found.state in withdrawing.OPEN,
        "to_decide": found.state in TO_DECIDE,
        "takes_two": found.amount_fen > agreeing.limit_fen(),
        "limit_fen": agreeing.limit_fen(),
    }


class WithdrawalPage(Page):
    """How much, to whom, and who said what to it."""

    right = "console.see_money"
    template_name = "console/withdrawal.html"

    def heading(self) -> str:
        return withdrawal(self.kwargs["pk"]).withdrawal_no

    def context(self) -> dict[str, Any]:
        found = withdrawal(self.kwargs["pk"])
        return {
            **facts(found, with_account=self.person.has_perm(RIGHT)),
            "is_mine": found.checked_by == str(self.actor),
            "records": records.about(found),
        }


class AboutWithdrawal(Decision):
    """A decision about one withdrawal; it ends on its page."""

    right = RIGHT
    template_name = "console/decide_withdrawal.html"

    def subject(self) -> Withdrawal:
        return withdrawal(self.kwargs["pk"])

    def around(self, form: forms.Form) -> dict[str, Any]:
        shown = facts(self.subject(), with_account=True)
        return {**super().around(form), **shown, "thing": None}

    def after(self) -> str:
        return reverse("console:withdrawal", args=[self.kwargs["pk"]])


class CheckWithdrawal(AboutWithdrawal):
    """The first of two people."""

    act = "check_withdrawal"
    title = _("Agree as the first person")
    explanation = _("Nothing is paid yet: somebody else has to approve it.")
    button = _("I agree")

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        done = deciding_withdrawals.check_once(
            withdrawal_no=self.subject().withdrawal_no, actor=self.actor, at=timezone.now()
        )
        return gettext("{number} waits for a second person.").format(number=done.withdrawal_no)


class ApproveWithdrawal(AboutWithdrawal):
    """Let it be paid."""

    act = "approve_withdrawal"
    title = _("Approve the withdrawal")
    explanation = _("It is to be paid then; the distributor is told and can no longer cancel it.")
    button = _("Approve it")

    def decide(self, values: dict[str, Any]) -> str:  # noqa: ARG002
        done = deciding_withdrawals.approve(
            withdrawal_no=self.subject().withdrawal_no, actor=self.actor, at=timezone.now()
        )
        return gettext("{amount} are to be paid.").format(amount=money.yuan(done.amount_fen))


class PaidForm(forms.Form):
    """What the bank did."""

    bank_reference = forms.CharField(
        label=_("Bank reference"),
        max_length=recharging.MAX_REFERENCE,
        help_text=_("The number of the payment; it belongs to this withdrawal alone."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class PayWithdrawal(AboutWithdrawal):
    """Record that the bank has paid it."""

    act = "pay_withdrawal"
    title = _("Record the payment")
    explanation = _("The deposit is debited at once, and the distributor is told.")
    button = _("It is paid")
    form_class = PaidForm

    def decide(self, values: dict[str, Any]) -> str:
        done = deciding_withdrawals.pay(
            withdrawal_no=self.subject().withdrawal_no,
            bank_reference=values["bank_reference"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("{amount} are paid.").format(amount=money.yuan(done.amount_fen))


class RejectionForm(forms.Form):
    """Why."""

    reason = choosing.reason(help_text=_("The distributor reads it."))


class RejectWithdrawal(AboutWithdrawal):
    """Do not pay it."""

    act = "reject_withdrawal"
    title = _("Reject the withdrawal")
    explanation = _("Nothing is paid; the amount may be spent again, and the distributor is told.")
    button = _("Reject it")
    dangerous = True
    form_class = RejectionForm

    def decide(self, values: dict[str, Any]) -> str:
        done = deciding_withdrawals.reject(
            withdrawal_no=self.subject().withdrawal_no,
            reason=values["reason"],
            actor=self.actor,
            at=timezone.now(),
        )
        return gettext("{number} is rejected.").format(number=done.withdrawal_no)
