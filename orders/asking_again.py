"""Asking again: a cancellation, or a shortage, under a number that its asker has used before.

The same content is what there is already, as it is now; other content is refused, and named. All of
it is looked up under the lock of the deposit, so that who comes at the same moment finds the first.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from kit import values
from kit.errors import DomainError
from orders.models import Asker, Cancellation, CancellationLine, CancellationRequest, Order


class OutCancellationNoTaken(DomainError):
    code = "out_cancellation_no_taken"
    text = _("“{out_cancellation_no}” is the number of another request: {fields} are not the same.")


class OutShortageNoTaken(DomainError):
    code = "out_shortage_no_taken"
    text = _("“{out_shortage_no}” is the number of another shortage: {fields} are not the same.")


class Content(values.Value, frozen=True):
    """What a request is about; `lines` by line_id, None for all that can still be shipped."""

    order_pk: int
    lines: Mapping[str, int] | None
    reason: str
    note: str

    def differing(self, other: "Content") -> str:
        """Name the fields in which two requests differ."""
        pairs = {
            "order_no": (self.order_pk, other.order_pk),
            "lines": (self.lines, other.lines),
            "reason": (self.reason, other.reason),
            "note": (self.note, other.note),
        }
        return ", ".join(name for name, (one, another) in pairs.items() if one != another)


def find_request(
    content: Content, *, distributor: Distributor, out_cancellation_no: str
) -> list[Cancellation]:
    """Return the cancellations that a distributor asked for under a number; none if it never did.

    :raises OutCancellationNoTaken: it asked for something else.
    """
    if not out_cancellation_no:
        return []
    requests = CancellationRequest.objects.filter(distributor=distributor)
    known = requests.filter(out_cancellation_no=out_cancellation_no).first()
    if known is None:
        return []
    rows = list(Cancellation.objects.filter(request=known).order_by("pk"))
    lines = None if known.of_everything else _pieces(rows)
    fields = content.differing(Content(known.order_id, lines, rows[0].reason, rows[0].note))
    if fields:
        raise OutCancellationNoTaken(
            pointer="/out_cancellation_no", out_cancellation_no=out_cancellation_no, fields=fields
        )
    return rows


def new_request(
    content: Content, *, order: Order, out_cancellation_no: str, at: datetime
) -> CancellationRequest | None:
    """Write down that a distributor asks under a number; nothing where it gives none."""
    if not out_cancellation_no:
        return None
    return CancellationRequest.objects.create(
        distributor=order.distributor,
        order=order,
        out_cancellation_no=out_cancellation_no,
        of_everything=content.lines is None,
        requested_at=at,
    )


def find_shortage(
    content: Content, *, fulfilment_pk: int, out_shortage_no: str
) -> Cancellation | None:
    """Return the shortage that a source reported of a part under a number, if it did.

    :raises OutShortageNoTaken: it reported something else.
    """
    if not out_shortage_no:
        return None
    shortages = Cancellation.objects.filter(fulfilment=fulfilment_pk, asker=Asker.SOURCE)
    known = shortages.filter(out_shortage_no=out_shortage_no).first()
    if known is None:
        return None
    then = Content(content.order_pk, _pieces([known]), known.reason, known.note)
    fields = content.differing(then)
    if fields:
        raise OutShortageNoTaken(
            pointer="/out_shortage_no", out_shortage_no=out_shortage_no, fields=fields
        )
    return known


def _pieces(rows: list[Cancellation]) -> dict[str, int]:
    lines = CancellationLine.objects.filter(cancellation__in=rows).order_by()
    return dict(lines.values_list("line__line_id").annotate(pieces=Sum("quantity")))
