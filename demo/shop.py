"""A small shop system: it signs requests as docs/api/signing.md says, and calls the API."""

import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import requests

PREFIX = "/api/v1"
ANSWER_SECONDS = 30
TRIES = 3


class Unexpected(Exception):
    """The server answered something else than what was expected."""


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    body: Any
    replayed: bool

    def expect(self, *statuses: int) -> "Answer":
        """Return the answer if it has one of these statuses.

        :raises Unexpected: it has another; the message holds the problem as the server told it.
        """
        if self.status not in statuses:
            raise Unexpected(f"{self.status}: {json.dumps(self.body, ensure_ascii=False)[:600]}")
        return self


@dataclass(frozen=True)
class Shop:
    """A distributor's shop with its key; one connection that is kept open, so one thread."""

    url: str
    key: str
    secret: str
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, query: str = "") -> Answer:
        """Read something."""
        return self._call("GET", path, query, b"")

    def post(self, path: str, body: object) -> Answer:
        """Do something."""
        return self._call("POST", path, "", json.dumps(body, ensure_ascii=False).encode())

    def _call(self, method: str, path: str, query: str, body: bytes) -> Answer:
        """Send a request; if the line breaks, again: no call of the API has a second effect."""
        for tries_left in reversed(range(TRIES)):
            try:
                return self._send(method, path, query, body)
            except requests.ConnectionError:
                if not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")

    def _send(self, method: str, path: str, query: str, body: bytes) -> Answer:
        said = self.session.request(
            method,
            self.url + PREFIX + path + (f"?{query}" if query else ""),
            data=body or None,
            # Signed anew for each try: a nonce is good for one.
            headers=self._headers(method, PREFIX + path, query, body),
            timeout=ANSWER_SECONDS,
            allow_redirects=False,
        )
        try:
            answered = said.json()
        except ValueError:
            answered = said.text
        return Answer(said.status_code, answered, said.headers.get("Idempotent-Replayed") == "true")

    def _headers(self, method: str, path: str, query: str, body: bytes) -> dict[str, str]:
        timestamp, nonce = str(int(time.time())), secrets.token_urlsafe(18)
        digest = hashlib.sha256(body).hexdigest()
        text = "\n".join((method, path, query, timestamp, nonce, digest))
        signature = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/json",
            "Huopan-Key": self.key,
            "Huopan-Timestamp": timestamp,
            "Huopan-Nonce": nonce,
            "Huopan-Signature": f"v1={signature}",
        }


def open_shop(url: str, key: str, secret: str) -> Shop:
    """Return a shop that calls the server itself, past any proxy of the environment."""
    shop = Shop(url.rstrip("/"), key, secret)
    shop.session.trust_env = False
    return shop
