"""Holds: stock, price and deposit are kept until a consumer has paid, or until they are given up."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, DateTimeField, IntegerField

from api import describing, examples, fields, intake, order_examples, pages
from api.answers import Answer
from api.fields import Choice, Number, Shape
from api.intake import OrderShape
from api.orders import REFUSALS, REPLAYED
from api.pages import PageQuery
from api.views import ApiView
from kit.errors import NotFound
from orders import holding, holds_shown
from orders.models import Hold, HoldKind, HoldState


class HoldsQuery(PageQuery):
    """Which of your holds, newest first."""

    state = Choice(choices=HoldState.choices, required=False)
    kind = Choice(choices=HoldKind.choices, required=False)
    out_order_no = Number(required=False)


class ExtensionShape(Shape):
    """Nothing has to be said."""


class HeldLineAnswer(Answer):
    """A line that is kept, at the price at which it will be placed."""

    line_id = CharField()
    sku_no = CharField()
    quantity = IntegerField()
    agreement_price_fen = IntegerField()


class HoldAnswer(Answer):
    """A hold as it is now."""

    hold_id = CharField()
    out_order_no = CharField()
    kind = CharField(
        help_text=_("consumer (until the consumer pays) or funds (until you recharge).")
    )
    state = CharField(help_text=_("active, consumed (placed), released or lapsed."))
    version = IntegerField()
    lines = HeldLineAnswer(many=True)
    goods_fen = IntegerField()
    freight_fen = IntegerField()
    total_fen = IntegerField()
    application = CharField(allow_blank=True)
    held_at = DateTimeField()
    expires_at = DateTimeField()
    ended_at = DateTimeField(allow_null=True)
    extensions_left = IntegerField()
    order_no = CharField(allow_null=True, help_text=_("The order that was placed from it."))


class HoldPageAnswer(Answer):
    """A page of holds."""

    items = HoldAnswer(many=True)
    next = CharField(allow_null=True)


class Holds(ApiView):
    """The caller's holds."""

    scopes = {"GET": "orders", "POST": "orders"}

    @describing.operation(
        "holds_list",
        summary=_("List holds, newest first."),
        tag="holds",
        answer=HoldPageAnswer,
        query=HoldsQuery,
        example=order_examples.HOLD_PAGE,
    )
    def get(self, request: Request) -> Response:
        """List holds, newest first."""
        query = fields.read_query(HoldsQuery, request.query_params)
        of, limit = "holds", query["limit"]
        place = pages.position(query, of=of, caller=self.caller)
        wanted = {
            "state": query.get("state"),
            "kind": query.get("kind"),
            "out_order_no": query.get("out_order_no"),
            "pk__lt": place[0] if place else None,
        }
        narrowed = {name: value for name, value in wanted.items() if value is not None}
        rows = list(_mine(self).filter(**narrowed).order_by("-pk")[: limit + 1])
        items = holds_shown.documents(rows[:limit])
        return Response(
            pages.page(
                rows, items, limit=limit, of=of, caller=self.caller, place=lambda row: [row.pk]
            )
        )

    @describing.operation(
        "holds_make",
        summary=_("Hold stock, prices and deposit for an order."),
        tag="holds",
        description=_(
            "The body is the order's own. What is held is placed by POST /orders with the same "
            "out_order_no, at the held prices, whatever has become of them: a consumer who has "
            "paid is not refused. Lines, application, province and city must be those of the hold; "
            "prices need not be expected again. The same hold again is answered with the hold as "
            "it is now, 200 and Idempotent-Replayed: true. When its time is over the hold lapses, "
            "and everything is given back."
        ),
        body=OrderShape,
        answer=HoldAnswer,
        status=201,
        also={200: HoldAnswer},
        problems=(
            *[code for code in REFUSALS if code != "hold_differs"],
            "order_placed_already",
        ),
        request_example=order_examples.ORDER_TO_PLACE,
        example=order_examples.HOLD,
    )
    def post(self, request: Request) -> Response:
        """Hold what an order needs."""
        order = intake.read(request.data)
        held = holding.hold_or_find(request=intake.request(order, self.caller), at=timezone.now())
        headers = {"Location": f"/api/v1/holds/{held.hold.hold_id}"}
        if held.replayed:
            headers[REPLAYED] = "true"
        return Response(
            holds_shown.document(held.hold), 200 if held.replayed else 201, headers=headers
        )


class OneHold(ApiView):
    """A hold by its number."""

    scopes = {"GET": "orders", "DELETE": "orders"}

    @describing.operation(
        "holds_read",
        summary=_("Read a hold."),
        tag="holds",
        answer=HoldAnswer,
        example=order_examples.HOLD,
    )
    def get(self, request: Request, hold_id: str) -> Response:  # noqa: ARG002
        """Read a hold."""
        found = _mine(self).filter(hold_id=hold_id).first()
        if found is None:
            raise NotFound
        return Response(holds_shown.document(found))

    @describing.operation(
        "holds_release",
        summary=_("Give a hold up."),
        tag="holds",
        description=_(
            "All that it keeps is given back. An order that waits for funds is given up in the same "
            "way, by the hold_id of its answer. Doing so twice is harmless."
        ),
        answer=HoldAnswer,
        problems=("state_conflict",),
        example=order_examples.HOLD_RELEASED,
    )
    def delete(self, request: Request, hold_id: str) -> Response:  # noqa: ARG002
        """Give a hold up; repeating it is harmless."""
        released = holding.release(
            distributor=self.caller.distributor,
            hold_id=hold_id,
            actor=self.caller.actor,
            at=timezone.now(),
        )
        return Response(holds_shown.document(released))


class HoldExtension(ApiView):
    """That a hold is needed for longer."""

    scopes = {"POST": "orders"}

    @describing.operation(
        "holds_extend",
        summary=_("Keep a hold for as long again."),
        tag="holds",
        description=_("As often as extensions_left says; see hold_extensions of /meta/limits."),
        body=ExtensionShape,
        answer=HoldAnswer,
        problems=("state_conflict", "extension_limit_reached"),
        request_example=examples.NOTHING,
        example=order_examples.HOLD_EXTENDED,
    )
    def post(self, request: Request, hold_id: str) -> Response:
        """Extend a hold."""
        fields.read(ExtensionShape, request.data)
        extended = holding.extend(
            distributor=self.caller.distributor,
            hold_id=hold_id,
            actor=self.caller.actor,
            at=timezone.now(),
        )
        return Response(holds_shown.document(extended))


def _mine(view: ApiView) -> Any:
    return Hold.objects.filter(distributor=view.caller.distributor_pk).select_related("order")
