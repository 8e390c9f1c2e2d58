"""How a supplier's machines are known: the keys of its ERP, and the addresses it calls from."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows import reauthentication
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from backoffice import access
from backoffice.access import supplier_only
from integration import keys
from integration.keys import SCOPES, NewKey
from integration.models import Side
from kit.errors import DomainError, NotFound
from suppliers.models import Supplier

MAX_REASON = 200
SCOPE_NAMES = {
    "ship": gettext_lazy("Orders and shipping"),
    "stock": gettext_lazy("Stock"),
    "goods": gettext_lazy("Goods"),
    "bills": gettext_lazy("Bills"),
    "events": gettext_lazy("Events"),
}


class KeyForm(forms.Form):
    """A new key: what it is called, and what it may do."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("For yourself: which system uses it."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("It may be used for"),
        choices=[(scope, SCOPE_NAMES[scope]) for scope in SCOPES[Side.SUPPLIER]],
        initial=list(SCOPES[Side.SUPPLIER]),
        widget=forms.CheckboxSelectMultiple,
    )


class AddressesForm(forms.Form):
    """The addresses that the supplier's machines call from, one a line."""

    addresses = forms.CharField(
        label=gettext_lazy("Addresses and networks, one a line"),
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Such as 203.0.113.7 or 203.0.113.0/24. Empty: any address may call."
        ),
    )


class RevokeForm(forms.Form):
    """Why a key is revoked."""

    reason = forms.CharField(max_length=MAX_REASON)


@require_GET
@supplier_only
def show(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Show keys and addresses."""
    return _page(request, supplier)


@require_POST
@supplier_only
def create(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Make a key; its secret is shown this once."""
    _confirm(request)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, supplier, key_form=form, status=422)
    try:
        new = keys.create(
            partner=supplier.partner,
            at=timezone.now(),
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
        )
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, supplier, key_form=form, status=422)
    return _page(request, supplier, new_key=new)


@require_POST
@supplier_only
def rotate(request: HttpRequest, supplier: Supplier, public_id: str) -> HttpResponse:
    """Give a key a new secret, shown this once; the one before works on for a while."""
    pk = _key_pk(supplier, public_id)
    _confirm(request)
    try:
        new = keys.rotate(key_pk=pk, partner=supplier.partner, at=timezone.now())
    except NotFound:
        raise Http404 from None
    return _page(request, supplier, new_key=new)


@require_POST
@supplier_only
def revoke(request: HttpRequest, supplier: Supplier, public_id: str) -> HttpResponse:
    """End a key for good."""
    pk = _key_pk(supplier, public_id)
    _confirm(request)
    form = RevokeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write why the key is revoked."))
        return redirect("supplier:keys")
    try:
        keys.revoke(
            key_pk=pk,
            partner=supplier.partner,
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
    except NotFound:
        raise Http404 from None
    messages.success(request, _("The key has been revoked; within 5 seconds it signs nothing."))
    return redirect("supplier:keys")


@require_POST
@supplier_only
def bind_addresses(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Let the supplier's machines call only from these addresses."""
    _confirm(request)
    form = AddressesForm(request.POST)
    if form.is_valid():
        lines = form.cleaned_data["addresses"].replace(",", "\n").splitlines()
        wanted = [line.strip() for line in lines if line.strip()]
        try:
            keys.bind_addresses(partner=supplier.partner, addresses=wanted)
        except DomainError as refusal:
            form.add_error("addresses", str(refusal))
        else:
            messages.success(request, _("The addresses have been saved."))
            return redirect("supplier:keys")
    return _page(request, supplier, addresses_form=form, status=422)


def _confirm(request: HttpRequest) -> None:
    """Ask for the password again, unless it was given just now: secrets and addresses are at stake."""
    reauthentication.raise_if_reauthentication_required(request, app="supplier")


def _page(
    request: HttpRequest,
    supplier: Supplier,
    *,
    new_key: NewKey | None = None,
    key_form: KeyForm | None = None,
    addresses_form: AddressesForm | None = None,
    status: int = 200,
) -> HttpResponse:
    partner = supplier.partner
    partner.refresh_from_db()
    bound = {"addresses": "\n".join(partner.allowed_addresses)}
    address = get_adapter(request).get_client_ip(request)
    context: dict[str, Any] = {
        "keys": partner.keys.order_by("state", "-pk"),
        "scope_names": SCOPE_NAMES,
        "partner": partner,
        "new_key": new_key,
        "key_form": key_form or KeyForm(),
        "addresses_form": addresses_form or AddressesForm(initial=bound),
        "address_now": address,
        "address_is_bound": keys.is_within(address, partner.allowed_addresses),
        "api_url": settings.PUBLIC_URL.rstrip("/") + "/api/v1/supplier/",
        "now": timezone.now(),
    }
    return access.shown(request, supplier, "keys.html", context, status)


def _key_pk(supplier: Supplier, public_id: str) -> int:
    pk = supplier.partner.keys.filter(public_id=public_id).values_list("pk", flat=True).first()
    if pk is None:
        raise Http404
    return pk
