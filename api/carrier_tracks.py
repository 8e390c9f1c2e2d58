"""What carriers push: scans of parcels, signed with a secret that they share with the platform.

Described in docs/api/carrier-tracks.md; it is no part of the distributors' API.
"""

import hmac
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

import aftersales.tracking
from api import fields, signing
from api.errors import problem
from api.fields import Items, Moment, Shape, Text
from api.scopes import PUBLIC
from api.signing import SIGNATURE, TIMESTAMP, SignatureInvalid
from api.views import ApiView
from kit.errors import DomainError
from orders import shipping, tracking
from orders.tracking import Heard, ParcelUnknown

MAX_BYTES = 256 * 1024


class TrackShape(Shape):
    """A scan of one parcel."""

    carrier_code = Text(max_length=24)
    tracking_no = Text(max_length=shipping.MAX_TRACKING_LENGTH)
    status = Text(max_length=24)
    scanned_at = Moment()
    text = Text(max_length=tracking.MAX_TEXT, allow_blank=True, default="")
    place = Text(max_length=tracking.MAX_PLACE, allow_blank=True, default="")


class TracksShape(Shape):
    """Scans, each for itself."""

    tracks = Items(child=TrackShape(), max_length=tracking.MAX_HEARD)


class CarrierTracks(ApiView):
    """Scans of parcels, pushed by carriers or by who collects their scans."""

    # No distributor's key: the carrier's own signature is checked first of all.
    scopes = {"POST": PUBLIC}
    max_body_bytes = MAX_BYTES
    schema = None  # type: ignore[assignment]

    def post(self, request: Request) -> Response:
        """Keep scans, and answer each in its place."""
        _check_signature(request._request)
        sent = _tracks_of(request.data)
        read = [_read(one) for one in sent]
        heard = [one for one in read if isinstance(one, Heard)]
        outcomes = iter(_record(heard))
        items = [
            _item(value, one if isinstance(one, DomainError) else next(outcomes))
            for value, one in zip(sent, read, strict=True)
        ]
        return Response({"items": items})

    post.takes_parameters = False  # type: ignore[attr-defined]


def _check_signature(request: HttpRequest) -> None:
    """Let only those through who know the secret, or the former one while it is replaced.

    :raises SignatureInvalid: it is not signed with either.
    """
    headers = signing.read_headers(request, (TIMESTAMP, SIGNATURE))
    signing.check_size(request, MAX_BYTES)
    signing.check_time(int(headers[TIMESTAMP]), timezone.now())
    path, query = signing.raw_target(request)
    text = signing.string_to_sign(
        method=str(request.method),
        path=path,
        query=query,
        timestamp=headers[TIMESTAMP],
        nonce="",
        body=request.body,
    )
    secrets = [secret.encode() for secret in settings.CARRIER_PUSH_SECRET if secret]
    # Every secret is tried, whichever fits: the time taken tells nothing.
    fits = [
        hmac.compare_digest(signing.sign(secret, text), headers[SIGNATURE])
        for secret in secrets or [signing.NO_SECRET]
    ]
    if not secrets or not any(fits):
        raise SignatureInvalid(string_to_sign=text)


def _tracks_of(body: Any) -> list[Any]:
    """Return the scans of a body, unread; only the frame around them is checked here."""
    tracks = body.get("tracks") if isinstance(body, dict) and set(body) == {"tracks"} else None
    if not isinstance(tracks, list) or not 0 < len(tracks) <= tracking.MAX_HEARD:
        fields.read(TracksShape, body)
    assert isinstance(tracks, list)
    return tracks


def _read(sent: Any) -> Heard | DomainError:
    try:
        return Heard(**fields.read(TrackShape, sent))
    except fields.ValidationFailed as refusal:
        return refusal


def _record(heard: list[Heard]) -> list[tracking.Outcome]:
    """Record parcels of orders; what they do not know may be a parcel of a case."""
    if not heard:
        return []
    at = timezone.now()
    outcomes = tracking.record(heard=heard, at=at)
    unknown = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, ParcelUnknown)]
    if unknown:
        found = aftersales.tracking.record(heard=[heard[n] for n in unknown], at=at)
        for number, outcome in zip(unknown, found, strict=True):
            outcomes[number] = outcome
    return outcomes


def _item(sent: Any, outcome: tracking.Outcome) -> dict[str, Any]:
    """Show what became of one scan."""
    names = {
        name: sent[name] if isinstance(sent, dict) and isinstance(sent.get(name), str) else None
        for name in ("carrier_code", "tracking_no")
    }
    if isinstance(outcome, tracking.Recorded):
        return {**names, "status": 200, "state": outcome.state, "repeated": outcome.repeated}
    shown = problem(outcome)
    return {**names, "status": shown["status"], "problem": shown}
