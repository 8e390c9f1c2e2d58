"""Signing requests, as partners do and we check: the headers, the string, the signature.

The string is taken from the request exactly as it arrived; nothing is decoded, re-ordered or
stripped (docs/api/signing.md).
"""

import hashlib
import hmac
import re

WINDOW_SECONDS = 300

KEY = "Huopan-Key"
TIMESTAMP = "Huopan-Timestamp"
NONCE = "Huopan-Nonce"
SIGNATURE = "Huopan-Signature"
FORMS = {
    KEY: re.compile(r"[A-Za-z0-9_]{1,40}"),
    TIMESTAMP: re.compile(r"[0-9]{1,12}"),
    NONCE: re.compile(r"[A-Za-z0-9_-]{16,64}"),
    SIGNATURE: re.compile(r"v1=[0-9a-f]{64}"),
}


def string_to_sign(
    *, method: str, path: str, query: str, timestamp: str, nonce: str, body: bytes
) -> str:
    """Return what is signed: path and query raw, as they stand in the request line.

    >>> string_to_sign(
    ...     method="GET", path="/api/v1/deposit", query="", timestamp="1", nonce="n", body=b""
    ... ).splitlines()[:3]
    ['GET', '/api/v1/deposit', '']
    """
    digest = hashlib.sha256(body).hexdigest()
    return "\n".join([method, path, query, timestamp, nonce, digest])


def sign(secret: bytes, text: str) -> str:
    """Return the value of the signature header."""
    # Raw bytes of a request line reach us as latin-1 text.
    return "v1=" + hmac.new(secret, text.encode("latin-1"), hashlib.sha256).hexdigest()
