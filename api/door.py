"""The machines' door: what a signed request needs on its way in and out, and nothing that people need.

Sessions, cookies, forms and messages cost a signed order more than checking its signature.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.utils import translation

PREFIX = "/api/v1/"


class MachineHandler(WSGIHandler):
    """Django's handler with MACHINE_MIDDLEWARE in the place of MIDDLEWARE."""

    def load_middleware(self, is_async: bool = False) -> None:
        """Build the chain once, when the process starts and no other thread reads settings."""
        everything = settings.MIDDLEWARE
        settings.MIDDLEWARE = settings.MACHINE_MIDDLEWARE
        try:
            super().load_middleware(is_async)
        finally:
            settings.MIDDLEWARE = everything


class MachineAnswers:
    """Middleware: answers in the language that is asked for, and says how long they are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        language = _language(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
        translation.activate(language)
        response = self.get_response(request)
        response.headers["Content-Language"] = language
        response.headers["Vary"] = "Accept-Language"
        if not response.streaming:
            response.headers["Content-Length"] = str(len(response.content))
        return response


def at_the_door(people: WSGIHandler) -> Callable[[dict[str, Any], Any], Any]:
    """Return a WSGI application that lets machines in by their own door, and people by theirs."""
    machines = MachineHandler()

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        handler = machines if environ.get("PATH_INFO", "").startswith(PREFIX) else people
        return handler(environ, start_response)

    return application


@lru_cache(maxsize=1_000)
def _language(accepted: str) -> str:
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = accepted
    return translation.get_language_from_request(request)
