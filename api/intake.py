"""Orders as they come in: a fast reader for what is right, and one that explains what is wrong.

Both accept the same (tests/api/test_intake.py); DRF's nested input would cost more than the order.
"""

from typing import Annotated, Any

import msgspec
from django.utils.translation import gettext_lazy as _

from api import fields
from api.callers import Caller
from api.fields import CONTROL, NUMBER, Choice, Items, Number, Shape, Text, Whole
from orders import requests
from orders.requests import MAX_LINES, MAX_QUANTITY, MAX_TOTAL_FEN, OrderRequest

MAX_NUMBER = 64
MAX_NAME = 60
MAX_PHONE = 32
MAX_REGION = 32
MAX_DETAIL = 200
MAX_REMARK = 500
MAX_WORD = 32
MAX_REFERENCE = 64
SHORTFALLS = (requests.REFUSE, requests.WAIT)


class LineShape(Shape):
    """One line of an order."""

    line_id = Text(max_length=MAX_NUMBER, help_text=_("Yours; echoed everywhere."))
    sku_no = Text(max_length=MAX_NUMBER)
    quantity = Whole(min_value=1, max_value=MAX_QUANTITY)
    expected_agreement_price_fen = Whole(
        min_value=0,
        max_value=MAX_TOTAL_FEN,
        required=False,
        allow_null=True,
        help_text=_("What you expect a unit to cost; needed unless a quote or hold freezes it."),
    )


class ConsigneeShape(Shape):
    """To whom and where."""

    name = Text(max_length=MAX_NAME)
    phone = Text(max_length=MAX_PHONE)
    province = Text(max_length=MAX_REGION, help_text=_("A name or code of /meta/regions."))
    city = Text(max_length=MAX_REGION)
    district = Text(max_length=MAX_REGION, allow_blank=True, default="")
    detail = Text(max_length=MAX_DETAIL)


class OrderShape(Shape):
    """An order to place."""

    out_order_no = Number(max_length=MAX_NUMBER, help_text=_("Yours; unique for ever."))
    lines = Items(child=LineShape(), max_length=MAX_LINES)
    consignee = ConsigneeShape()
    remark = Text(max_length=MAX_REMARK, allow_blank=True, default="")
    quote_id = Text(max_length=MAX_NUMBER, required=False, allow_null=True)
    on_shortfall = Choice(
        choices=SHORTFALLS,
        default=requests.REFUSE,
        help_text=_("Where only the deposit is short: refuse, or wait with the stock kept."),
    )
    application = Text(max_length=MAX_WORD, allow_blank=True, default="")
    channel = Text(max_length=MAX_WORD, allow_blank=True, default="")
    paid_fen = Whole(min_value=0, max_value=MAX_TOTAL_FEN, required=False, allow_null=True)
    payment_reference = Text(max_length=MAX_REFERENCE, allow_blank=True, default="")
    consumer_ref = Text(
        max_length=MAX_REFERENCE,
        allow_blank=True,
        default="",
        help_text=_("A pseudonym of your consumer; never a name or phone."),
    )


# The same, as msgspec reads it. \Z and not $: a line end at the end is a control character too.
_FILLED = rf"\A[^{CONTROL}]*[^{CONTROL}\s][^{CONTROL}]*\Z"
_ANY = rf"\A[^{CONTROL}]*\Z"


def _filled(limit: int) -> msgspec.Meta:
    return msgspec.Meta(min_length=1, max_length=limit, pattern=_FILLED)


def _any(limit: int) -> msgspec.Meta:
    return msgspec.Meta(max_length=limit, pattern=_ANY)


_Amount = Annotated[int, msgspec.Meta(ge=0, le=MAX_TOTAL_FEN)]


class LineIn(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """See LineShape."""

    line_id: Annotated[str, _filled(MAX_NUMBER)]
    sku_no: Annotated[str, _filled(MAX_NUMBER)]
    quantity: Annotated[int, msgspec.Meta(ge=1, le=MAX_QUANTITY)]
    expected_agreement_price_fen: _Amount | None = None


class ConsigneeIn(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """See ConsigneeShape."""

    name: Annotated[str, _filled(MAX_NAME)]
    phone: Annotated[str, _filled(MAX_PHONE)]
    province: Annotated[str, _filled(MAX_REGION)]
    city: Annotated[str, _filled(MAX_REGION)]
    detail: Annotated[str, _filled(MAX_DETAIL)]
    district: Annotated[str, _any(MAX_REGION)] = ""


class OrderIn(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """See OrderShape."""

    out_order_no: Annotated[str, msgspec.Meta(max_length=MAX_NUMBER, pattern=rf"\A{NUMBER}\Z")]
    lines: Annotated[list[LineIn], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
    consignee: ConsigneeIn
    remark: Annotated[str, _any(MAX_REMARK)] = ""
    quote_id: Annotated[str, _filled(MAX_NUMBER)] | None = None
    on_shortfall: Annotated[str, msgspec.Meta(pattern=rf"\A({'|'.join(SHORTFALLS)})\Z")] = (
        requests.REFUSE
    )
    application: Annotated[str, _any(MAX_WORD)] = ""
    channel: Annotated[str, _any(MAX_WORD)] = ""
    paid_fen: _Amount | None = None
    payment_reference: Annotated[str, _any(MAX_REFERENCE)] = ""
    consumer_ref: Annotated[str, _any(MAX_REFERENCE)] = ""


def read(value: Any) -> OrderIn:
    """Return one order.

    :raises ValidationFailed: it is not one; `causes` has every fault.
    """
    try:
        return msgspec.convert(value, OrderIn)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        fields.read(OrderShape, value)
        raise AssertionError(f"only one of the two readers refuses this: {error}") from error


def read_many(values: list[Any]) -> list[OrderIn | fields.ValidationFailed]:
    """Return orders, and a refusal in the place of what is none."""
    try:
        return list(msgspec.convert(values, list[OrderIn]))
    except (msgspec.ValidationError, UnicodeEncodeError):
        return [_read_one(value) for value in values]


def request(order: OrderIn, caller: Caller) -> OrderRequest:
    """Return what a caller asks for."""
    consignee = order.consignee
    return OrderRequest(
        distributor_pk=caller.distributor_pk,
        out_order_no=order.out_order_no,
        lines=tuple(
            requests.Line(
                line.line_id, line.sku_no, line.quantity, line.expected_agreement_price_fen
            )
            for line in order.lines
        ),
        consignee=requests.Consignee(
            consignee.name,
            consignee.phone,
            consignee.province,
            consignee.city,
            consignee.district,
            consignee.detail,
        ),
        actor=caller.actor,
        remark=order.remark,
        quote_id=order.quote_id,
        on_shortfall=order.on_shortfall,
        application=order.application,
        channel=order.channel,
        paid_fen=order.paid_fen,
        payment_reference=order.payment_reference,
        consumer_ref=order.consumer_ref,
    )


def _read_one(value: Any) -> OrderIn | fields.ValidationFailed:
    try:
        return read(value)
    except fields.ValidationFailed as refusal:
        return refusal
