"""One HTTP connection a thread, kept while it is of use; proxies are not asked, redirects not followed."""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

# A line that was idle for longer may be closed at the other end just when we send.
KEPT_SECONDS = 1.0


class NotConnected(Exception):
    """No connection could be made; nothing was sent."""


class NoAnswer(Exception):
    """The request was sent, and the line broke, or nothing came in time."""


@dataclass(frozen=True)
class Answer:
    """What the platform said: `body` read as JSON or as text, of anything else the bytes."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def is_replayed(self) -> bool:
        """Whether the platform knew the request already, and only answered it again."""
        return self.headers.get("idempotent-replayed") == "true"

    @property
    def retry_after_seconds(self) -> float | None:
        """How long to wait before trying again, if the platform says so."""
        said = self.headers.get("retry-after", "")
        return float(said) if said.isdigit() else None


class Transport:
    """Sends requests to one server; any number of threads may share it."""

    def __init__(self, url: str, *, timeout_seconds: float) -> None:
        address = urlsplit(url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError(f"{url} is no http or https address.")
        self.path = address.path.rstrip("/")
        self._kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        self._host, self._port = address.hostname, address.port
        self._timeout_seconds = timeout_seconds
        self._lines = threading.local()

    def send(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        """Send one request and return its answer.

        :raises NotConnected: nothing was sent.
        :raises NoAnswer: it was sent.
        """
        line = self._line()
        try:
            line.request(method, target, body, dict(headers))
            response = line.getresponse()
            content = response.read()
        except (OSError, HTTPException) as error:
            self.close()
            raise NoAnswer(repr(error)) from error
        self._lines.used_at = time.monotonic()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, _read(content, named))

    def close(self) -> None:
        """Hang up this thread's line."""
        line: HTTPConnection | None = getattr(self._lines, "line", None)
        self._lines.line = None
        if line is not None:
            line.close()

    def _line(self) -> HTTPConnection:
        line: HTTPConnection | None = getattr(self._lines, "line", None)
        if line is not None and time.monotonic() - self._lines.used_at < KEPT_SECONDS:
            return line
        self.close()
        line = self._kind(self._host, self._port, timeout=self._timeout_seconds)
        try:
            line.connect()
        except OSError as error:
            raise NotConnected(f"{self._host}: {error}") from error
        self._lines.line, self._lines.used_at = line, time.monotonic()
        return line


def _read(content: bytes, headers: Mapping[str, str]) -> Any:
    media_type = headers.get("content-type", "")
    if "json" not in media_type and not media_type.startswith("text/"):
        return content
    text = content.decode(errors="replace")
    if "json" not in media_type:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
