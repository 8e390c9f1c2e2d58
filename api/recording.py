"""What each request leaves behind for its caller's log: references, read when nobody waits.

Both doors end here (docs/adr/0013): a view hands its answer over once it is rendered.
"""

import logging
import time
from functools import lru_cache
from re import compile as pattern
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api import callers, signing
from api.callers import Signer
from integration.recording import RECORDER
from integration.request_log import KEPT_BYTES, Call

logger = logging.getLogger(__name__)

PREFIX = "api/v1/"
EVENTS = ("GET /events", "GET /supplier/events")
UNKNOWN_ROUTE = "?"
MAX_TARGET = 2_000
MAX_HEADER = 300
HEADERS = (
    signing.KEY, signing.TIMESTAMP, signing.NONCE, signing.SIGNATURE, "Content-Type", "User-Agent",
    "Accept-Language",
)  # fmt: skip
_PARAMETER = pattern(r"<(?:\w+:)?(\w+)>")


def note(view: Any, response: HttpResponseBase) -> None:
    """Leave a request and its answer with the recorder; whatever happens, the answer stands."""
    try:
        _note(view, response)
    except Exception:
        logger.exception("request %s was not recorded", view.request_id)


def _note(view: Any, response: HttpResponseBase) -> None:
    request: HttpRequest = view.request._request
    user = view.request.__dict__.get("_user")
    status = response.status_code
    took_us = int((time.perf_counter() - view.begun) * 1_000_000)
    if isinstance(user, Signer):
        _note_signed(view, request, response, user, took_us)
    elif status >= 400:
        _note_refused(view, request, response, took_us)


def _note_signed(
    view: Any, request: HttpRequest, response: HttpResponseBase, caller: Signer, took_us: int
) -> None:
    route, now, status = _route_of(request), time.time(), response.status_code
    code = _code(response) if status >= 400 else ""
    is_wanted = RECORDER.count(
        partner_pk=caller.partner_pk,
        key_pk=caller.key_pk,
        route=route,
        status=status,
        code=code,
        took_us=took_us,
        now=now,
    )
    if route in EVENTS and status == 200:
        _note_position(view, response, caller, now)
    if is_wanted:
        found = _call(view, request, response, route, code, took_us, now)
        RECORDER.keep(
            found._replace(
                partner_pk=caller.partner_pk,
                key_pk=caller.key_pk,
                address=caller.address,
                string_to_sign=caller.string_to_sign,
            )
        )


def _note_refused(
    view: Any, request: HttpRequest, response: HttpResponseBase, took_us: int
) -> None:
    """Note an error of somebody who only says whose key it is."""
    public_id = request.headers.get(signing.KEY, "")
    if not signing.FORMS[signing.KEY].fullmatch(public_id):
        return
    found = _call(
        view, request, response, _route_of(request), _code(response), took_us, time.time()
    )
    known = callers.peek(public_id)
    if known is None:
        RECORDER.keep_unproven(public_id, found)
    else:
        credentials = known.credentials
        RECORDER.keep_proven(
            found._replace(partner_pk=credentials.partner_pk, key_pk=credentials.key_pk)
        )


def _note_position(view: Any, response: Any, caller: Signer, now: float) -> None:
    items = response.data["items"]
    after = view.request.query_params.get("after") or 0
    seq = items[-1]["seq"] if items else int(after)
    RECORDER.note_position(partner_pk=caller.partner_pk, key_pk=caller.key_pk, seq=seq, now=now)


def _call(
    view: Any,
    request: HttpRequest,
    response: HttpResponseBase,
    route: str,
    code: str,
    took_us: int,
    now: float,
) -> Call:
    path, query = signing.raw_target(request)
    sent = getattr(request, "_body", b"")
    answered = getattr(response, "content", b"")
    return Call(
        partner_pk=0,
        key_pk=0,
        at=now,
        request_id=view.request_id,
        method=str(request.method),
        target=(f"{path}?{query}" if query else path)[:MAX_TARGET],
        route=route,
        numbers=_numbers(request),
        status=response.status_code,
        code=code,
        took_us=took_us,
        address=signing.client_address(request),
        sent=_kept(sent, request.META.get("CONTENT_TYPE", "")),
        sent_bytes=len(sent),
        answered=_kept(answered, response.headers.get("Content-Type", "")),
        answered_bytes=len(answered),
        string_to_sign=_string_to_sign(response),
        headers={
            name: request.headers[name][:MAX_HEADER] for name in HEADERS if name in request.headers
        },
    )


def _kept(body: bytes, media_type: str) -> bytes:
    """Return the beginning of a text; files are not kept."""
    is_text = not media_type or "json" in media_type or media_type.startswith("text/")
    return body[:KEPT_BYTES] if is_text else b""


def _route_of(request: HttpRequest) -> str:
    match = request.resolver_match
    return _route(str(request.method), match.route if match else "")


@lru_cache(maxsize=1_000)
def _route(method: str, route: str) -> str:
    """Name a route as the documentation does: `POST /orders/{order_no}/receipt`."""
    if not route.startswith(PREFIX):
        return UNKNOWN_ROUTE
    named = _PARAMETER.sub(r"{\1}", route.removeprefix(PREFIX))
    return f"{method} /{named}"


def _numbers(request: HttpRequest) -> tuple[str, ...]:
    match = request.resolver_match
    return tuple(str(value)[:64] for value in match.kwargs.values()) if match else ()


def _code(response: HttpResponseBase) -> str:
    data = getattr(response, "data", None)
    return str(data.get("code", ""))[:48] if isinstance(data, dict) else ""


def _string_to_sign(response: HttpResponseBase) -> str:
    """Return what a refused signature was compared with."""
    data = getattr(response, "data", None)
    values = data.get("values") if isinstance(data, dict) else None
    return str(values.get("string_to_sign", "")) if isinstance(values, dict) else ""
