"""Signing requests as docs/api/signing.md says."""

import hashlib
import hmac
import secrets
import time

NONCE_BYTES = 18


def headers(*, key: str, secret: str, method: str, target: str, body: bytes) -> dict[str, str]:
    """Return the four headers of a request; a nonce is good for one, so sign every try anew."""
    timestamp, nonce = str(int(time.time())), secrets.token_urlsafe(NONCE_BYTES)
    return {
        "Huopan-Key": key,
        "Huopan-Timestamp": timestamp,
        "Huopan-Nonce": nonce,
        "Huopan-Signature": signature(
            secret=secret,
            method=method,
            target=target,
            timestamp=timestamp,
            nonce=nonce,
            body=body,
        ),
    }


def signature(
    *, secret: str, method: str, target: str, timestamp: str, nonce: str, body: bytes
) -> str:
    """Sign a request; `target` is path and query as they stand in the request line."""
    path, _mark, query = target.partition("?")
    digest = hashlib.sha256(body).hexdigest()
    text = "\n".join((method, path, query, timestamp, nonce, digest))
    return "v1=" + hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
