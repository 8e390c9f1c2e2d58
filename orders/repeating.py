"""A number that comes again: the same content is the same order, other content a conflict."""

from django.utils.translation import gettext_lazy as _

from kit import sealing, values
from kit.errors import DomainError
from orders import checking
from orders.models import Hold, Order
from orders.requests import OrderRequest


class IdempotencyConflict(DomainError):
    code = "idempotency_conflict"
    text = _("“{out_order_no}” is known already, with other content: {fields}.")


class Content(values.Value, frozen=True):
    """What makes an order what it is: keyed hashes, so that erasing a consumer breaks no replay.

    Price, quote and hold are guards and not content.
    """

    lines: bytes
    consignee: bytes
    remark: bytes
    application: str

    def differing(self, other: "Content") -> list[str]:
        """Name the fields in which two contents differ."""
        names = ("lines", "consignee", "remark", "application")
        return [name for name in names if getattr(self, name) != getattr(other, name)]


def content(request: OrderRequest) -> Content:
    """Return the content of a request whose province is canonical."""
    who = request.consignee
    lines = sorted(f"{line.line_id}\t{line.sku_no}\t{line.quantity}" for line in request.lines)
    address = (who.name, who.phone, who.province, who.city, who.district, who.detail)
    return Content(
        lines=sealing.keyed_hash("\n".join(lines)),
        consignee=sealing.keyed_hash("\n".join(address)),
        remark=sealing.keyed_hash(request.remark),
        application=request.application,
    )


def content_of(known: Order | Hold) -> Content:
    """Return the content of an order in the books, or of one that is promised."""
    return Content(
        bytes(known.lines_hash),
        bytes(known.consignee_hash),
        bytes(known.remark_hash),
        known.application,
    )


def check(request: OrderRequest, known: Content) -> None:
    """Make sure that a repeated number means what is known under it.

    :raises IdempotencyConflict: it does not; `fields` names what differs.
    """
    fields = known.differing(content(checking.canonical(request)))
    if fields:
        raise IdempotencyConflict(out_order_no=request.out_order_no, fields=", ".join(fields))
