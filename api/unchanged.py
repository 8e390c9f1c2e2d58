"""Answers that may not have changed: an ETag of what they say, and 304 for who has it already."""

import hashlib
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.request import Request

from api.views import JSONRenderer

TAG_CHARACTERS = 32


def page(request: Request, shown: dict[str, Any]) -> HttpResponseBase:
    """Answer a page of a list; its cursor is sealed anew each time, and says nothing of its own."""
    items, following = _json(shown["items"]), _json(shown["next"])
    has_more = b"." if shown["next"] is None else b"+"
    return _answer(request, b'{"items":%b,"next":%b}' % (items, following), items + has_more)


def document(request: Request, shown: dict[str, Any]) -> HttpResponseBase:
    """Answer one object."""
    body = _json(shown)
    return _answer(request, body, body)


def _answer(request: Request, body: bytes, says: bytes) -> HttpResponseBase:
    tag = f'"{hashlib.sha256(says).hexdigest()[:TAG_CHARACTERS]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    whole = HttpResponse(body, content_type=JSONRenderer.media_type, headers=headers)
    found: HttpResponseBase | None = get_conditional_response(
        request._request, etag=tag, response=whole
    )
    return found or whole


def _json(value: Any) -> bytes:
    return JSONRenderer().render(value) if value is not None else b"null"
