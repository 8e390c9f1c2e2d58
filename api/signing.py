"""Who calls: the signature of a request, checked before anything is stored.

The string that is signed is taken from the request exactly as it arrived; nothing is decoded,
re-ordered or stripped (docs/api/signing.md).
"""

import hmac
from collections.abc import Iterable
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from api import callers, gate
from api.callers import Caller, SupplierCaller
from integration import limits
from integration.keys import Credentials
from integration.models import Side
from integration.signing_requests import (
    FORMS,
    KEY,
    NONCE,
    SIGNATURE,
    TIMESTAMP,
    WINDOW_SECONDS,
    sign,
    string_to_sign,
)
from kit.errors import DomainError
from kit.times import rfc3339

__all__ = [
    "FORMS",
    "KEY",
    "MAX_BODY_BYTES",
    "NONCE",
    "SIGNATURE",
    "TIMESTAMP",
    "WINDOW_SECONDS",
    "BodyTooLarge",
    "IpNotAllowed",
    "LengthRequired",
    "NonceReused",
    "OnlySuppliers",
    "SideNotAllowed",
    "SignatureAuthentication",
    "SignatureHeaderInvalid",
    "SignatureInvalid",
    "TimestampSkew",
    "check_size",
    "check_time",
    "client_address",
    "raw_target",
    "read_headers",
    "sign",
    "string_to_sign",
]

MAX_BODY_BYTES = limits.BODY_BYTES
# What an unknown key is checked with, so that it takes as long as a known one.
NO_SECRET = b"no such key"


class SignatureInvalid(DomainError):
    code = "signature_invalid"
    text = _("The key or the signature is not valid.")


class SignatureHeaderInvalid(SignatureInvalid):
    text = _("The header {header} is missing, repeated or not of the form {form}.")


class TimestampSkew(DomainError):
    code = "timestamp_skew"
    text = _(
        "The timestamp is {skew_seconds} seconds off; {window_seconds} are allowed."
        " Our time is {server_timestamp} ({server_time})."
    )


class NonceReused(DomainError):
    code = "nonce_reused"
    text = _("This nonce has been used; every request needs a new one.")


class IpNotAllowed(DomainError):
    code = "ip_not_allowed"
    text = _("Calls from {ip} are not allowed for this key.")


class SideNotAllowed(DomainError):
    code = "side_not_allowed"
    text = _("This key belongs to a {side}; only distributors' keys work here.")


class OnlySuppliers(SideNotAllowed):
    text = _("This key belongs to a {side}; only suppliers' keys work here.")


class BodyTooLarge(DomainError):
    code = "body_too_large"
    text = _("The body has more than {limit_bytes} bytes.")


class LengthRequired(DomainError):
    code = "length_required"
    text = _("Send the body with a Content-Length, not in chunks.")


class SignatureAuthentication(BaseAuthentication):
    """Makes `request.user` the caller whose key signed the request."""

    def authenticate(self, request: Request) -> tuple[Caller | SupplierCaller, None]:
        """Check the signature, in an order in which a stranger learns and stores nothing.

        :raises SignatureInvalid: a header is not of its form, or key and signature do not match.
        :raises BodyTooLarge: before the body is read.
        :raises TimestampSkew: the clock is off.
        :raises NonceReused: the request has been seen.
        :raises IpNotAllowed: the caller's list has addresses, and not this one.
        :raises SideNotAllowed: it is a key of the side that the view is not for.
        """
        at = timezone.now()
        django_request = request._request
        view = request.parser_context.get("view") if request.parser_context else None
        headers = read_headers(django_request)
        check_size(django_request, getattr(view, "max_body_bytes", MAX_BODY_BYTES))
        known = callers.find(headers[KEY])
        check_time(int(headers[TIMESTAMP]), at)
        text = _string_to_sign(django_request, headers)
        credentials = _check_signature(text, headers[SIGNATURE], known, at)
        passage = gate.enter(key_pk=credentials.key_pk, nonce=headers[NONCE])
        if not passage.fresh:
            raise NonceReused
        address = client_address(django_request)
        if not credentials.may_call_from(address):
            raise IpNotAllowed(ip=address)
        side = getattr(view, "side", Side.DISTRIBUTOR)
        if credentials.side != side:
            refusal = OnlySuppliers if side == Side.SUPPLIER else SideNotAllowed
            raise refusal(side=credentials.side)
        assert known is not None
        callers.note_use(known, address=address, at=at)
        return callers.caller(known, string_to_sign=text, address=address, passage=passage), None

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        """Name the scheme where a request is refused with 401."""
        return "Huopan-Signature"


