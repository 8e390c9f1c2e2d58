"""What all views of this door share: who may call, how often, and how answers are written."""

import secrets
import time
from typing import Any, ClassVar

import msgspec
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api import describing, fields, limiting, recording, signing
from api.callers import Caller, Signer
from api.errors import MethodNotAllowed
from api.scopes import PUBLIC, method_of
from api.signing import SignatureAuthentication
from integration.models import Side
from kit.errors import DomainError, NotFound


class RouteUnknown(DomainError):
    code = "route_unknown"
    text = _("There is no {path} here.")


class AnswersInJSON(BaseContentNegotiation):
    """One form of answer, whatever is asked for."""

    def select_parser(self, request: Request, parsers: Any) -> BaseParser | None:
        """Take the parser for what the request says it sends."""
        sent = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == sent), None)

    def select_renderer(
        self,
        request: Request,  # noqa: ARG002
        renderers: Any,
        format_suffix: str | None = None,  # noqa: ARG002
    ) -> tuple[BaseRenderer, str]:
        """Take the only one."""
        return renderers[0], renderers[0].media_type


class JSONRenderer(BaseRenderer):
    """Writes answers as compact JSON in UTF-8."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "text"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,  # noqa: ARG002
        renderer_context: Any = None,  # noqa: ARG002
    ) -> bytes:
        """Return the bytes; an answer without content has none."""
        return b"" if data is None else _ENCODER.encode(data)


class ApiView(APIView):
    """A resource of the API. `scopes` declares every method it knows, or it does not start."""

    scopes: ClassVar[dict[str, str]] = {}
    # Whose keys work here.
    side: ClassVar[Side] = Side.DISTRIBUTOR
    max_body_bytes: ClassVar[int] = signing.MAX_BODY_BYTES

    renderer_classes = [JSONRenderer]
    content_negotiation_class = AnswersInJSON
    schema = describing.Schema()

    request_id = ""
    begun = 0.0
    _allowance: limiting.Allowance | None = None

    @property
    def caller(self) -> Caller:
        """The distributor's key that signed the request."""
        user: Any = self.request.user
        caller: Caller = user
        return caller

    @classmethod
    def is_public(cls, method: str) -> bool:
        """Tell whether everybody may call, without a signature."""
        return cls.scopes.get(method) == PUBLIC

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Give the request a name by which both sides can speak of it."""
        super().setup(request, *args, **kwargs)
        self.request_id = secrets.token_hex(8)
        self.begun = time.perf_counter()

    def get_authenticators(self) -> list[Any]:
        """Ask for a signature but where everybody may call."""
        request: HttpRequest | None = getattr(self, "request", None)
        is_public = request is not None and self.is_public(method_of(request))
        return [] if is_public else [SignatureAuthentication()]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, leave a note of it for the distributor's log, and let go of everything at once.

        View, request and answer know each other. Left to the garbage collector, the bodies of a
        thousand requests stay in memory, and each new one is read into memory that is cold.
        """
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        if not isinstance(response, Response):
            recording.note(self, response)
            return response
        response.render()
        recording.note(self, response)
        response.renderer_context.clear()  # type: ignore[attr-defined]
        self.request.parser_context.clear()
        del self.response
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check who calls, how often, and whether this key may."""
        self.perform_authentication(request)
        if isinstance(request.user, Signer):
            self._take_allowance(request.user)
        self.check_permissions(request)
        self._refuse_parameters(request)
        # No number holds a zero, and PostgreSQL takes none in a text.
        if any("\0" in str(number) for number in (*args, *kwargs.values())):
            raise NotFound

    def http_method_not_allowed(  # type: ignore[override]
        self,
        request: Request,
        *args: Any,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> Response:
        """Refuse what the view has no method for."""
        raise MethodNotAllowed(method=request.method)

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Headers of every answer: it concerns this caller alone."""
        headers = {"Cache-Control": "no-store", "Huopan-Request-Id": self.request_id}
        return headers | self._allowance.headers if self._allowance else headers

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Add the headers that are known only now."""
        if response.status_code == 405:
            response["Allow"] = ", ".join(self.scopes)
        own = self.default_response_headers
        self.headers = {name: value for name, value in own.items() if name not in response}
        return super().finalize_response(request, response, *args, **kwargs)

    def _refuse_parameters(self, request: Request) -> None:
        """Refuse a query where none is read, as every unknown field is refused."""
        handler = getattr(self, method_of(request).lower(), None)
        if request.query_params and not getattr(handler, "takes_parameters", True):
            fields.read_query(fields.Shape, request.query_params)

    def _take_allowance(self, caller: Signer) -> None:
        passage = caller.passage
        self._allowance = passage.allowance
        if not passage.allowed:
            raise limiting.RateLimited(
                limit=self._allowance.limit,
                retry_after_seconds=max(1, self._allowance.reset_seconds),
            )


class UnknownRoute(ApiView):
    """Answers every address that no other view knows, whoever asks."""

    http_method_names = []
    permission_classes = []
    schema = None  # type: ignore[assignment]

    def get_authenticators(self) -> list[Any]:
        """Ask for no signature."""
        return []

    def http_method_not_allowed(  # type: ignore[override]
        self,
        request: Request,
        *args: Any,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> Response:
        """Say that there is nothing."""
        raise RouteUnknown(path=request.path)


def _encode(value: object) -> str:
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(type(value))


_ENCODER = msgspec.json.Encoder(enc_hook=_encode)
