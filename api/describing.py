"""How views describe themselves to OpenAPI; problems and signatures are added to all alike."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema

from api import (
    aftersale_examples,
    book_examples,
    catalogue_examples,
    claim_examples,
    examples,
    fields,
    money_examples,
    signing,
    supplier_examples,
)
from api.answers import Answer, ProblemAnswer
from api.codes import CODES
from api.errors import MEDIA_TYPE, TYPE

Handler = TypeVar("Handler", bound=Callable[..., Any])

# What may be refused everywhere, wherever there is a body, and wherever there are fields.
EVERYWHERE = ("internal_error", "busy")
SIGNED_CALLS = (
    "signature_invalid",
    "timestamp_skew",
    "nonce_reused",
    "ip_not_allowed",
    "side_not_allowed",
    "scope_missing",
    "rate_limited",
)
WITH_A_PICTURE = ("length_required", "body_too_large", "content_encoding_unsupported")
WITH_A_BODY = (
    "json_malformed",
    "json_duplicate_key",
    "json_number_not_whole",
    "json_too_deep",
    "length_required",
    "body_too_large",
    "content_type_unsupported",
    "content_encoding_unsupported",
)
# What stands in the place of a parameter of an address.
IN_ADDRESSES = {
    "bill_no": supplier_examples.BILL_NO,
    "case_no": aftersale_examples.CASE_NO,
    "claim_no": claim_examples.CLAIM_NO,
    "cancellation_no": examples.CANCELLATION_NO,
    "date": book_examples.DATE,
    "export_id": catalogue_examples.EXPORT_ID,
    "hold_id": examples.HOLD_ID,
    "item_no": examples.ITEM_NO,
    "order_no": examples.ORDER_NO,
    "out_order_no": examples.OUT_ORDER_NO,
    "recharge_no": money_examples.RECHARGE_NO,
    "reconciliation_id": book_examples.RECONCILIATION_ID,
    "shipment_id": supplier_examples.SHIPMENT_ID,
    "withdrawal_no": money_examples.WITHDRAWAL_NO,
}
REQUEST_ID = "5f3c9a1e7b2d4c60"


def operation(
    name: str,
    *,
    summary: str | Promise,
    tag: str,
    answer: type[Answer] | OpenApiTypes,
    example: Mapping[str, Any] | str,
    media_type: str = "application/json",
    description: str | Promise = "",
    status: int = 200,
    also: Mapping[int, type[Answer]] | None = None,
    also_examples: Mapping[int, Mapping[str, Any]] | None = None,
    body: type[fields.Shape] | None = None,
    request_example: Mapping[str, Any] | None = None,
    query: type[fields.Shape] | None = None,
    any_query: bool = False,
    pictures: tuple[str, ...] = (),
    problems: tuple[str, ...] = (),
) -> Callable[[Handler], Handler]:
    """Describe a view's method. Both examples are tried out against the server by the tests.

    Without a `query` the method is refused any parameter, unless it takes whatever comes. A body of
    `pictures` is a picture as it is, of one of these types.
    """
    taken: dict[str, Any] = {"application/json": body} if body else {}
    taken |= dict.fromkeys(pictures, OpenApiTypes.BINARY)
    shown = [
        OpenApiExample(
            "answer",
            example,
            response_only=True,
            status_codes=[str(status)],
            media_type=media_type,
        )
    ]
    shown += [
        OpenApiExample(f"answer {other}", value, response_only=True, status_codes=[str(other)])
        for other, value in (also_examples or {}).items()
    ]
    if request_example is not None:
        shown.append(OpenApiExample("request", request_example, request_only=True))

    def describe(handler: Handler) -> Handler:
        handler.problem_codes = problems  # type: ignore[attr-defined]
        handler.takes_pictures = bool(pictures)  # type: ignore[attr-defined]
        handler.takes_parameters = any_query or query is not None  # type: ignore[attr-defined]
        described = extend_schema(
            operation_id=name,
            summary=summary,
            description=description,
            tags=[tag],
            request=taken or None,
            responses={(status, media_type): answer, **(also or {})},
            parameters=[query] if query else [],
            examples=shown,
        )
        return described(handler)

    return describe


class Schema(AutoSchema):
    """Adds what holds for every operation."""

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Name the signature where one is needed."""
        return super().get_auth() if self._is_signed else []

    def get_description(self) -> str:  # type: ignore[override]
        """Docstrings are for authors; readers have what `operation` says, in their language."""
        return ""

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """Name objects by what they are, not by how we write them."""
        name: str = super().get_serializer_name(serializer, direction)
        return name.removesuffix("Answer").removesuffix("Shape")

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(  # type: ignore[no-untyped-call]
            serializer, direction
        )
        schema.pop("description", None)
        if isinstance(serializer, fields.Shape):
            schema["additionalProperties"] = False
        return schema

    def _is_list_view(self, serializer: Any = None) -> bool:  # noqa: ARG002
        """No list stands bare: pages are objects."""
        return False

    def _get_parameters(self) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super()._get_parameters()
        for parameter in parameters:
            if parameter["in"] == "path":
                parameter["example"] = IN_ADDRESSES[parameter["name"]]
        return parameters

    def _insert_field_validators(self, field: Any, schema: dict[str, Any]) -> None:
        """Add what validators say; of a text all is said."""
        if not isinstance(field, fields.Text):
            super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        schema = self.resolve_serializer(ProblemAnswer, "response").ref
        for status, codes in self._problems().items():
            shown = {code: {"value": _problem_example(code)} for code in codes}
            bodies[str(status)] = {
                "description": " / ".join(str(CODES[code].cause) for code in codes),
                "content": {MEDIA_TYPE: {"schema": schema, "examples": shown}},
            }
        return dict(sorted(bodies.items()))

    @property
    def _is_signed(self) -> bool:
        view: Any = self.view
        return not view.is_public(self.method)

    def _problems(self) -> dict[int, list[str]]:
        handler = getattr(self.view, self.method.lower())
        codes = [*handler.problem_codes, *EVERYWHERE]
        has_body = self.get_request_serializer() is not None
        if self._is_signed:
            codes += SIGNED_CALLS
        if has_body:
            codes += WITH_A_PICTURE if handler.takes_pictures else WITH_A_BODY
        if has_body or self.get_override_parameters() or not handler.takes_parameters:
            codes.append("validation_failed")
        if any(p.get("name") == "after" for p in self._get_parameters()):
            codes.append("cursor_invalid")
        if "{" in self.path:
            codes.append("not_found")
        by_status: dict[int, list[str]] = {}
        for code in codes:
            by_status.setdefault(CODES[code].status, []).append(code)
        return by_status


class SignatureScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Four headers that are sent together."""

    target_class = "api.signing.SignatureAuthentication"
    name = ["HuopanKey", "HuopanTimestamp", "HuopanNonce", "HuopanSignature"]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:  # noqa: ARG002
        """Describe the headers."""
        texts = {
            signing.KEY: _("The public id of your key."),
            signing.TIMESTAMP: _("Seconds since 1970; within 300 s of our time."),
            signing.NONCE: _("16 to 64 letters, digits, - and _; new for every request."),
            signing.SIGNATURE: _(
                "v1= and the lower-case hex of HMAC-SHA256, by your secret, over six lines joined"
                " by \\n: method, raw path, raw query, timestamp, nonce, hex SHA-256 of the body."
            ),
        }
        return [
            {"type": "apiKey", "in": "header", "name": name, "description": str(text)}
            for name, text in texts.items()
        ]


class TextField(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Shows the whole rule of a text."""

    target_class = fields.Text
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:  # noqa: ARG002
        """Return its JSON schema."""
        field: fields.Text = self.target
        shown: dict[str, Any] = {"type": "string", "maxLength": field.max_length}
        if not field.allow_blank:
            shown["minLength"] = 1
        return {**shown, "pattern": field.pattern}


def _problem_example(code: str) -> dict[str, Any]:
    entry = CODES[code]
    return {
        "type": TYPE + code,
        "title": str(entry.cause),
        "status": entry.status,
        "code": code,
        "detail": str(entry.cause),
        "retryable": entry.retryable,
        "values": {},
        "errors": [],
        "request_id": REQUEST_ID,
    }
