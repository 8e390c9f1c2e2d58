"""Withdrawals as a distributor's people see them: the list, one in full, and applying for one."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from distributors import recharging, withdrawing
from distributors.models import Distributor, Withdrawal, WithdrawalState
from kit import paging
from kit.errors import DomainError, NotFound
from kit.fields import YuanField
from ledger import accounts
from portal import access
from portal.access import confirmed, distributor_only

PAGE = 50
MAX_ACCOUNT_NO = 48


class WithdrawalForm(forms.Form):
    """How much, and to which account."""

    amount_fen = YuanField(
        label=gettext_lazy("Amount (¥)"), min_fen=1, max_fen=recharging.MAX_RECHARGE_FEN
    )
    payee = forms.CharField(
        label=gettext_lazy("Payee"),
        max_length=withdrawing.MAX_PAYEE,
        help_text=gettext_lazy("In whose name the account is."),
    )
    bank = forms.CharField(
        label=gettext_lazy("Bank"),
        max_length=withdrawing.MAX_BANK,
        help_text=gettext_lazy("With its branch."),
    )
    account_no = forms.CharField(
        label=gettext_lazy("Account number"),
        max_length=MAX_ACCOUNT_NO,
        help_text=gettext_lazy("Kept encrypted; only its end is shown afterwards."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    note = forms.CharField(
        label=pgettext_lazy("payment", "Note"), max_length=withdrawing.MAX_NOTE, required=False
    )


@require_GET
@distributor_only
def withdrawals(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """List a distributor's withdrawals, newest first, by state."""
    state = request.GET.get("state", "")
    if state and state not in WithdrawalState.values:
        raise Http404
    rows = Withdrawal.objects.of(distributor)
    if state:
        rows = rows.filter(state=state)
    context = {
        "page": paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE),
        "state": state,
        "states": WithdrawalState.choices,
        "kept": {"state": state},
        "tab": "withdrawals",
    }
    return access.shown(request, distributor, "withdrawals.html", context)


@distributor_only
@confirmed
def apply(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Show the form; a POST applies for a withdrawal. The password is asked for again."""
    if request.method != "POST":
        form = WithdrawalForm(initial={"payee": distributor.company.name})
        return _page(request, distributor, form)
    form = WithdrawalForm(request.POST)
    if not form.is_valid():
        return _page(request, distributor, form, status=422)
    try:
        applied = withdrawing.apply(
            **form.cleaned_data,
            distributor=distributor,
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, distributor, form, status=409)
    text = _("{number} is applied for; its amount is held until it is paid.")
    messages.success(request, text.format(number=applied.withdrawal_no))
    return redirect("portal:withdrawal", applied.withdrawal_no)


@require_GET
@distributor_only
def withdrawal(request: HttpRequest, distributor: Distributor, withdrawal_no: str) -> HttpResponse:
    """Show one withdrawal."""
    found = Withdrawal.objects.of(distributor).filter(withdrawal_no=withdrawal_no).first()
    if found is None:
        raise Http404
    context = {
        "withdrawal": found,
        "bank": withdrawing.account_of(found)[0],
        "may_cancel": found.state in withdrawing.CANCELLABLE,
        "tab": "withdrawals",
    }
    return access.shown(request, distributor, "withdrawal.html", context)


@require_POST
@distributor_only
def cancel(request: HttpRequest, distributor: Distributor, withdrawal_no: str) -> HttpResponse:
    """Leave the money where it is."""
    try:
        withdrawing.cancel(
            distributor=distributor,
            withdrawal_no=withdrawal_no,
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The withdrawal is cancelled; its amount may be spent again."))
    return redirect("portal:withdrawal", withdrawal_no)


def _page(
    request: HttpRequest, distributor: Distributor, form: WithdrawalForm, status: int = 200
) -> HttpResponse:
    account = accounts.deposit_of(distributor.pk)
    context = {
        "form": form,
        "most_fen": withdrawing.most_fen(account),
        "frozen_at": account.frozen_at,
        "tab": "withdrawals",
    }
    return access.shown(request, distributor, "new_withdrawal.html", context, status)
