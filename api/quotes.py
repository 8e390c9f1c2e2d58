"""Quotes: what an order would cost, how it would be split, and why a line could not be sold."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from api import describing, fields, order_examples
from api.errors import problem
from api.fields import Items, Shape, Text, Whole
from api.intake import MAX_NUMBER, MAX_REGION, MAX_WORD
from api.order_answers import QuoteAnswer
from api.views import ApiView
from companies import policies
from kit.times import rfc3339
from orders import quoting, requests
from orders.checking import LineIdRepeated, Part, PricedLine
from orders.requests import MAX_LINES, MAX_QUANTITY
from supplychain import showing


class QuoteLineShape(Shape):
    """One line to price."""

    line_id = Text(max_length=MAX_NUMBER)
    sku_no = Text(max_length=MAX_NUMBER)
    quantity = Whole(min_value=1, max_value=MAX_QUANTITY)


class DestinationShape(Shape):
    """Where the order would go."""

    province = Text(max_length=MAX_REGION, help_text=_("A name or code of /meta/regions."))
    city = Text(max_length=MAX_REGION)


class QuoteShape(Shape):
    """Lines to price for a destination."""

    lines = Items(child=QuoteLineShape(), max_length=MAX_LINES)
    destination = DestinationShape()
    application = Text(max_length=MAX_WORD, allow_blank=True, default="")


class Quotes(ApiView):
    """Quotes for the caller."""

    scopes = {"POST": "orders"}

    @describing.operation(
        "quotes_make",
        summary=_("Price lines for a destination, and freeze the prices."),
        tag="orders",
        description=_(
            "Nothing is reserved. Lines that could not be ordered now stand in unsellable, "
            "each with its problem; sums and freight are those of the others. Pass quote_id "
            "on with the order."
        ),
        body=QuoteShape,
        answer=QuoteAnswer,
        status=201,
        request_example=order_examples.QUOTE_TO_MAKE,
        example=order_examples.QUOTE,
        problems=("line_id_repeated", "region_unknown"),
    )
    def post(self, request: Request) -> Response:
        """Price lines, and say of each that could not be ordered why."""
        wanted = fields.read(QuoteShape, request.data)
        lines = [
            requests.Line(line["line_id"], line["sku_no"], line["quantity"])
            for line in wanted["lines"]
        ]
        _check_line_ids(lines)
        quoted = quoting.quote(
            distributor=self.caller.distributor,
            lines=lines,
            province=wanted["destination"]["province"],
            city=wanted["destination"]["city"],
            application=wanted["application"],
            at=timezone.now(),
        )
        return Response(_document(quoted, shows_parts=bool(policies.read().show_price_parts)), 201)


def _check_line_ids(lines: list[requests.Line]) -> None:
    seen: set[str] = set()
    for index, line in enumerate(lines):
        if line.line_id in seen:
            raise LineIdRepeated(pointer=f"/lines/{index}/line_id", line_id=line.line_id)
        seen.add(line.line_id)


def _document(quoted: quoting.Quoted, *, shows_parts: bool) -> dict[str, Any]:
    return {
        "quote_id": str(quoted.quote.uid),
        "expires_at": rfc3339(quoted.quote.expires_at),
        "lines": [_line(line, shows_parts=shows_parts) for line in quoted.lines],
        "unsellable": [
            {
                "line_id": refused.line.line_id,
                "sku_no": refused.line.sku_no,
                "problem": problem(refused.refusal),
            }
            for refused in quoted.refused
        ],
        "fulfilments": [_part(number, part) for number, part in enumerate(quoted.parts, 1)],
        "goods_fen": quoted.goods_fen,
        "freight_fen": quoted.freight_fen,
        "total_fen": quoted.total_fen,
        "deposit_after_fen": quoted.deposit_after_fen,
    }


def _line(line: PricedLine, *, shows_parts: bool) -> dict[str, Any]:
    shown = {
        "line_id": line.wanted.line_id,
        "sku_no": line.offer.sku_no,
        "quantity": line.wanted.quantity,
        "agreement_price_fen": line.price.agreement_price_fen,
        "price_version": line.offer.price_version,
        "goods_fen": line.goods_fen,
    }
    return shown | showing.price_parts(line.price) if shows_parts else shown


def _part(number: int, part: Part) -> dict[str, Any]:
    """Show what one source would ship; sources are numbered, never named."""
    return {
        "number": number,
        "freight_fen": part.freight_fen,
        "line_ids": [line.wanted.line_id for line in part.lines],
    }
