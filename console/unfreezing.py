"""Letting a frozen account be used again: staff looked into it, and say why."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console import choosing
from console.pages import Decision
from kit.errors import NotFound
from ledger import freezing
from ledger.models import Account


class UnfreezeForm(forms.Form):
    """Why."""

    reason = choosing.reason(help_text=_("What was wrong, and how it was put right."))


class Unfreeze(Decision):
    """Let it be spent from again."""

    right = "console.unfreeze_accounts"
    act = "unfreeze_account"
    title = _("Unfreeze the account")
    button = _("Unfreeze it")
    dangerous = True
    form_class = UnfreezeForm

    def subject(self) -> Account:
        found = Account.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotFound
        return found

    def around(self, form: forms.Form) -> dict[str, Any]:
        account = self.subject()
        words = gettext("Nobody froze this account: it is in use.")
        if account.frozen_at is not None:
            words = gettext(
                "Frozen since {at}: {reason}. Orders, holds and withdrawals go on at once; if the"
                " books are still wrong, the next proof freezes it again."
            ).format(
                at=f"{timezone.localtime(account.frozen_at):%Y-%m-%d %H:%M}",
                reason=account.frozen_reason,
            )
        return {**super().around(form), "explanation": words}

    def decide(self, values: dict[str, Any]) -> str:
        freezing.unfreeze_account(account_pk=self.kwargs["pk"], reason=values["reason"])
        return gettext("The account may be used again.")

    def after(self) -> str:
        return reverse("console:account", args=[self.kwargs["pk"]])
