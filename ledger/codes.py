"""What the codes of transfers are called, for people."""

from django.utils.translation import gettext_lazy as _

CODES = {
    "recharge": _("recharge"),
    "withdrawal_paid": _("withdrawal"),
    "order_placed": _("order placed"),
    "order_cancelled": _("order cancelled"),
    "freight_returned": _("freight returned"),
    "aftersale_refunded": _("after-sale refunded"),
    "aftersale_freight_refunded": _("freight refunded in an after-sale"),
    "goodwill_settled": _("goodwill settled"),
    "goods_earned": _("goods received"),
    "fee_earned": _("service fee earned"),
    "margin_earned": _("markup earned"),
    "freight_earned": _("freight earned"),
    "earned_settled": _("payable once the order was completed"),
    "freight_settled": _("freight payable once the order was completed"),
    "bill_paid": _("bill paid"),
    "bill_adjustment": _("manual line"),
    "security_in": _("security deposit paid in"),
    "security_out": _("security deposit paid back"),
}


def shown(code: str) -> str:
    """Show a transfer's code in words."""
    return str(CODES.get(code, code))
