"""Many orders in one request, each answered for itself."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from api import describing, fields, intake, order_examples
from api.errors import problem
from api.fields import Items, Shape
from api.intake import OrderShape
from api.order_answers import OrderBatchAnswer
from api.views import ApiView
from integration import limits
from kit.errors import DomainError
from orders import counter, placing
from orders.requests import MAX_BATCH

MAX_BATCH_BYTES = limits.BATCH_BODY_BYTES


class BatchTooLarge(DomainError):
    code = "batch_too_large"
    text = _("A batch of {count} orders is too large; {limit} are allowed.")


class BatchShape(Shape):
    """Orders to place, each for itself."""

    orders = Items(child=OrderShape(), max_length=MAX_BATCH)


class OrderBatch(ApiView):
    """Many orders in one request."""

    scopes = {"POST": "orders"}
    max_body_bytes = MAX_BATCH_BYTES

    @describing.operation(
        "orders_place_batch",
        summary=_("Place up to 500 orders, each for itself."),
        tag="orders",
        description=_(
            "One transaction, answers in the order of the request. A refused order changes "
            "nothing and does not stop its neighbours. The batch is answered 200; the status "
            "of each item says what became of it."
        ),
        body=BatchShape,
        answer=OrderBatchAnswer,
        request_example={"orders": [order_examples.ORDER_TO_PLACE]},
        example=order_examples.ORDER_BATCH,
        problems=("batch_too_large",),
    )
    def post(self, request: Request) -> Response:
        """Place orders in one transaction, and answer each in its place."""
        sent = _orders_of(request.data)
        orders = intake.read_many(sent)
        caller = self.caller
        wanted = [
            intake.request(order, caller) for order in orders if isinstance(order, intake.OrderIn)
        ]
        outcomes = iter(counter.place_many(wanted) if wanted else [])
        items = [
            _item(value, order if isinstance(order, DomainError) else next(outcomes))
            for value, order in zip(sent, orders, strict=True)
        ]
        return Response({"items": items})


def _orders_of(body: Any) -> list[Any]:
    """Return the orders of a batch, unread; only the frame around them is checked here."""
    if (
        not isinstance(body, dict)
        or set(body) != {"orders"}
        or not isinstance(body["orders"], list)
    ):
        fields.read(BatchShape, body)
    orders: list[Any] = body["orders"]
    if len(orders) > MAX_BATCH:
        raise BatchTooLarge(pointer="/orders", count=len(orders), limit=MAX_BATCH)
    if not orders:
        fields.read(BatchShape, body)
    return orders


def _item(sent: Any, outcome: placing.Outcome) -> dict[str, Any]:
    """Show what became of one order of a batch."""
    if isinstance(outcome, placing.Waiting):
        waiting = outcome.document
        return {"out_order_no": waiting["out_order_no"], "status": 202, "waiting": waiting}
    if isinstance(outcome, placing.Placed):
        document = outcome.document
        status = 200 if outcome.replayed else 201
        return {"out_order_no": document["out_order_no"], "status": status, "order": document}
    number = sent.get("out_order_no") if isinstance(sent, dict) else None
    shown = problem(outcome)
    return {
        "out_order_no": number if isinstance(number, str) else None,
        "status": shown["status"],
        "problem": shown,
    }
