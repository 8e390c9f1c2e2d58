"""What does not change from call to call: limits, codes, carriers, regions, reasons."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from api import describing, intake, meta_examples, pages, signing
from api.batches import MAX_BATCH_BYTES
from api.codes import CODES
from api.errors import TYPE
from api.lookups import MAX_PRODUCTS, MAX_SKUS
from api.meta_answers import CarriersAnswer, CodesAnswer, LimitsAnswer, ReasonsAnswer, RegionsAnswer
from api.parsing import MAX_DEPTH
from api.scopes import PUBLIC
from api.views import ApiView
from companies import policies
from kit import languages
from kit.times import rfc3339
from orders import requests
from orders.carriers import CARRIERS
from orders.reasons import REASONS
from supplychain import exporting, selecting
from supplychain.regions import PROVINCES


class Limits(ApiView):
    """How much is allowed."""

    scopes = {"GET": PUBLIC}

    @describing.operation(
        "meta_limits",
        summary=_("Read every limit."),
        tag="meta",
        description=_("A request counts as one, however many orders or skus it holds."),
        answer=LimitsAnswer,
        example=meta_examples.LIMITS,
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Read every limit. One request counts as one, however many orders or skus it holds."""
        decided = policies.read()
        now = timezone.now()
        return Response(
            {
                "server_time": rfc3339(now),
                "server_timestamp": int(now.timestamp()),
                "requests_per_minute": settings.API_RATE_PER_MINUTE,
                "signature_window_seconds": signing.WINDOW_SECONDS,
                "body_bytes": signing.MAX_BODY_BYTES,
                "batch_body_bytes": MAX_BATCH_BYTES,
                "json_depth": MAX_DEPTH,
                "page_items": pages.MAX_LIMIT,
                "batch_orders": requests.MAX_BATCH,
                "order_lines": requests.MAX_LINES,
                "line_quantity": requests.MAX_QUANTITY,
                "order_total_fen": requests.MAX_TOTAL_FEN,
                "lookup_products": MAX_PRODUCTS,
                "lookup_skus": MAX_SKUS,
                "selection_products": selecting.MAX_AT_ONCE,
                "catalogue_file_days": exporting.KEPT_DAYS,
                "remark_characters": intake.MAX_REMARK,
                "quote_minutes": decided.quote_minutes,
                "hold_minutes": decided.hold_minutes,
                "hold_extensions": decided.hold_extensions,
                "open_holds": decided.open_holds_limit,
                "wait_for_funds_hours": decided.wait_for_funds_hours,
                "events_kept_days": decided.events_kept_days,
                "applications": decided.allowed_applications,
            }
        )


class Codes(ApiView):
    """What the codes of problems mean."""

    scopes = {"GET": PUBLIC}

    @describing.operation(
        "meta_errors",
        summary=_("Read what every code means, and what to do."),
        tag="meta",
        answer=CodesAnswer,
        example=meta_examples.CODES_LISTED,
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Read every code with its status, its cause and what to do."""
        return Response({"items": [_code(code) for code in CODES]})


class Carriers(ApiView):
    """Who carries parcels."""

    scopes = {"GET": PUBLIC}

    @describing.operation(
        "meta_carriers",
        summary=_("Read the carriers that carrier_code may name."),
        tag="meta",
        answer=CarriersAnswer,
        example=meta_examples.CARRIERS_LISTED,
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Read the carriers that `carrier_code` may name."""
        items = [
            {
                "code": carrier.code,
                "name": _local(carrier.name, carrier.english),
                "pattern": carrier.pattern,
            }
            for carrier in CARRIERS
        ]
        return Response({"items": items})


class Regions(ApiView):
    """Where goods go."""

    scopes = {"GET": PUBLIC}

    @describing.operation(
        "meta_regions",
        summary=_("Read the provinces."),
        tag="meta",
        description=_("Orders may name them by code, full or short name."),
        answer=RegionsAnswer,
        example=meta_examples.REGIONS_LISTED,
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Read the provinces by national code; orders may name them by code, full or short name."""
        items = [
            {"code": code, "province": name, "name": _local(name, english)}
            for code, name, english in PROVINCES
        ]
        return Response({"items": items})


class Reasons(ApiView):
    """Why orders are cancelled and cases opened."""

    scopes = {"GET": PUBLIC}

    @describing.operation(
        "meta_reasons",
        summary=_("Read the reasons for cancellations and cases."),
        tag="meta",
        answer=ReasonsAnswer,
        example=meta_examples.REASONS_LISTED,
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Read the reasons by use; `evidence` asks for pictures."""
        items = [
            {
                "code": reason.code,
                "use": reason.use,
                "name": _local(reason.name, reason.english),
                "evidence": reason.evidence,
            }
            for reason in REASONS
        ]
        return Response({"items": items})


def _code(code: str) -> dict[str, Any]:
    entry = CODES[code]
    return {
        "code": code,
        "type": TYPE + code,
        "status": entry.status,
        "retryable": entry.retryable,
        "cause": entry.cause,
        "remedy": entry.remedy,
    }


def _local(chinese: str, english: str) -> str:
    return english if languages.reads_english() else chinese
