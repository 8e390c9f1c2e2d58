"""How a refusal looks from outside: RFC 9457 `application/problem+json`, and nothing of the inside."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from api.codes import CODES, Entry
from api.parsing import JsonMalformed
from kit.errors import DomainError, NotFound
from kit.times import rfc3339

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE = "/api/docs/errors#"
BUSY_SECONDS = 1
UNLISTED = Entry(409, False, "", "")
# Classes of SQLSTATE in which the same statement may well succeed later: connection, resources,
# operator's intervention, rolled back; and one state: a lock that was not to be had.
_PASSING = ("08", "53", "57", "40", "55P03")

Document = dict[str, Any]


class MethodNotAllowed(DomainError):
    code = "method_not_allowed"
    text = _("{method} is not allowed here.")


class ContentTypeUnsupported(DomainError):
    code = "content_type_unsupported"
    text = _("The body must be application/json.")


class BodyUnreadable(DomainError):
    code = "body_unreadable"
    text = _("The body did not arrive as announced.")


class Busy(DomainError):
    code = "busy"
    text = _("We cannot serve this just now; try again in {retry_after_seconds} s.")


class InternalError(DomainError):
    code = "internal_error"
    text = _("Something went wrong with us; we have been told of request {request_id}.")


def handle(error: Exception, context: Mapping[str, Any]) -> Response:
    """Answer an exception that a view let out."""
    view = context.get("view")
    request_id = getattr(view, "request_id", "")
    refusal = _refusal(error)
    if refusal is None:
        logger.error("request %s failed", request_id, exc_info=error)
        refusal = InternalError(request_id=request_id)
    if isinstance(refusal, Busy):
        logger.warning("request %s was put off: %s", request_id, error)
    headers = {}
    if "retry_after_seconds" in refusal.values:
        headers["Retry-After"] = str(refusal.values["retry_after_seconds"])
    shown = problem(refusal, request_id=request_id)
    if shown["status"] == 401:
        headers["WWW-Authenticate"] = "Huopan-Signature"
    return Response(shown, shown["status"], headers=headers, content_type=MEDIA_TYPE)


def problem(refusal: DomainError, *, request_id: str = "") -> Document:
    """Show a refusal; its `causes` as `errors`, or itself where it is about one place."""
    entry = CODES.get(refusal.code, UNLISTED)
    causes = refusal.causes or ((refusal,) if refusal.pointer else ())
    shown = {
        "type": TYPE + refusal.code,
        "title": str(entry.cause),
        "status": entry.status,
        "code": refusal.code,
        "detail": str(refusal),
        "retryable": entry.retryable,
        "values": _plain(refusal.values),
        "errors": [
            {
                "pointer": cause.pointer,
                "code": cause.code,
                "detail": str(cause),
                "values": _plain(cause.values),
            }
            for cause in causes
        ],
    }
    return shown | {"request_id": request_id} if request_id else shown


def _refusal(error: Exception) -> DomainError | None:
    """Return what we say of an exception, or None if it is a bug of ours."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, Http404):
        return NotFound()
    if isinstance(error, exceptions.UnsupportedMediaType):
        return ContentTypeUnsupported()
    if isinstance(error, exceptions.ParseError):
        return JsonMalformed(reason=str(error.detail))
    if isinstance(error, UnreadablePostError):
        return BodyUnreadable()
    return Busy(retry_after_seconds=BUSY_SECONDS) if _passes(error) else None


def _passes(error: Exception) -> bool:
    """Tell whether it is only that the database is busy or away."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.__cause__, "pgcode", None)
    # Without a state: the connection could not be made, or broke.
    return state is None or state.startswith(_PASSING)


def _plain(value: Any) -> Any:
    """Return values as JSON can carry them."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Promise) or not isinstance(value, (str, int, bool, type(None))):
        return str(value)
    return value