def client_address(request: HttpRequest) -> str:
    """Return the address a request came from, past the proxies that are our own.

    Each of the TRUSTED_PROXIES appends the address it saw to X-Forwarded-For; what stands further
    left was written by strangers.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    hops = settings.TRUSTED_PROXIES
    if not hops:
        return peer
    seen = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    if len(seen) < hops:
        return peer
    address = seen[-hops].strip()
    try:
        return str(ip_address(address))
    except ValueError:
        return peer


def raw_target(request: HttpRequest) -> tuple[str, str]:
    """Return path and query as they stood in the request line."""
    target = str(request.META.get("RAW_URI") or request.META.get("REQUEST_URI") or "")
    if not target:
        # A server that does not tell: encode the path as clients usually do.
        path = quote(str(request.META.get("PATH_INFO", "")), safe="/:@!$&'()*+,;=~-._")
        return path, str(request.META.get("QUERY_STRING", ""))
    if not target.startswith("/"):
        # The absolute form, `http://host/path`, as some proxies send it.
        target = "/" + target.partition("://")[2].partition("/")[2]
    path, _mark, query = target.partition("?")
    return path, query


def read_headers(request: HttpRequest, names: Iterable[str] = tuple(FORMS)) -> dict[str, str]:
    """Return what the headers of a signature hold.

    :raises SignatureHeaderInvalid: one is missing or not of its form.
    """
    found = {}
    for name in names:
        value = request.headers.get(name, "")
        if not FORMS[name].fullmatch(value):
            raise SignatureHeaderInvalid(header=name, form=FORMS[name].pattern)
        found[name] = value
    return found


def check_size(request: HttpRequest, limit: int) -> None:
    """Refuse a body that is announced to be too large, before it is read.

    :raises BodyTooLarge: it has more than `limit` bytes.
    :raises LengthRequired: nothing is announced.
    """
    length = str(request.META.get("CONTENT_LENGTH") or "")
    if not length and request.META.get("HTTP_TRANSFER_ENCODING"):
        raise LengthRequired
    if length and (not length.isascii() or not length.isdigit() or int(length) > limit):
        raise BodyTooLarge(limit_bytes=limit)


def check_time(timestamp: int, at: datetime) -> None:
    """Refuse what was signed too long ago, or in the future.

    :raises TimestampSkew: it is more than WINDOW_SECONDS from our time.
    """
    now = int(at.timestamp())
    if abs(now - timestamp) > WINDOW_SECONDS:
        raise TimestampSkew(
            skew_seconds=timestamp - now,
            window_seconds=WINDOW_SECONDS,
            server_timestamp=now,
            server_time=rfc3339(at),
        )


def _string_to_sign(request: HttpRequest, headers: dict[str, str]) -> str:
    path, query = raw_target(request)
    return string_to_sign(
        method=str(request.method),
        path=path,
        query=query,
        timestamp=headers[TIMESTAMP],
        nonce=headers[NONCE],
        body=request.body,
    )


def _check_signature(
    text: str, signature: str, known: callers.Known | None, at: datetime
) -> Credentials:
    """Compare with every secret that works; the refusal shows what we built, all of it the caller's."""
    secrets = known.credentials.live_secrets(at) if known else (NO_SECRET,)
    # Every secret is tried, whichever fits: the time taken tells nothing.
    fits = [hmac.compare_digest(sign(secret, text), signature) for secret in secrets]
    if known is None or not any(fits):
        raise SignatureInvalid(string_to_sign=text)
    return known.credentials
