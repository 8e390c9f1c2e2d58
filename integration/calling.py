"""Calling a partner's machine: one POST that can neither reach inside nor take longer than it may.

The address is resolved once, checked, and connected to as checked (microsoft-antissrf), so a name that
changes its mind meanwhile leads nowhere. Redirects are not followed and proxies not asked. A watch
over all calls of the process cuts the line of one that drips: timeouts of sockets begin anew with
every byte.
"""

import threading
import time
from contextlib import suppress
from functools import cache
from http import HTTPStatus
from typing import Any

import requests
from AntiSSRF import AntiSSRFError, AntiSSRFPolicy, PolicyConfigOptions
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from kit import values

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 2, 10, 15
MAX_ANSWER_BYTES = 64 * 1024
SHOWN_CHARACTERS = 200
WATCH_SECONDS = 0.5

# Why there was no answer.
REFUSED_ADDRESS, UNREACHABLE, UNTRUSTED = "address_refused", "unreachable", "certificate"
TIMEOUT, TOO_SLOW, BROKEN = "timeout", "too_slow", "broken"


class Answer(values.Value, frozen=True):
    """What came back: a status, or the error in its place; `answer` is how the body begins."""

    status: int | None
    error: str
    took_ms: int
    answer: str = ""
    retry_after_seconds: int | None = None

    @property
    def is_ok(self) -> bool:
        """Any 2xx acknowledges."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def came(self) -> bool:
        """Whether a machine answered at all."""
        return self.status is not None


class Caller:
    """Calls one endpoint, over a line that is kept while it is of use. For one thread at a time."""

    def __init__(self) -> None:
        policy: Any = _policy()
        self._session: requests.Session = policy.get_antissrf_session()
        self._session.trust_env = False
        for adapter in self._session.adapters.values():
            _watch_connections(adapter)

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def post(self, url: str, *, body: bytes, headers: dict[str, str]) -> Answer:
        """Send one body; never raises."""
        began = time.monotonic()
        call = _Call(began + TOTAL_SECONDS)
        _calls.begin(call)
        try:
            status, text, retry_after = self._post(url, body, headers, call)
            return Answer(status, "", _since(began), text, retry_after)
        except Exception as error:
            # Whatever the other side does, it is its failure and not ours.
            return Answer(None, TOO_SLOW if call.was_cut else _why(error), _since(began))
        finally:
            _calls.end(call)

    def _post(
        self, url: str, body: bytes, headers: dict[str, str], call: "_Call"
    ) -> tuple[int, str, int | None]:
        with self._session.post(
            url,
            data=body,
            headers=headers,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as response:
            if call.was_cut:
                # A line that is cut within the headers looks as if they had ended.
                raise requests.exceptions.Timeout
            return response.status_code, _beginning(response, call), _retry_after(response)


class _Call:
    """A call under way: until when it may take, and the line to cut then."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.connection: HTTPConnection | None = None
        self.was_cut = False

    def cut(self) -> None:
        self.was_cut = True
        line = self.connection.sock if self.connection is not None else None
        if line is not None:
            with suppress(OSError):
                line.shutdown(2)


class _Calls:
    """All calls of the process, and the thread that cuts those that take too long."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: set[_Call] = set()
        self._current = threading.local()
        self._watching = False

    @property
    def current(self) -> _Call | None:
        return getattr(self._current, "call", None)

    def begin(self, call: _Call) -> None:
        self._current.call = call
        with self._lock:
            self._under_way.add(call)
            if not self._watching:
                self._watching = True
                threading.Thread(target=self._watch, name="watch over calls", daemon=True).start()

    def end(self, call: _Call) -> None:
        self._current.call = None
        with self._lock:
            self._under_way.discard(call)

    def _watch(self) -> None:
        while True:
            time.sleep(WATCH_SECONDS)
            now = time.monotonic()
            with self._lock:
                late = [call for call in self._under_way if call.deadline < now]
                if not self._under_way:
                    self._watching = False
                    return
            for call in late:
                call.cut()


_calls = _Calls()


class _Watched:
    """A connection that shows itself to the call that uses it."""

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send a request."""
        if _calls.current is not None:
            _calls.current.connection = self  # type: ignore[assignment]
        super().request(*args, **kwargs)  # type: ignore[misc]


class _PlainConnection(_Watched, HTTPConnection):
    pass


class _SecureConnection(_Watched, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def _watch_connections(adapter: HTTPAdapter) -> None:
    pools: Any = {"http": _PlainPool, "https": _SecurePool}
    adapter.poolmanager.pool_classes_by_scheme = pools


@cache
def _policy() -> AntiSSRFPolicy:
    if settings.ALLOW_PRIVATE_CALLBACKS:
        policy = AntiSSRFPolicy(PolicyConfigOptions.NONE)
        policy.allow_plain_text_http = True
    else:
        policy = AntiSSRFPolicy(PolicyConfigOptions.EXTERNAL_ONLY_LATEST)
    policy.add_xff_header = False
    return policy


def _beginning(response: requests.Response, call: _Call) -> str:
    """Read the answer to its end, if that is near; otherwise the line is of no more use.

    The status has come by then, and stands.
    """
    read = b""
    with suppress(OSError, HTTPError):
        while len(read) < MAX_ANSWER_BYTES and not call.was_cut:
            part = response.raw.read1(MAX_ANSWER_BYTES - len(read))
            if not part:
                break
            read += part
        else:
            response.raw.close()
    return read[: SHOWN_CHARACTERS * 4].decode("utf-8", "replace")[:SHOWN_CHARACTERS]


def _retry_after(response: requests.Response) -> int | None:
    """Return the seconds asked for; a date is left to our own schedule."""
    asked = response.headers.get("Retry-After", "").strip()
    obeyed = response.status_code in (
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    )
    return int(asked) if obeyed and asked.isascii() and asked.isdigit() else None


def _why(error: Exception) -> str:
    if isinstance(error, AntiSSRFError):
        return REFUSED_ADDRESS
    if isinstance(error, requests.exceptions.SSLError):
        return UNTRUSTED
    if isinstance(error, requests.exceptions.Timeout):
        return TIMEOUT
    if isinstance(error, requests.exceptions.ConnectionError) and "timed out" in str(error):
        return TIMEOUT
    if isinstance(error, (requests.exceptions.ConnectionError, OSError)):
        return UNREACHABLE
    return BROKEN


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
