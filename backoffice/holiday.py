"""A supplier's holiday: from when to when it is closed, and what distributors read meanwhile."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from backoffice import access
from backoffice.access import supplier_only, while_active
from kit.errors import DomainError, NotFound
from suppliers.models import Supplier
from supplychain import holidays
from supplychain.models import Holiday, HolidayState, Product, ProductState

SHOWN = 10
OPEN = (HolidayState.PLANNED, HolidayState.RUNNING)


class DayInput(forms.DateInput):
    """A day as browsers choose one."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class HolidayForm(forms.Form):
    """From when to when."""

    first_day = forms.DateField(label=gettext_lazy("Closed from"), widget=DayInput())
    last_day = forms.DateField(label=gettext_lazy("Closed until and including"), widget=DayInput())
    message = forms.CharField(
        label=gettext_lazy("A sentence for distributors"),
        max_length=holidays.MAX_MESSAGE,
        required=False,
        help_text=gettext_lazy("Such as: closed for Spring Festival, shipping again on the 8th."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@supplier_only
@while_active
def holiday(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show the holiday there is, or the form for one."""
    form = HolidayForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _plan(request, supplier, form):
        return redirect("supplier:holiday")
    current = holidays.current(supplier)
    earlier = Holiday.objects.of(supplier).order_by("-pk")
    listed = Product.objects.of(supplier).filter(state=ProductState.LISTED)
    context: dict[str, Any] = {
        "holiday": current,
        "form": form,
        "listed": listed.count(),
        "earlier": earlier.exclude(state__in=OPEN)[:SHOWN],
    }
    return access.shown(request, supplier, "holiday.html", context)


@require_POST
@supplier_only
@while_active
def end_holiday(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Call a planned holiday off, or be back earlier."""
    try:
        done = holidays.end_early(
            supplier=supplier, actor=access.actor_of(request), at=timezone.now()
        )
    except NotFound:
        raise Http404 from None
    if done.state == HolidayState.CALLED_OFF:
        messages.success(request, _("The holiday is called off."))
    else:
        text = _("You are open again: {count} products are back on sale.")
        messages.success(request, text.format(count=done.resumed))
    return redirect("supplier:holiday")


def _plan(request: HttpRequest, supplier: Supplier, form: HolidayForm) -> bool:
    try:
        done = holidays.plan(
            supplier=supplier,
            actor=access.actor_of(request),
            at=timezone.now(),
            **form.cleaned_data,
        )
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return False
    if done.state == HolidayState.RUNNING:
        text = _("You are closed from now on: {count} products are off sale.")
        messages.success(request, text.format(count=done.paused))
    else:
        messages.success(
            request, _("The holiday is planned; your goods go off sale by themselves.")
        )
    return True
