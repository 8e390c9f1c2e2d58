"""Every type of event that partners are told, and what it says: for pages and guides.

What is told is decided where it happens; the tests hold this list against it.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Group:
    """Types that say the same kind of thing with the same shape of data."""

    types: tuple[str, ...]
    sentence: str | Promise


def _of(family: str, *kinds: str) -> tuple[str, ...]:
    return tuple(f"{family}.{kind}" for kind in kinds)


GROUPS = (
    Group(
        _of("product", "listed"),
        _("A product that you selected or lately ordered is offered to you again; in full."),
    ),
    Group(
        _of("product", "updated"),
        _(
            "Its content is another: the whole product as you see it, with its detail page where that"
            " changed. With the scope “catalogue”: you see other goods than before."
        ),
    ),
    Group(_of("product", "delisted"), _("It is not offered to you any more.")),
    Group(
        _of("price", "changed"),
        _(
            "Your prices of some skus are others; with the scope “catalogue” all of them, because your"
            " level or its rate is another."
        ),
    ),
    Group(
        _of("stock", "changed"),
        _("What you can order of up to 500 skus now; at most one a second, and at once at 0."),
    ),
    Group(
        _of("order", "placed", "shipped", "received", "completed", "cancelled", "refunded"),
        _("An order was placed, or has come so far as a whole."),
    ),
    Group(
        _of("shipment", "created", "tracking_changed", "delivered", "exception"),
        _("A parcel has left, its track or number is another, it arrived, or something is wrong."),
    ),
    Group(
        _of("fulfilment", "late"),
        _("A part of an order is not shipped in time; you may cancel it without being asked."),
    ),
    Group(
        _of("cancellation", "granted", "refused"),
        _("What you asked to be cancelled is answered."),
    ),
    Group(_of("hold", "lapsed"), _("A hold has ended by itself.")),
    Group(
        _of(
            "aftersale",
            *("applied", "approved", "rejected", "awaiting_return", "returning", "inspecting"),
            *("inspection_failed", "reshipping", "reshipped", "arbitration", "refund_review"),
            *("refunded", "completed", "withdrawn", "expired", "closed"),
        ),
        _("A case has come into this state."),
    ),
    Group(
        _of(
            "claim",
            *("applied", "agreed", "rejected", "withdrawn", "awaiting_return", "returning"),
            *("received", "reshipped", "refunded", "completed"),
            *("goodwill_asked", "goodwill_offered", "goodwill_settled", "goodwill_declined"),
            "goodwill_shipped",
        ),
        _("A claim of a consumer has come into this state, or its goodwill has."),
    ),
    Group(_of("recharge", "approved"), _("Money has come onto your deposit.")),
    Group(_of("recharge", "rejected"), _("A recharge was rejected, with the reason.")),
    Group(
        _of("withdrawal", "approved", "paid", "rejected"),
        _("A withdrawal was decided or paid."),
    ),
    Group(_of("deposit", "low"), _("Your deposit fell below your threshold; once each time.")),
    Group(_of("statement", "ready"), _("A day is closed, and its statement can be read.")),
    Group(
        _of("endpoint", "degraded"),
        _("Your address does not answer; nothing is lost. To be read in the feed."),
    ),
)
