"""Where partners are called back. The address is checked when it is saved, and again at each call."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from integration.models import Endpoint, Partner
from kit import sealing
from kit.errors import DomainError

PORTS = {None, 443, 8443}


class CallbackAddressRefused(DomainError):
    code = "callback_address_refused"
    text = _("Callbacks cannot go to “{url}”: {why}.")


@dataclass(frozen=True)
class SavedEndpoint:
    """An endpoint, and its secret in the clear where it was made just now."""

    endpoint: Endpoint
    secret: str | None


@transaction.atomic
def save(*, partner: Partner, url: str, at: datetime, types: Sequence[str] = ()) -> SavedEndpoint:
    """Set where a partner is called back, and for which types (none: all).

    :raises CallbackAddressRefused: it is not https, names a private address, or cannot be read.
    """
    _check(url)
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    endpoint = Endpoint.objects.filter(partner=partner).first()
    if endpoint is not None:
        endpoint.url, endpoint.types, endpoint.changed_at = url, list(types), at
        endpoint.save()
        return SavedEndpoint(endpoint, None)
    secret = "whsec_" + secrets.token_urlsafe(32)
    endpoint = Endpoint.objects.create(
        partner=partner,
        url=url,
        types=list(types),
        secret_sealed=sealing.seal(secret),
        created_at=at,
        changed_at=at,
    )
    return SavedEndpoint(endpoint, secret)


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise CallbackAddressRefused(url=url, why=_("it cannot be read")) from None
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise CallbackAddressRefused(url=url, why=_("it must be an https address"))
    if parts.username or parts.fragment:
        raise CallbackAddressRefused(url=url, why=_("it must name no user and no fragment"))
    if settings.ALLOW_PRIVATE_CALLBACKS:
        return
    if parts.scheme != "https" or port not in PORTS:
        raise CallbackAddressRefused(url=url, why=_("it must be https on port 443 or 8443"))
    if not _is_public(parts.hostname):
        raise CallbackAddressRefused(url=url, why=_("it must be a public address"))


def _is_public(host: str) -> bool:
    """Names are resolved and checked when we call; an address written out is checked here."""
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host.rstrip(".") and not host.rstrip(".").endswith((".local", ".internal"))
