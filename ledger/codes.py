"""What the codes of transfers are called, for people."""

from django.utils.translation import gettext_lazy as _

CODES = {
    "recharge": _("recharge"),
    "withdrawal": _("withdrawal"),
    "order_placed": _("order placed"),
    "order_cancelled": _("order cancelled"),
    "freight_returned": _("freight returned"),
    "goods_earned": _("goods received"),
    "fee_earned": _("service fee earned"),
    "margin_earned": _("markup earned"),
    "freight_earned": _("freight earned"),
}


def shown(code: str) -> str:
    """Show a transfer's code in words."""
    return str(CODES.get(code, code))
