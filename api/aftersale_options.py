"""What may be applied for about an order: by line, type, pieces, amount, reason."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from aftersales import options
from aftersales.options import LineOptions
from api import aftersale_examples, describing
from api.aftersale_answers import AftersaleOptionsAnswer
from api.errors import problem
from api.views import ApiView
from kit import languages
from kit.errors import NotFound
from kit.times import rfc3339
from orders.models import Order


class AftersaleOptions(ApiView):
    """What may be applied for about an order."""

    scopes = {"GET": "aftersales"}

    @describing.operation(
        "orders_aftersale_options",
        summary=_("Read what may be applied for, by line."),
        tag="aftersales",
        description=_(
            "Which types, for how many pieces and how much money, for which reasons, with or "
            "without pictures, until when; or why nothing may be applied for."
        ),
        answer=AftersaleOptionsAnswer,
        example=aftersale_examples.OPTIONS,
    )
    def get(self, request: Request, order_no: str) -> Response:  # noqa: ARG002
        """Read what may be applied for about each line."""
        order = (
            Order.objects.filter(distributor=self.caller.distributor_pk, order_no=order_no)
            .select_related("distributor")
            .first()
        )
        if order is None:
            raise NotFound
        found = options.of(order, at=timezone.now())
        return Response(
            {
                "order_no": order.order_no,
                "out_order_no": order.out_order_no,
                "items": [_line(line) for line in found],
            }
        )


def _line(found: LineOptions) -> dict[str, Any]:
    return {
        "line_id": found.line.line_id,
        "sku_no": found.line.sku_no,
        "quantity": found.quantity,
        "types": [
            {"type": option.type.value, "quantity": option.quantity, "cap_fen": option.cap_fen}
            for option in found.types
        ],
        "reasons": [
            {
                "code": reason.code,
                "name": reason.english if _in_english() else reason.name,
                "evidence": reason.evidence,
            }
            for reason in found.reasons
        ],
        "until": rfc3339(found.until),
        "problem": None if found.closed is None else problem(found.closed),
    }


def _in_english() -> bool:
    return languages.reads_english()
