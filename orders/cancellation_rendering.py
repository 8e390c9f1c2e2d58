"""A cancellation as its distributor sees it: the same in answers, lists and callbacks."""

from collections import defaultdict
from collections.abc import Sequence

from kit.times import rfc3339
from orders.models import Asker, Cancellation, CancellationLine, Shipment
from orders.rendering import Document


def document(cancellation: Cancellation) -> Document:
    """Return one cancellation as it is now."""
    return documents([cancellation])[0]


def documents(cancellations: Sequence[Cancellation]) -> list[Document]:
    """Return cancellations, in a number of queries that does not depend on theirs."""
    pks = [one.pk for one in cancellations]
    found = Cancellation.objects.select_related("fulfilment__order", "shipment", "request")
    rows = found.in_bulk(pks)
    lines: dict[int, list[CancellationLine]] = defaultdict(list)
    for line in CancellationLine.objects.filter(cancellation__in=pks).select_related("line"):
        lines[line.cancellation_id].append(line)
    return [_document(rows[pk], lines[pk]) for pk in pks]


def _document(row: Cancellation, lines: Sequence[CancellationLine]) -> Document:
    order = row.fulfilment.order
    return {
        "cancellation_no": row.cancellation_no,
        "out_cancellation_no": str(row.request or ""),
        "order_no": order.order_no,
        "out_order_no": order.out_order_no,
        "state": str(row.state),
        "asker": row.asker,
        "reason": row.reason,
        # What a source writes is for the platform: it might say who the source is.
        "note": "" if row.asker == Asker.SOURCE else row.note,
        "lines": [
            {"line_id": one.line.line_id, "sku_no": one.line.sku_no, "quantity": one.quantity}
            for one in lines
        ],
        "refunded_fen": row.refunded_fen,
        "refusal_note": row.refusal_note,
        "shipment": _parcel(row.shipment),
        "requested_at": rfc3339(row.requested_at),
        "answer_due_at": rfc3339(row.answer_due_at),
        "answered_at": rfc3339(row.answered_at),
    }


def _parcel(shipment: Shipment | None) -> Document | None:
    """Name the parcel in which the pieces have left."""
    if shipment is None:
        return None
    return {"carrier_code": shipment.carrier_code, "tracking_no": shipment.tracking_no}
