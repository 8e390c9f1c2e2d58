"""How a supplier's machines are known: the keys of its ERP, and the addresses it calls from."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows import reauthentication
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from backoffice import access
from backoffice.access import supplier_only
from integration import key_desk, keys
from integration.key_desk import SCOPE_NAMES, AddressesForm, KeyForm
from integration.keys import NewKey
from integration.models import Side
from kit.errors import NotFound
from suppliers.models import Supplier


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
    made = key_desk.make(supplier.partner, request.POST, at=timezone.now())
    if made.key is None:
        return _page(request, supplier, key_form=made.form, status=422)
    return _page(request, supplier, new_key=made.key)


@require_POST
@supplier_only
def rotate(request: HttpRequest, supplier: Supplier, public_id: str) -> HttpResponse:
    """Give a key a new secret, shown this once; the one before works on for a while."""
    _known(supplier, public_id)
    _confirm(request)
    try:
        new = key_desk.rotate(supplier.partner, public_id, at=timezone.now())
    except NotFound:
        raise Http404 from None
    return _page(request, supplier, new_key=new)


@require_POST
@supplier_only
def revoke(request: HttpRequest, supplier: Supplier, public_id: str) -> HttpResponse:
    """End a key for good."""
    _known(supplier, public_id)
    _confirm(request)
    try:
        is_done = key_desk.revoke(supplier.partner, public_id, request.POST, at=timezone.now())
    except NotFound:
        raise Http404 from None
    if is_done:
        messages.success(request, _("The key has been revoked; within 5 seconds it signs nothing."))
    else:
        messages.error(request, _("Write why the key is revoked."))
    return redirect("supplier:keys")


@require_POST
@supplier_only
def bind_addresses(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Let the supplier's machines call only from these addresses."""
    _confirm(request)
    wrong = key_desk.bind(supplier.partner, request.POST)
    if wrong is not None:
        return _page(request, supplier, addresses_form=wrong, status=422)
    messages.success(request, _("The addresses have been saved."))
    return redirect("supplier:keys")


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
        "scope_names": SCOPE_NAMES[Side.SUPPLIER],
        "partner": partner,
        "new_key": new_key,
        "key_form": key_form or KeyForm(side=Side.SUPPLIER),
        "addresses_form": addresses_form or AddressesForm(initial=bound),
        "address_now": address,
        "address_is_bound": keys.is_within(address, partner.allowed_addresses),
        "api_url": settings.PUBLIC_URL.rstrip("/") + "/api/v1/supplier/",
        "now": timezone.now(),
    }
    return access.shown(request, supplier, "keys.html", context, status)


def _known(supplier: Supplier, public_id: str) -> None:
    """Tell of a key that is not theirs before anybody is asked for a password."""
    try:
        key_desk.find(supplier.partner, public_id)
    except NotFound:
        raise Http404 from None
