"""Checking that a callback is ours: Standard Webhooks, as docs/api/callbacks.md says."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from typing import cast

from huopan_client.types import Event

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300


class CallbackRefused(Exception):
    """The call is not from the platform, or is too old: answer 400 and do nothing."""


def verify(
    body: bytes, headers: Mapping[str, str], *secrets: str, now: float | None = None
) -> Event:
    """Return the event of a callback that one of the secrets signed.

    Give the body's bytes as they came, never parsed and written anew. While a secret is rotating,
    give both. Drop what you have by its `id`; of one object the greater `object_version` is the truth.

    :raises CallbackRefused: a header is missing, the time is more than 300 s off, or no signature fits.
    """
    named = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, timestamp = named["webhook-id"], named["webhook-timestamp"]
        given = [one.partition(",") for one in named["webhook-signature"].split()]
        age_seconds = (time.time() if now is None else now) - int(timestamp)
    except (KeyError, ValueError) as error:
        raise CallbackRefused("A header is missing or malformed.") from error
    if abs(age_seconds) > TOLERANCE_SECONDS:
        raise CallbackRefused(f"The call is {age_seconds:.0f} s off our time.")
    signed = f"{message_id}.{timestamp}.".encode() + body
    if not _fits(signed, [text for version, _comma, text in given if version == "v1"], secrets):
        raise CallbackRefused("No signature fits.")
    return cast(Event, json.loads(body))


def _fits(signed: bytes, given: Iterable[str], secrets: Iterable[str]) -> bool:
    expected = [
        base64.b64encode(
            hmac.new(base64.b64decode(secret.removeprefix(PREFIX)), signed, hashlib.sha256).digest()
        )
        for secret in secrets
    ]
    return any(hmac.compare_digest(one.encode(), ours) for one in given for ours in expected)
