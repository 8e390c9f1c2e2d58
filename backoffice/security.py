"""Headers of the people's pages: nothing from outside, nothing inline, nothing kept by browsers."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PREFIXES = ("/accounts/", "/supplier/", "/portal/", "/join/", "/team/", "/switch-role/", "/i18n/")
MEDIA = "/media/"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        # The QR code of the two-step log-in comes as data.
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# What was uploaded is shown, never run.
MEDIA_POLICY = "default-src 'none'; img-src 'self'; sandbox"


class SecurityHeaders:
    """Middleware for the pages of suppliers and distributors, and for what they uploaded.

    The console and the API's documentation bring scripts of their own and are left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the headers added."""
        response = self.get_response(request)
        path = request.path_info
        if path == "/" or path.startswith(PREFIXES):
            response.headers["Content-Security-Policy"] = POLICY
            response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
            response.headers["Cache-Control"] = "no-store"
        elif path.startswith(MEDIA):
            response.headers["Content-Security-Policy"] = MEDIA_POLICY
        return response
