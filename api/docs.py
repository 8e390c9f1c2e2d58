"""The API explained by the server itself: its schema, a page to read it, and a page of codes."""

import json
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request
from rest_framework.response import Response

from api.codes import CODES
from api.scopes import PUBLIC
from api.views import ApiView, JSONRenderer

# Everything these pages need comes from here; Swagger UI styles its elements itself.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


class OpenApi(ApiView):
    """The schema."""

    scopes = {"GET": PUBLIC}
    schema = None  # type: ignore[assignment]

    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Read the OpenAPI 3 description of this API, in the language of Accept-Language."""
        response = Response(schema(translation.get_language() or ""))
        response["Cache-Control"] = "no-cache"
        return response


@lru_cache(maxsize=8)
def schema(language: str) -> dict[str, Any]:
    """Return the OpenAPI description in a language; it does not change while the server runs."""
    with translation.override(language):
        generator: Any = SchemaGenerator()  # type: ignore[no-untyped-call]
        found: dict[str, Any] = generator.get_schema(request=None, public=True)
        # Rendered once, every text is in this language for good.
        rendered: dict[str, Any] = json.loads(JSONRenderer().render(found))
    return rendered


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Show every operation, and how requests are signed."""
    return _page(request, "api/reference.html", {})


@require_safe
def codes(request: HttpRequest) -> HttpResponse:
    """Show what every code means; problems link here."""
    return _page(request, "api/codes.html", {"codes": CODES})


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response
