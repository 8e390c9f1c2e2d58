"""From which amount on a distributor is warned that its deposit runs low."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from distributors import warning
from distributors.models import Distributor
from kit.errors import DomainError
from portal import access
from portal.access import distributor_only

MAX_DIGITS = 13


class WarningForm(forms.Form):
    """The amount, in yuan."""

    amount = forms.DecimalField(
        label=gettext_lazy("Warn me below (¥)"),
        min_value=0,
        max_digits=MAX_DIGITS,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}),
        help_text=gettext_lazy("You are told once each time it falls below. 0: never."),
    )


@require_http_methods(["GET", "POST"])
@distributor_only
def page(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Show the threshold, or set it."""
    now = f"{distributor.low_deposit_threshold_fen // 100}.{distributor.low_deposit_threshold_fen % 100:02d}"
    form = WarningForm(request.POST or None, initial={"amount": now})
    if form.is_valid():
        try:
            warning.set_threshold(
                distributor_pk=distributor.pk,
                threshold_fen=int(form.cleaned_data["amount"] * 100),
                at=timezone.now(),
            )
        except DomainError as refusal:
            form.add_error("amount", str(refusal))
        else:
            messages.success(request, _("The amount has been saved."))
            return redirect("portal:deposit_warning")
    status = 422 if form.errors else 200
    return access.shown(request, distributor, "deposit_warning.html", {"form": form}, status)
