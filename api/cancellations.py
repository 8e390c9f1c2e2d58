"""Cancellations of pieces that are not shipped: asked for below an order, withdrawn by their number."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, DateTimeField, IntegerField

from api import describing, examples, fields, order_examples
from api.answers import Answer
from api.fields import Items, Number, Shape, Text, Whole
from api.intake import MAX_NUMBER, MAX_WORD
from api.orders import REPLAYED, find, pieces_of
from api.views import ApiView
from orders import cancellation_rendering, cancelling
from orders.models import Cancellation, CancellationState, Order
from orders.requests import MAX_LINES, MAX_QUANTITY

MAX_NOTE = 200


class CancelledPiecesShape(Shape):
    """So many pieces of a line."""

    line_id = Text(max_length=MAX_NUMBER)
    quantity = Whole(min_value=1, max_value=MAX_QUANTITY)


class CancellationShape(Shape):
    """What is to be cancelled; everything that is not shipped, if no lines are named."""

    out_cancellation_no = Number(
        default="",
        help_text=_("Your own number for the request: the same number is the same request."),
    )
    lines = Items(child=CancelledPiecesShape(), max_length=MAX_LINES, required=False)
    reason = Text(max_length=MAX_WORD, help_text=_("A code of /meta/reasons for cancellations."))
    note = Text(max_length=MAX_NOTE, allow_blank=True, default="")


class WithdrawalShape(Shape):
    """Nothing has to be said."""


class CancelledLineAnswer(Answer):
    """So many pieces of a line."""

    line_id = CharField()
    sku_no = CharField()
    quantity = IntegerField()


class LeftInAnswer(Answer):
    """The parcel in which the pieces have left."""

    carrier_code = CharField()
    tracking_no = CharField()


class CancellationAnswer(Answer):
    """A cancellation as it is now; an order has one for each source that is concerned."""

    cancellation_no = CharField()
    out_cancellation_no = CharField(
        allow_blank=True, help_text=_("Your own number for the request, if you gave one.")
    )
    order_no = CharField()
    out_order_no = CharField()
    state = CharField(help_text=_("requested, granted, refused or withdrawn."))
    asker = CharField(help_text=_("distributor, source (short of goods) or platform."))
    reason = CharField()
    note = CharField(allow_blank=True)
    lines = CancelledLineAnswer(many=True)
    refunded_fen = IntegerField(help_text=_("What came back to the deposit, with freight."))
    refusal_note = CharField(allow_blank=True)
    shipment = LeftInAnswer(allow_null=True)
    requested_at = DateTimeField()
    answer_due_at = DateTimeField(
        allow_null=True, help_text=_("Without an answer by then it is granted.")
    )
    answered_at = DateTimeField(allow_null=True)


class CancellationsAnswer(Answer):
    """The cancellations of an order."""

    order_no = CharField()
    out_order_no = CharField()
    items = CancellationAnswer(many=True)


class RequestedCancellationsAnswer(CancellationsAnswer):
    """What a request came to."""

    state = CharField(
        help_text=_(
            "requested while any of it waits for an answer, then granted if all of it is, else refused"
            " or withdrawn."
        )
    )


class OrderCancellations(ApiView):
    """The cancellations of an order."""

    scopes = {"GET": "orders", "POST": "orders"}

    @describing.operation(
        "orders_cancellations",
        summary=_("Read the cancellations of an order, oldest first."),
        tag="orders",
        answer=CancellationsAnswer,
        example=order_examples.CANCELLATIONS,
    )
    def get(self, request: Request, order_no: str) -> Response:  # noqa: ARG002
        """Read the cancellations of an order, oldest first."""
        order = find(self, order_no=order_no)
        rows = Cancellation.objects.filter(fulfilment__order=order).order_by("pk")
        return Response(_document(order, list(rows)))

    @describing.operation(
        "orders_cancel",
        summary=_("Cancel what is not shipped yet."),
        tag="orders",
        description=_(
            "So many pieces by line, or everything that is left. The pieces are frozen first, so"
            " that they are not shipped meanwhile. While a source has not begun, or is late, its"
            " cancellation is granted in the answer; else the platform answers it by answer_due_at,"
            " and only refuses it with the parcel in which the pieces have left. Freight comes back"
            " when nothing of a part is shipped. Give a number of your own, and you may ask again when"
            " the answer was lost on the way: the same out_cancellation_no is answered with the same"
            " cancellations as they are now, 200 and Idempotent-Replayed: true."
        ),
        body=CancellationShape,
        answer=RequestedCancellationsAnswer,
        status=201,
        also={200: RequestedCancellationsAnswer},
        problems=(
            "out_cancellation_no_taken",
            "nothing_to_cancel",
            "more_than_unshipped",
            "reason_unknown",
            "line_id_repeated",
        ),
        request_example=order_examples.CANCELLATION_TO_ASK,
        example=order_examples.CANCELLATION_ASKED,
    )
    def post(self, request: Request, order_no: str) -> Response:
        """Cancel pieces, or everything that is not shipped yet."""
        order = find(self, order_no=order_no)
        asked = fields.read(CancellationShape, request.data)
        now = timezone.now()
        rows = cancelling.request(
            distributor=self.caller.distributor,
            order_pk=order.pk,
            pieces=pieces_of(asked["lines"]) if "lines" in asked else None,
            reason=asked["reason"],
            note=asked["note"],
            out_cancellation_no=asked["out_cancellation_no"],
            actor=self.caller.actor,
            at=now,
        )
        answer = {**_document(order, rows), "state": _state_of(rows).value}
        # What was asked for at another moment was asked for before.
        if rows[0].requested_at != now:
            return Response(answer, 200, headers={REPLAYED: "true"})
        return Response(answer, 201)


class CancellationWithdrawal(ApiView):
    """That a cancellation is not wanted any more."""

    scopes = {"POST": "orders"}

    @describing.operation(
        "cancellations_withdraw",
        summary=_("Withdraw a cancellation that has not been answered."),
        tag="orders",
        description=_("Its pieces may be shipped again. Doing so twice is harmless."),
        body=WithdrawalShape,
        answer=CancellationAnswer,
        problems=("state_conflict",),
        request_example=examples.NOTHING,
        example=order_examples.CANCELLATION_WITHDRAWN,
    )
    def post(self, request: Request, cancellation_no: str) -> Response:
        """Withdraw a cancellation; repeating it is harmless."""
        fields.read(WithdrawalShape, request.data)
        withdrawn = cancelling.withdraw(
            distributor=self.caller.distributor,
            cancellation_no=cancellation_no,
            actor=self.caller.actor,
            at=timezone.now(),
        )
        return Response(cancellation_rendering.document(withdrawn))


def _state_of(rows: list[Cancellation]) -> CancellationState:
    """Return the state of which all rows are, or the first of these that one of them is in."""
    states = {row.state for row in rows}
    order = (
        CancellationState.REQUESTED,
        CancellationState.REFUSED,
        CancellationState.WITHDRAWN,
        CancellationState.GRANTED,
    )
    return next(state for state in order if state in states)


def _document(order: Order, rows: list[Cancellation]) -> dict[str, Any]:
    return {
        "order_no": order.order_no,
        "out_order_no": order.out_order_no,
        "items": cancellation_rendering.documents(rows),
    }
