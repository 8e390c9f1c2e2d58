"""How a distributor's machines are known: API keys, bound addresses, and where it is called back."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from distributors.models import Distributor
from integration import endpoints, key_desk, keys, reading_requests
from integration.key_desk import SCOPE_NAMES, AddressesForm, KeyForm
from integration.keys import NewKey
from integration.models import Endpoint, Side
from kit.errors import DomainError, NotFound
from portal import access
from portal.access import confirmed, distributor_only

REFUSED_SHOWN = 8


class CallbackForm(forms.Form):
    """Where the distributor is called back."""

    # `endpoints.save` judges it, and says why not.
    url = forms.CharField(
        label=gettext_lazy("Callback address"),
        max_length=500,
        widget=forms.TextInput(attrs={"placeholder": "https://", "inputmode": "url"}),
    )


@require_GET
@distributor_only
def integration(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Show keys, addresses and the callback address."""
    return _page(request, distributor)


@require_POST
@distributor_only
@confirmed
def create_key(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Make a key; its secret is shown this once."""
    made = key_desk.make(distributor.partner, request.POST, at=timezone.now())
    if made.key is None:
        return _page(request, distributor, key_form=made.form, status=422)
    return _page(request, distributor, new_key=made.key)


@require_POST
@distributor_only
@confirmed
def rotate_key(request: HttpRequest, distributor: Distributor, public_id: str) -> HttpResponse:
    """Give a key a new secret, shown this once; the one before works on for a while."""
    try:
        new = key_desk.rotate(distributor.partner, public_id, at=timezone.now())
    except NotFound:
        raise Http404 from None
    return _page(request, distributor, new_key=new)


@require_POST
@distributor_only
@confirmed
def revoke_key(request: HttpRequest, distributor: Distributor, public_id: str) -> HttpResponse:
    """End a key for good."""
    try:
        is_done = key_desk.revoke(distributor.partner, public_id, request.POST, at=timezone.now())
    except NotFound:
        raise Http404 from None
    if is_done:
        messages.success(request, _("The key has been revoked; within 5 seconds it signs nothing."))
    else:
        messages.error(request, _("Write why the key is revoked."))
    return redirect("portal:integration")


@require_POST
@distributor_only
@confirmed
def bind_addresses(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Let the distributor's machines call only from these addresses."""
    wrong = key_desk.bind(distributor.partner, request.POST)
    if wrong is not None:
        return _page(request, distributor, addresses_form=wrong, status=422)
    messages.success(request, _("The addresses have been saved."))
    return redirect("portal:integration")


@require_POST
@distributor_only
@confirmed
def set_callback(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Set where the distributor is called back; the secret is shown when it is made."""
    form = CallbackForm(request.POST)
    if form.is_valid():
        known = Endpoint.objects.filter(partner=distributor.partner).first()
        try:
            saved = endpoints.save(
                partner=distributor.partner,
                url=form.cleaned_data["url"],
                types=known.types if known else (),
                at=timezone.now(),
            )
        except DomainError as refusal:
            form.add_error("url", str(refusal))
        else:
            if saved.secret:
                return _page(request, distributor, callback_secret=saved.secret)
            messages.success(request, _("The callback address has been saved."))
            return redirect("portal:integration")
    return _page(request, distributor, callback_form=form, status=422)


def _page(
    request: HttpRequest,
    distributor: Distributor,
    *,
    new_key: NewKey | None = None,
    callback_secret: str = "",
    key_form: KeyForm | None = None,
    addresses_form: AddressesForm | None = None,
    callback_form: CallbackForm | None = None,
    status: int = 200,
) -> HttpResponse:
    partner = distributor.partner
    partner.refresh_from_db()
    endpoint = Endpoint.objects.filter(partner=partner).first()
    bound = {"addresses": "\n".join(partner.allowed_addresses)}
    address = get_adapter(request).get_client_ip(request)
    context: dict[str, Any] = {
        "keys": partner.keys.order_by("state", "-pk"),
        "scope_names": SCOPE_NAMES[Side.DISTRIBUTOR],
        "partner": partner,
        "endpoint": endpoint,
        "new_key": new_key,
        "callback_secret": callback_secret,
        "key_form": key_form or KeyForm(side=Side.DISTRIBUTOR),
        "addresses_form": addresses_form or AddressesForm(initial=bound),
        "callback_form": callback_form
        or CallbackForm(initial={"url": endpoint.url if endpoint else ""}),
        "address_now": address,
        "address_is_bound": keys.is_within(address, partner.allowed_addresses),
        "tab": "keys",
        "refused": reading_requests.refused_addresses(partner, limit=REFUSED_SHOWN),
        "with_address_now": "\n".join([*partner.allowed_addresses, address]),
        "api_url": settings.PUBLIC_URL.rstrip("/") + "/api/v1/",
        "now": timezone.now(),
    }
    return access.shown(request, distributor, "integration.html", context, status)
