"""What became of an order's money, pieces and messages, in one order of time."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, DateTimeField, IntegerField

from api import describing
from api.answers import Answer
from api.explanation_examples import EXPLANATION
from api.order_answers import LineAnswer
from api.views import ApiView
from books import explaining
from books.explaining import Explanation, LineAccount, MoneyStep
from companies import policies
from integration.models import Event
from kit.times import rfc3339
from orders import rendering


class ExplainedLineAnswer(LineAnswer):
    """A line with what it cost, and what of that came back."""

    sum_fen = IntegerField(help_text=_("agreement_price_fen × quantity."))
    refunded_fen = IntegerField()


class MoneyStepAnswer(Answer):
    """What one fact did to your deposit, and what it left open of the order."""

    at = DateTimeField()
    code = CharField(help_text=_("As in /deposit/transfers; `received` moves no deposit."))
    text = CharField()
    reference = CharField(allow_blank=True)
    line_id = CharField(allow_blank=True)
    sku_no = CharField(allow_blank=True)
    quantity = IntegerField(allow_null=True)
    amount_fen = IntegerField()
    deposit_fen = IntegerField(help_text=_("Signed: negative was taken from the deposit."))
    open_fen = IntegerField(
        help_text=_("What of the order was neither received nor given back, after it.")
    )


class StockStepAnswer(Answer):
    """Pieces that the order took from stock, or gave back."""

    at = DateTimeField()
    sku_no = CharField()
    kind = CharField(help_text=_("order, hold, lapse, cancel, restock or reship."))
    quantity = IntegerField(help_text=_("Signed: negative left stock."))


class ToldAnswer(Answer):
    """An event that you were told; its content is in the feed under its number."""

    at = DateTimeField()
    type = CharField()
    object_no = CharField()
    seq = IntegerField(allow_null=True, help_text=_("Its number; null for the first moments."))
    callback = CharField(
        allow_null=True, help_text=_("pending, delivered or parked; null: called back nowhere.")
    )


class HoldOfOrderAnswer(Answer):
    """A hold under the same number."""

    hold_id = CharField()
    state = CharField()
    total_fen = IntegerField()
    held_at = DateTimeField()
    expires_at = DateTimeField()


class StoryAnswer(Answer):
    """One line of all that happened, for people."""

    at = DateTimeField()
    kind = CharField(help_text=_("history, money, stock or event."))
    text = CharField(allow_blank=True)
    detail = CharField(allow_blank=True)


class ExplanationAnswer(Answer):
    """All that an order was, and what became of it."""

    order_no = CharField()
    out_order_no = CharField()
    state = CharField()
    placed_at = DateTimeField()
    goods_fen = IntegerField()
    freight_fen = IntegerField()
    total_fen = IntegerField()
    back_fen = IntegerField(help_text=_("What came back to the deposit."))
    open_fen = IntegerField()
    lines = ExplainedLineAnswer(many=True)
    transfers = MoneyStepAnswer(many=True)
    stock = StockStepAnswer(many=True)
    events = ToldAnswer(many=True)
    holds = HoldOfOrderAnswer(many=True)
    story = StoryAnswer(many=True)


class OrderExplanation(ApiView):
    """An order explained."""

    scopes = {"GET": "orders"}

    @describing.operation(
        "orders_explain",
        summary=_("Explain an order: every amount, piece and message, in order of time."),
        tag="orders",
        description=_(
            "By our number or by yours. `transfers` and `open_fen` come to what the ledger says:"
            " what one fact moved in parts is one entry. Texts follow Accept-Language."
        ),
        answer=ExplanationAnswer,
        example=EXPLANATION,
    )
    def get(self, request: Request, order_no: str) -> Response:  # noqa: ARG002
        """Explain an order by our number or by the caller's."""
        found = explaining.the_one(order_no, distributor=self.caller.distributor)
        return Response(_document(explaining.for_distributor(found)))


def _document(found: Explanation) -> dict[str, Any]:
    order = found.order
    shows_parts = bool(policies.read().show_price_parts)
    return {
        "order_no": order.order_no,
        "out_order_no": order.out_order_no,
        "state": str(order.state),
        "placed_at": rfc3339(order.placed_at),
        "goods_fen": order.goods_fen,
        "freight_fen": order.freight_fen,
        "total_fen": order.total_fen,
        "back_fen": found.back_fen,
        "open_fen": order.open_fen,
        "lines": [_line(one, shows_parts=shows_parts) for one in found.lines],
        "transfers": [_transfer(step) for step in found.money],
        "stock": [
            {
                "at": rfc3339(one.moved_at),
                "sku_no": one.sku.sku_no,
                "kind": str(one.kind),
                "quantity": one.quantity,
            }
            for one in found.stock
        ],
        "events": [
            {
                "at": rfc3339(one.occurred_at),
                "type": one.type,
                "object_no": one.object_no,
                "seq": one.seq,
                "callback": _callback(one),
            }
            for one in found.events
        ],
        "holds": [
            {
                "hold_id": one.hold_id,
                "state": str(one.state),
                "total_fen": one.total_fen,
                "held_at": rfc3339(one.held_at),
                "expires_at": rfc3339(one.expires_at),
            }
            for one in found.holds
        ],
        "story": [
            {"at": rfc3339(one.at), "kind": one.kind, "text": one.text, "detail": one.detail}
            for one in found.story
        ],
    }


def _callback(event: Event) -> str | None:
    called = explaining.delivery(event)
    return None if called is None else str(called.state)


def _line(one: LineAccount, *, shows_parts: bool) -> dict[str, Any]:
    return {
        **rendering.line_document(one.line, show_parts=shows_parts),
        "sum_fen": one.sum_fen,
        "refunded_fen": one.line.refunded_fen,
    }


def _transfer(step: MoneyStep) -> dict[str, Any]:
    return {
        "at": rfc3339(step.at),
        "code": step.code,
        "text": step.what,
        "reference": step.reference,
        "line_id": step.line_id,
        "sku_no": step.sku_no,
        "quantity": step.quantity,
        "amount_fen": step.amount_fen,
        "deposit_fen": step.deposit_fen,
        "open_fen": step.open_fen,
    }
