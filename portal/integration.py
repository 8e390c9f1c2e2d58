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
from integration import endpoints, keys
from integration.keys import SCOPES, NewKey
from integration.models import Endpoint, Side
from kit.errors import DomainError, NotFound
from portal import access, request_log
from portal.access import confirmed, distributor_only

REFUSED_SHOWN = 8
SCOPE_NAMES = {
    "goods": gettext_lazy("Goods"),
    "orders": gettext_lazy("Orders"),
    "aftersales": gettext_lazy("After-sales"),
    "money": gettext_lazy("Money"),
    "events": gettext_lazy("Events and callbacks"),
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
        choices=[(scope, SCOPE_NAMES[scope]) for scope in SCOPES[Side.DISTRIBUTOR]],
        initial=list(SCOPES[Side.DISTRIBUTOR]),
        widget=forms.CheckboxSelectMultiple,
    )


class AddressesForm(forms.Form):
    """The addresses that the distributor calls from, one a line."""

    addresses = forms.CharField(
        label=gettext_lazy("Addresses and networks, one a line"),
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Such as 203.0.113.7 or 203.0.113.0/24. Empty: any address may call."
        ),
    )


class CallbackForm(forms.Form):
    """Where the distributor is called back."""

    # `endpoints.save` judges it, and says why not.
    url = forms.CharField(
        label=gettext_lazy("Callback address"),
        max_length=500,
        widget=forms.TextInput(attrs={"placeholder": "https://", "inputmode": "url"}),
    )


class RevokeForm(forms.Form):
    """Why a key is revoked."""

    reason = forms.CharField(max_length=200)


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
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, distributor, key_form=form, status=422)
    try:
        new = keys.create(
            partner=distributor.partner,
            at=timezone.now(),
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
        )
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, distributor, key_form=form, status=422)
    return _page(request, distributor, new_key=new)


@require_POST
@distributor_only
@confirmed
def rotate_key(request: HttpRequest, distributor: Distributor, public_id: str) -> HttpResponse:
    """Give a key a new secret, shown this once; the one before works on for a while."""
    pk = _key_pk(distributor, public_id)
    try:
        new = keys.rotate(key_pk=pk, partner=distributor.partner, at=timezone.now())
    except NotFound:
        raise Http404 from None
    return _page(request, distributor, new_key=new)


@require_POST
@distributor_only
@confirmed
def revoke_key(request: HttpRequest, distributor: Distributor, public_id: str) -> HttpResponse:
    """End a key for good."""
    pk = _key_pk(distributor, public_id)
    form = RevokeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write why the key is revoked."))
        return redirect("portal:integration")
    try:
        keys.revoke(
            key_pk=pk,
            partner=distributor.partner,
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
    except NotFound:
        raise Http404 from None
    messages.success(request, _("The key has been revoked; within 5 seconds it signs nothing."))
    return redirect("portal:integration")


@require_POST
@distributor_only
@confirmed
def bind_addresses(request: HttpRequest, distributor: Distributor) -> HttpResponse:
    """Let the distributor's machines call only from these addresses."""
    form = AddressesForm(request.POST)
    if form.is_valid():
        lines = form.cleaned_data["addresses"].replace(",", "\n").splitlines()
        try:
            keys.bind_addresses(
                partner=distributor.partner,
                addresses=[line.strip() for line in lines if line.strip()],
            )
        except DomainError as refusal:
            form.add_error("addresses", str(refusal))
        else:
            messages.success(request, _("The addresses have been saved."))
            return redirect("portal:integration")
    return _page(request, distributor, addresses_form=form, status=422)


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
        "scope_names": SCOPE_NAMES,
        "partner": partner,
        "endpoint": endpoint,
        "new_key": new_key,
        "callback_secret": callback_secret,
        "key_form": key_form or KeyForm(),
        "addresses_form": addresses_form or AddressesForm(initial=bound),
        "callback_form": callback_form
        or CallbackForm(initial={"url": endpoint.url if endpoint else ""}),
        "address_now": address,
        "address_is_bound": keys.is_within(address, partner.allowed_addresses),
        "tab": "keys",
        "refused": request_log.refused_addresses(distributor, limit=REFUSED_SHOWN),
        "with_address_now": "\n".join([*partner.allowed_addresses, address]),
        "api_url": settings.PUBLIC_URL.rstrip("/") + "/api/v1/",
        "now": timezone.now(),
    }
    return access.shown(request, distributor, "integration.html", context, status)


def _key_pk(distributor: Distributor, public_id: str) -> int:
    pk = distributor.partner.keys.filter(public_id=public_id).values_list("pk", flat=True).first()
    if pk is None:
        raise Http404
    return pk
