"""Orders: placed one by one or in batches, read in lists and by either number."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from api import describing, fields, intake, order_examples, pages
from api.fields import Choice, Items, Moment, Number, Shape, Text, Whole
from api.intake import MAX_NUMBER, ConsigneeShape, OrderShape
from api.order_answers import (
    HistoryAnswer,
    OrderAnswer,
    OrderPageAnswer,
    ShipmentsAnswer,
    WaitingAnswer,
)
from api.pages import PageQuery
from api.views import ApiView
from companies import policies
from kit.errors import NotFound
from orders import addressing, counter, holds_shown, placing, receiving, rendering, requests
from orders.checking import LineIdRepeated
from orders.models import Order, OrderState
from orders.requests import MAX_LINES, MAX_QUANTITY

REPLAYED = "Idempotent-Replayed"
# What may be refused of an order whose fields are all right.
REFUSALS = (
    "idempotency_conflict",
    "price_changed",
    "quote_expired",
    "stock_insufficient",
    "deposit_insufficient",
    "hold_differs",
    "hold_limit_reached",
    "sku_not_sellable",
    "region_not_served",
    "application_not_supported",
    "distributor_suspended",
    "account_frozen",
    "line_id_repeated",
    "expected_price_missing",
    "quantity_rule",
    "total_too_large",
    "region_unknown",
)


class OrdersQuery(PageQuery):
    """Which of your orders, newest first."""

    state = Choice(choices=OrderState.choices, required=False)
    out_order_no = Number(required=False)
    placed_from = Moment(required=False, help_text=_("Placed at this time or later (RFC 3339)."))
    placed_to = Moment(required=False, help_text=_("Placed before this time."))


class ReceivedLineShape(Shape):
    """So many pieces of a line."""

    line_id = Text(max_length=MAX_NUMBER)
    quantity = Whole(min_value=1, max_value=MAX_QUANTITY)


class ReceiptShape(Shape):
    """What was received; everything that is on its way, if no lines are named."""

    lines = Items(child=ReceivedLineShape(), max_length=MAX_LINES, required=False)


class Orders(ApiView):
    """The caller's orders."""

    scopes = {"GET": "orders", "POST": "orders"}

    @describing.operation(
        "orders_list",
        summary=_("List orders, newest first."),
        tag="orders",
        answer=OrderPageAnswer,
        query=OrdersQuery,
        example=order_examples.ORDER_PAGE,
    )
    def get(self, request: Request) -> Response:
        """List orders, newest first."""
        query = fields.read_query(OrdersQuery, request.query_params)
        of, limit = "orders", query["limit"]
        place = pages.position(query, of=of, caller=self.caller)
        rows = list(_narrowed(_mine(self), query, place)[: limit + 1])
        items = _documents(rows[:limit])
        return Response(
            pages.page(
                rows, items, limit=limit, of=of, caller=self.caller, place=lambda row: [row.pk]
            )
        )

    @describing.operation(
        "orders_place",
        summary=_("Place an order."),
        tag="orders",
        description=_(
            "Synchronous and final: the answer is the order, or a definite refusal that has "
            "changed nothing. The same out_order_no with the same content is answered with "
            "the order as it is now, 200 and Idempotent-Replayed: true; with other content it "
            "is refused. A refused number may be used again. A number that is on hold is placed "
            "from its hold. With on_shortfall: wait, an order that only the deposit does not cover "
            "keeps its stock and is answered 202; it is placed as soon as the deposit covers it."
        ),
        body=OrderShape,
        answer=OrderAnswer,
        status=201,
        also={200: OrderAnswer, 202: WaitingAnswer},
        also_examples={202: order_examples.WAITING},
        problems=REFUSALS,
        request_example=order_examples.ORDER_TO_PLACE,
        example=order_examples.ORDER,
    )
    def post(self, request: Request) -> Response:
        """Place an order, together with those that wait at the same moment."""
        order = intake.read(request.data)
        return _answer(counter.place(intake.request(order, self.caller)))


class OneOrder(ApiView):
    """An order by its number."""

    scopes = {"GET": "orders"}

    @describing.operation(
        "orders_read",
        summary=_("Read an order by our number."),
        tag="orders",
        answer=OrderAnswer,
        example=order_examples.ORDER,
    )
    def get(self, request: Request, order_no: str) -> Response:  # noqa: ARG002
        """Read an order by our number."""
        return Response(_documents([find(self, order_no=order_no)])[0])


class OrderByOutNo(ApiView):
    """An order by the number that the caller gave it."""

    scopes = {"GET": "orders"}

    @describing.operation(
        "orders_read_by_out_no",
        summary=_("Read an order by your number."),
        tag="orders",
        description=_(
            "404 means that it was not placed. Ask this when a request was lost on the way. 202 "
            "means that it waits until the deposit covers it."
        ),
        answer=OrderAnswer,
        also={202: WaitingAnswer},
        also_examples={202: order_examples.WAITING},
        example=order_examples.ORDER,
    )
    def get(self, request: Request, out_order_no: str) -> Response:  # noqa: ARG002
        """Read an order by your number; 404 means that it was not placed."""
        order = _mine(self).filter(out_order_no=out_order_no).first()
        if order is not None:
            return Response(_documents([order])[0])
        waits = holds_shown.waiting_of(self.caller.distributor_pk, out_order_no)
        if waits is None:
            raise NotFound
        return Response(waits, 202)


