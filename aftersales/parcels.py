"""Cases that parcels open and move by themselves: refused ones come back, lost ones are refunded."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from aftersales import applying, casework, onward, returning, room
from aftersales.casework import Work
from aftersales.models import Case, CaseState, CaseType, Liability, Opener
from kit import actors, bulk
from ledger import accounts
from orders.models import Line, Order, ShipmentLine, ShipmentState

TIMER = actors.timer("parcels")
ORDERS_AT_ONCE = 200

# What each parcel that did not arrive opens: type, reason, and who is liable if it comes to that.
_OPENS = {
    ShipmentState.RETURNING: (CaseType.RETURN_REFUND, "refused_delivery", Liability.CONSUMER),
    ShipmentState.RETURNED: (CaseType.RETURN_REFUND, "refused_delivery", Liability.CONSUMER),
    ShipmentState.LOST: (CaseType.REFUND_ONLY, "not_received", Liability.CARRIER),
}
# Orders with pieces in such parcels that no case of the parcel has settled or will.
_UNSETTLED = """
SELECT DISTINCT part.order_id, placed.distributor_id
FROM orders_shipment shipment
JOIN orders_fulfilment part ON part.id = shipment.fulfilment_id
JOIN orders_order placed ON placed.id = part.order_id
JOIN orders_shipmentline held ON held.shipment_id = shipment.id
WHERE shipment.state IN ('returning', 'returned', 'lost')
    AND held.quantity > held.received + held.written_off AND part.order_id > %s
    AND NOT EXISTS (SELECT FROM aftersales_case known WHERE known.shipment_id = shipment.id
        AND known.line_id = held.line_id AND known.state <> 'withdrawn')
ORDER BY part.order_id LIMIT %s
"""


def open_for_parcels(*, at: datetime) -> int:
    """Open cases for parcels that were refused or lost, and move those whose parcel came back.

    Returns how many cases were opened or moved. Run by a timer, as often and by as many as you like.
    """
    return _open_all(at) + _move_all(at)


def _open_all(at: datetime) -> int:
    count, after = 0, 0
    while True:
        rows = bulk.query(_UNSETTLED, [after, ORDERS_AT_ONCE])
        for order_pk, distributor_pk in rows:
            count += _open_for(order_pk, distributor_pk, at)
        if len(rows) < ORDERS_AT_ONCE:
            return count
        after = rows[-1][0]


@transaction.atomic(durable=True)
def _open_for(order_pk: int, distributor_pk: int, at: datetime) -> int:
    accounts.lock_deposits([distributor_pk])
    order = Order.objects.filter(pk=order_pk).select_related("distributor").locked().get()
    lines = casework.lock_lines(order)
    opened = 0
    for row in _unsettled(order):
        opened += _open(row, lines[row.line_id], at)
    return opened


def _unsettled(order: Order) -> Sequence[ShipmentLine]:
    """Return what parcels of a locked order hold that is to be settled; looked up under the lock."""
    rows = ShipmentLine.objects.filter(
        shipment__fulfilment__order=order,
        shipment__state__in=list(_OPENS),
        quantity__gt=F("received") + F("written_off"),
    )
    settled = Case.objects.filter(order=order, shipment__isnull=False)
    settled = settled.exclude(state=CaseState.WITHDRAWN)
    pairs = {(case.shipment_id, case.line_id) for case in settled}
    return [
        row
        for row in rows.select_related("shipment").order_by("pk")
        if (row.shipment_id, row.line_id) not in pairs
    ]


def _open(row: ShipmentLine, line: Line, at: datetime) -> bool:
    """Open a case about what a parcel holds of a line, but for what is in other cases."""
    line.refresh_from_db()
    space = room.of([line])[line.pk]
    quantity = min(row.quantity - row.received - row.written_off, space.on_the_way)
    if not quantity:
        return False
    type_, reason, liability = _OPENS[ShipmentState(row.shipment.state)]
    asked_fen = space.cap_fen(quantity)
    case = Case(
        distributor=line.order.distributor,
        order=line.order,
        line=line,
        type=type_,
        quantity=quantity,
        opener=Opener.CARRIER,
        after_receipt=False,
        shipment=row.shipment,
        reason=reason,
        asked_fen=asked_fen,
    )
    work = applying.open_within(case, actor=TIMER, at=at)
    case.approved_fen, case.liability, case.decided_by = asked_fen, liability, str(TIMER)
    casework.move(work, case.approve)
    onward.proceed(work)
    return True


def _move_all(at: datetime) -> int:
    ended = [ShipmentState.RETURNED, ShipmentState.LOST]
    waiting = Case.objects.filter(state=CaseState.RETURNING, shipment__state__in=ended)
    numbers = list(waiting.order_by("pk").values_list("case_no", flat=True))
    return sum(_move(case_no, at) for case_no in numbers)


@transaction.atomic(durable=True)
def _move(case_no: str, at: datetime) -> bool:
    work = casework.lock(case_no=case_no, actor=TIMER, at=at)
    # Somebody may have moved it since it was found.
    if work.case.state != CaseState.RETURNING:
        return False
    _follow(work)
    return True


def _follow(work: Work) -> None:
    case = work.case
    assert case.shipment is not None
    if case.shipment.state == ShipmentState.RETURNED:
        returning.arrive_within(work)
    elif case.shipment.state == ShipmentState.LOST:
        casework.move(work, case.lose_return)
