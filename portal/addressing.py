"""Sending an order elsewhere by hand, while nothing of it has left."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from distributors.models import Distributor
from kit.errors import DomainError, NotFound
from orders import addressing, order_sheets, requests
from orders.models import Order
from portal import access
from portal.access import distributor_only
from supplychain import regions

MAX_NAME, MAX_PHONE, MAX_REGION, MAX_DETAIL = 60, 32, 32, 200


def on_one_line(text: str) -> None:
    """Refuse a text with line ends or other control characters.

    :raises ValidationError: it has some.
    """
    if not order_sheets.is_plain(text):
        raise ValidationError(_("Write it on one line."))


class Words(forms.CharField):
    """A text on one line."""

    default_validators = [on_one_line]


class ConsigneeForm(forms.Form):
    """To whom and where, as an order names it."""

    name = Words(label=pgettext_lazy("consignee", "Name"), max_length=MAX_NAME)
    phone = Words(label=pgettext_lazy("consignee", "Phone"), max_length=MAX_PHONE)
    province = forms.ChoiceField(
        label=gettext_lazy("Province"), choices=[(name, name) for _, name, _ in regions.PROVINCES]
    )
    city = Words(label=gettext_lazy("City"), max_length=MAX_REGION)
    district = Words(label=gettext_lazy("District"), max_length=MAX_REGION, required=False)
    detail = Words(label=gettext_lazy("Street and number"), max_length=MAX_DETAIL)


@distributor_only
def address(request: HttpRequest, distributor: Distributor, order_no: str) -> HttpResponse:
    """Show to whom an order goes; a POST sends it elsewhere."""
    rows = Order.objects.of(distributor).select_related("consignee")
    order = rows.filter(order_no=order_no).first()
    if order is None:
        raise Http404
    form = ConsigneeForm(request.POST or None, initial=_now(order))
    if request.method == "POST" and form.is_valid() and _sent(request, distributor, order, form):
        return redirect("portal:order", order_no)
    context = {"order": order, "form": form}
    return access.shown(request, distributor, "address.html", context, 422 if form.errors else 200)


def _now(order: Order) -> dict[str, str]:
    row = order.consignee
    name, phone, detail = row.opened
    where = {"province": row.province, "city": row.city, "district": row.district}
    return {"name": name, "phone": phone, "detail": detail, **where}


def _sent(
    request: HttpRequest, distributor: Distributor, order: Order, form: ConsigneeForm
) -> bool:
    try:
        addressing.change_address(
            distributor=distributor,
            order_pk=order.pk,
            consignee=requests.Consignee(**form.cleaned_data),
            actor=access.actor_of(request),
            at=timezone.now(),
        )
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        for cause in refusal.causes or [refusal]:
            form.add_error(None, str(cause))
        return False
    messages.success(request, _("The order goes to the new address."))
    return True