class OrderShipments(ApiView):
    """The parcels of an order."""

    scopes = {"GET": "orders"}

    @describing.operation(
        "orders_shipments",
        summary=_("Read the parcels of an order, and what each holds."),
        tag="orders",
        answer=ShipmentsAnswer,
        example=order_examples.SHIPMENTS,
    )
    def get(self, request: Request, order_no: str) -> Response:  # noqa: ARG002
        """Read which parcels an order went out in, and what each holds."""
        order = find(self, order_no=order_no)
        return Response({"items": rendering.shipments(order)})


class OrderHistory(ApiView):
    """What happened to an order."""

    scopes = {"GET": "orders"}

    @describing.operation(
        "orders_history",
        summary=_("Read what happened to an order, oldest first."),
        tag="orders",
        answer=HistoryAnswer,
        example=order_examples.HISTORY,
    )
    def get(self, request: Request, order_no: str) -> Response:  # noqa: ARG002
        """Read what happened to an order, oldest first."""
        order = find(self, order_no=order_no)
        return Response({"items": rendering.history(order)})


class OrderReceipt(ApiView):
    """That an order has arrived."""

    scopes = {"POST": "orders"}

    @describing.operation(
        "orders_receive",
        summary=_("Confirm receipt."),
        tag="orders",
        description=_(
            "Of everything that is on its way, or of so many pieces by line. Confirming again "
            "what is all received is harmless."
        ),
        body=ReceiptShape,
        answer=OrderAnswer,
        problems=("nothing_to_receive", "more_than_shipped"),
        request_example=order_examples.RECEIPT,
        example=order_examples.ORDER,
    )
    def post(self, request: Request, order_no: str) -> Response:
        """Confirm receipt of all that is on its way, or of some pieces; repeating it is harmless."""
        lines = fields.read(ReceiptShape, request.data).get("lines")
        receiving.receive(
            order_pk=find(self, order_no=order_no).pk,
            distributor=self.caller.distributor,
            actor=self.caller.actor,
            at=timezone.now(),
            pieces=None if lines is None else pieces_of(lines),
        )
        return Response(_documents([find(self, order_no=order_no)])[0])


class OrderAddress(ApiView):
    """To whom and where an order goes."""

    scopes = {"PUT": "orders"}

    @describing.operation(
        "orders_change_address",
        summary=_("Send an order elsewhere while nothing of it is shipped."),
        tag="orders",
        description=_(
            "Where its goods are shipped to, and where the freight is the same. The number keeps"
            " meaning what the order was placed with: repeat it with the former consignee."
        ),
        body=ConsigneeShape,
        answer=OrderAnswer,
        problems=(
            "already_shipped",
            "address_changes_freight",
            "region_not_served",
            "region_unknown",
            "state_conflict",
        ),
        request_example=order_examples.OTHER_CONSIGNEE,
        example=order_examples.ORDER,
    )
    def put(self, request: Request, order_no: str) -> Response:
        """Send an order elsewhere."""
        order = find(self, order_no=order_no)
        consignee = fields.read(ConsigneeShape, request.data)
        addressing.change_address(
            distributor=self.caller.distributor,
            order_pk=order.pk,
            consignee=requests.Consignee(**consignee),
            actor=self.caller.actor,
            at=timezone.now(),
        )
        return Response(_documents([find(self, order_no=order_no)])[0])


def _mine(view: ApiView) -> QuerySet[Order]:
    return Order.objects.filter(distributor=view.caller.distributor_pk).select_related("consignee")


def find(view: ApiView, **number: str) -> Order:
    """Return the caller's order with a number.

    :raises NotFound: it has none.
    """
    order = _mine(view).filter(**number).first()
    if order is None:
        raise NotFound
    return order


def _narrowed(
    orders: QuerySet[Order], query: dict[str, Any], place: list[int] | None
) -> QuerySet[Order]:
    conditions = {
        "state": query.get("state"),
        "out_order_no": query.get("out_order_no"),
        "placed_at__gte": query.get("placed_from"),
        "placed_at__lt": query.get("placed_to"),
        "pk__lt": place[0] if place else None,
    }
    return orders.filter(**{name: v for name, v in conditions.items() if v is not None}).order_by(
        "-pk"
    )


def _documents(orders: list[Order]) -> list[rendering.Document]:
    shows_parts = bool(policies.read().show_price_parts)
    return rendering.documents(orders, with_consignee=True, show_parts=shows_parts)


def _answer(placed: placing.Placed | placing.Waiting) -> Response:
    if isinstance(placed, placing.Waiting):
        again = {REPLAYED: "true"} if placed.replayed else {}
        location = f"/api/v1/holds/{placed.document['hold_id']}"
        return Response(placed.document, 202, headers={"Location": location, **again})
    location = f"/api/v1/orders/{placed.document['order_no']}"
    if placed.replayed:
        return Response(placed.document, 200, headers={"Location": location, REPLAYED: "true"})
    return Response(placed.document, 201, headers={"Location": location})


def pieces_of(lines: list[dict[str, Any]]) -> dict[str, int]:
    """Return pieces by line_id.

    :raises LineIdRepeated: a line_id stands twice.
    """
    pieces: dict[str, int] = {}
    for index, line in enumerate(lines):
        if line["line_id"] in pieces:
            raise LineIdRepeated(pointer=f"/lines/{index}/line_id", line_id=line["line_id"])
        pieces[line["line_id"]] = line["quantity"]
    return pieces
