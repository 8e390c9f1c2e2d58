"""Call the distributor API. Python 3.9 or newer, nothing to install."""

# ruff: noqa: S310, T201
import hashlib
import hmac
import os
import secrets
import time
import urllib.request


def call(method: str, path: str, query: str = "", body: bytes = b"") -> str:
    """Sign and send; return the answer's text."""
    timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
    digest = hashlib.sha256(body).hexdigest()
    text = "\n".join([method, path, query, timestamp, nonce, digest])
    secret = os.environ["HUOPAN_SECRET"].encode()
    headers = {
        "Huopan-Key": os.environ["HUOPAN_KEY"],
        "Huopan-Timestamp": timestamp,
        "Huopan-Nonce": nonce,
        "Huopan-Signature": "v1=" + hmac.new(secret, text.encode(), hashlib.sha256).hexdigest(),
        "Content-Type": "application/json",
    }
    url = os.environ["HUOPAN_URL"] + path + ("?" + query if query else "")
    request = urllib.request.Request(url, body or None, headers, method=method)
    return str(urllib.request.urlopen(request).read().decode())


print(call("POST", "/api/v1/auth/echo", "q=%E8%8C%B6", '{"name": "茶"}'.encode()))
