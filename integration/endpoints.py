"""Where partners are called back. The address is checked when it is saved, and again at each call."""

import base64
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from companies import policies
from integration.models import DeliveryState, Endpoint, EndpointState, Partner
from kit import sealing
from kit.errors import DomainError, NotFound

PORTS = {None, 443, 8443}
MAX_TYPES = 50
# What events are about; each family may have more types tomorrow.
FAMILIES = (
    "product",
    "price",
    "stock",
    "order",
    "shipment",
    "fulfilment",
    "cancellation",
    "hold",
    "aftersale",
    "claim",
    "recharge",
    "withdrawal",
    "deposit",
    "statement",
    "endpoint",
)
_TYPE = re.compile(rf"({'|'.join(FAMILIES)})\.(\*|[a-z_]{{1,40}})")
SECRET_BYTES = 32


class CallbackAddressRefused(DomainError):
    code = "callback_address_refused"
    text = _("Callbacks cannot go to “{url}”: {why}.")


class EventTypeUnknown(DomainError):
    code = "event_type_unknown"
    text = _("“{type}” is no type of event; write one such as order.shipped, or order.* for all.")


@dataclass(frozen=True)
class SavedEndpoint:
    """An endpoint, and its secret in the clear where it was made just now."""

    endpoint: Endpoint
    secret: str | None


@transaction.atomic
def save(*, partner: Partner, url: str, at: datetime, types: Sequence[str] = ()) -> SavedEndpoint:
    """Set where a partner is called back, and for which types (none: all).

    At another address, everything that waited is tried at once.

    :raises CallbackAddressRefused: it is not https, names a private address, or cannot be read.
    :raises EventTypeUnknown: one of the types is none.
    """
    _check(url)
    wanted = _types(types)
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    endpoint = Endpoint.objects.select_for_update(no_key=True).filter(partner=partner).first()
    if endpoint is not None:
        moved = endpoint.url != url
        endpoint.url, endpoint.types, endpoint.changed_at = url, wanted, at
        if moved:
            _make_live(endpoint, at)
        endpoint.save()
        return SavedEndpoint(endpoint, None)
    secret = _new_secret()
    endpoint = Endpoint.objects.create(
        partner=partner,
        url=url,
        types=wanted,
        secret_sealed=sealing.seal(secret),
        created_at=at,
        changed_at=at,
    )
    return SavedEndpoint(endpoint, secret)


@transaction.atomic
def rotate_secret(*, partner: Partner, at: datetime) -> SavedEndpoint:
    """Give an endpoint a new secret; calls are signed with both for the policy's hours.

    :raises NotFound: the partner is not called back.
    """
    endpoint = _locked(partner)
    secret = _new_secret()
    endpoint.former_secret_sealed = endpoint.secret_sealed
    endpoint.former_until = at + timedelta(hours=policies.read().second_secret_hours)
    endpoint.secret_sealed = sealing.seal(secret)
    endpoint.changed_at = at
    endpoint.save()
    return SavedEndpoint(endpoint, secret)


@transaction.atomic
def pause(*, partner: Partner, at: datetime) -> Endpoint:
    """Call a partner no more for now; what happens meanwhile is kept. Twice is as good as once.

    :raises NotFound: the partner is not called back.
    """
    endpoint = _locked(partner)
    if endpoint.state in (EndpointState.LIVE, EndpointState.DEGRADED):
        endpoint.pause()
        endpoint.changed_at = at
        endpoint.save()
    return endpoint


@transaction.atomic
def resume(*, partner: Partner, at: datetime) -> Endpoint:
    """Call a partner again, with everything that was kept, at once.

    :raises NotFound: the partner is not called back.
    """
    endpoint = _locked(partner)
    _make_live(endpoint, at)
    endpoint.changed_at = at
    endpoint.save()
    return endpoint


def release(endpoint: Endpoint, at: datetime) -> int:
    """Make everything due that waits for a locked endpoint; return how many deliveries that is.

    The caller saves the endpoint, which counts as one that has not failed.
    """
    endpoint.failures, endpoint.down_since, endpoint.held_until = 0, None, None
    kept = endpoint.deliveries.filter(state=DeliveryState.PENDING, due_at__gt=at)
    due = kept.update(due_at=at)
    parked = endpoint.deliveries.filter(state=DeliveryState.PARKED)
    return due + parked.update(state=DeliveryState.PENDING, tries=0, due_at=at)


def _make_live(endpoint: Endpoint, at: datetime) -> None:
    if endpoint.state == EndpointState.DEGRADED:
        endpoint.recover()
    elif endpoint.state != EndpointState.LIVE:
        endpoint.resume()
    release(endpoint, at)


def _locked(partner: Partner) -> Endpoint:
    endpoint = Endpoint.objects.select_for_update(no_key=True).filter(partner=partner).first()
    if endpoint is None:
        raise NotFound
    return endpoint


def _new_secret() -> str:
    """Return a secret in the one alphabet that every verifier of Standard Webhooks reads."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _types(types: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(types))
    for one in wanted:
        if not _TYPE.fullmatch(one):
            raise EventTypeUnknown(type=one)
    return wanted


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
