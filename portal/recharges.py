"""Recharges as a distributor's people see them: the list, one in full, and applying for one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from distributors import applying_for_recharges, recharging, slips
from distributors.models import Distributor, Recharge, RechargeState
from kit import paging
from kit.errors import DomainError, NotFound
from kit.fields import YuanField
from portal import access
from portal.access import distributor_only

PAGE = 50


class RechargeForm(forms.Form):
    """What was paid, by whom, and what shows it."""

    amount_fen = YuanField(
        label=gettext_lazy("Amount (¥)"), min_fen=1, max_fen=recharging.MAX_RECHARGE_FEN
    )
    payer = forms.CharField(
        label=gettext_lazy("Payer"),
        max_length=applying_for_recharges.MAX_PAYER,
        help_text=gettext_lazy("In whose name the account is that paid."),
    )
    paid_on = forms.DateField(
        label=gettext_lazy("Paid on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    payment_reference = forms.CharField(
        label=gettext_lazy("Reference of the payment"),
        max_length=applying_for_recharges.MAX_PAYMENT_REFERENCE,
        required=False,
        help_text=gettext_lazy("The number that your bank shows; this or the slip is needed."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    slip = forms.FileField(
        label=gettext_lazy("Slip"),
        required=False,
        help_text=gettext_lazy("A picture of the bank's slip: JPEG, PNG or WebP, up to 5 MB."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    note = forms.CharField(
        label=pgettext_lazy("payment", "Note"),
        max_length=applying_for_recharges.MAX_NOTE,
        required=False,
    )


@require_GET
@distributor_only
def recharges(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """List a distributor's applications, newest first, by state."""
    state = request.GET.get("state", "")
    if state and state not in RechargeState.values:
        raise Http404
    rows = Recharge.objects.of(distributor)
    if state:
        rows = rows.filter(state=state)
    context = {
        "page": paging.newest_first(rows, after=request.GET.get("after", ""), size=PAGE),
        "state": state,
        "states": RechargeState.choices,
        "kept": {"state": state},
        "tab": "recharges",
    }
    return access.shown(request, distributor, "recharges.html", context)


@distributor_only
def apply(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Show the form; a POST applies for a recharge."""
    if request.method != "POST":
        initial = {"payer": distributor.company.name, "paid_on": timezone.localdate()}
        return _page(request, distributor, RechargeForm(initial=initial))
    form = RechargeForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, distributor, form, status=422)
    try:
        applied = _apply(request, distributor, form.cleaned_data)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, distributor, form, status=409)
    text = _("{number} is applied for; the deposit is credited once the money is found.")
    messages.success(request, text.format(number=applied.recharge_no))
    return redirect("portal:recharge", applied.recharge_no)


@require_GET
@distributor_only
def recharge(request: HttpRequest, distributor: Distributor, recharge_no: str) -> HttpResponse:
    """Show one application."""
    found = _find(distributor, recharge_no)
    may_withdraw = found.state == RechargeState.APPLIED
    context = {"recharge": found, "may_withdraw": may_withdraw, "tab": "recharges"}
    return access.shown(request, distributor, "recharge.html", context)


@require_GET
@distributor_only
def slip(request: HttpRequest, distributor: Distributor, recharge_no: str) -> HttpResponse:  # noqa: ARG001
    """Show the slip of an application."""
    try:
        with slips.read(_find(distributor, recharge_no)) as file:
            return HttpResponse(file.read(), content_type="image/jpeg")
    except NotFound:
        raise Http404 from None


@require_POST
@distributor_only
def withdraw(request: HttpRequest, distributor: Distributor, recharge_no: str) -> HttpResponse:
    """Take an application back."""
    try:
        applying_for_recharges.withdraw(
            distributor=distributor,
            recharge_no=recharge_no,
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The application is taken back."))
    return redirect("portal:recharge", recharge_no)


def _apply(request: HttpRequest, distributor: Distributor, values: dict[str, Any]) -> Recharge:
    upload = values.pop("slip")
    return applying_for_recharges.apply(
        **values,
        slip=slips.read_upload(upload.read()) if upload else None,
        distributor=distributor,
        actor=access.actor_of(request),
        at=timezone.now(),
    )


def _page(
    request: HttpRequest, distributor: Distributor, form: RechargeForm, status: int = 200
) -> HttpResponse:
    context = {"form": form, "tab": "recharges"}
    return access.shown(request, distributor, "new_recharge.html", context, status)


def _find(distributor: Distributor, recharge_no: str) -> Recharge:
    found = Recharge.objects.of(distributor).filter(recharge_no=recharge_no).first()
    if found is None:
        raise Http404
    return found
