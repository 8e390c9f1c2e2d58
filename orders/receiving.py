"""Receipt: confirmed by the distributor or by the timer; it earns the source its money."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from distributors.models import Distributor
from kit import actors, bulk
from kit.actors import Actor
from kit.errors import DomainError, NotFound
from ledger import posting
from orders import closing, earning, header, telling
from orders.models import Fulfilment, Line, Order, Shipment, ShipmentLine, ShipmentState

DUE_AT_ONCE = 200
# In these a parcel is received by itself when its time comes.
ON_THE_WAY = (ShipmentState.IN_TRANSIT, ShipmentState.DELIVERED)
# In these the distributor may say that it has arrived.
RECEIVABLE = (*ON_THE_WAY, ShipmentState.EXCEPTION)


class NothingToReceive(DomainError):
    code = "nothing_to_receive"
    text = _("Nothing of this order is on its way.")


class MoreThanShipped(DomainError):
    code = "more_than_shipped"
    text = _("Only {left} of line {line_id} are on their way, not {quantity}.")


@dataclass(slots=True)
class _Taking:
    """So many pieces of a parcel's line that come to their end now."""

    row: ShipmentLine
    quantity: int


@transaction.atomic(durable=True)
def receive(
    *,
    order_pk: int,
    distributor: Distributor,
    actor: Actor,
    at: datetime,
    pieces: Mapping[str, int] | None = None,
) -> Order:
    """Confirm receipt of an order: of all that is on its way, or of so many pieces by line_id.

    Confirming again what is all received is no error and changes nothing.

    :raises NotFound: the distributor has no such order, or the order no such line.
    :raises NothingToReceive: nothing is on its way.
    :raises MoreThanShipped: more pieces than are on their way.
    """
    order = Order.objects.of(distributor).filter(pk=order_pk).locked().first()
    if order is None:
        raise NotFound
    hall = _Hall([order.pk])
    takings = hall.everything() if pieces is None else hall.pieces(pieces, hall.receivable())
    if not takings:
        if order.received_at is not None:
            return order
        raise NothingToReceive
    hall.receive(takings, actor, at)
    telling.tell(header.recompute([order.pk], at=at), actor=actor, at=at)
    return Order.objects.get(pk=order.pk)


@transaction.atomic(savepoint=False)
def receive_within(
    *,
    order_pk: int,
    pieces: Mapping[str, int],
    actor: Actor,
    at: datetime,
    shipment_pk: int | None = None,
    reason: str = "",
) -> None:
    """Receive pieces by line_id of a locked order, wherever their parcels are, and earn for them.

    Taken from the parcel named, else from what is on its way before what came back or is lost, the
    oldest first. The caller recomputes the header when it is done, and tells of it; what it has
    read of the order's counters and `open_fen` before is out of date then.

    :raises MoreThanShipped: fewer pieces are left that were neither received nor written off.
    """
    hall = _Hall([order_pk])
    hall.receive(hall.pieces(pieces, hall.anywhere(shipment_pk)), actor, at, reason)


@transaction.atomic(savepoint=False)
def write_off_within(
    *,
    order_pk: int,
    pieces: Mapping[str, int],
    actor: Actor,
    at: datetime,
    shipment_pk: int | None = None,
    reason: str = "",
) -> None:
    """Mark pieces by line_id of a locked order as refunded on the way, never to be received.

    Parcels and parts of which nothing is left come to their end. Earns and pays nothing: the caller
    gives the money back, counts `refunded`, and only then recomputes the header and tells of it.
    Of pieces and order the same holds as for `receive_within`.

    :raises MoreThanShipped: fewer pieces are left that were neither received nor written off.
    """
    hall = _Hall([order_pk])
    hall.write_off(hall.pieces(pieces, hall.anywhere(shipment_pk)), actor, at, reason)


def receive_due(*, at: datetime) -> int:
    """Receive the parcels whose time has come; return how many orders that concerned.

    Run by a timer, as often and by as many as you like. An order with an open case waits for it.
    """
    count = 0
    while True:
        done = _receive_some_due(at)
        count += done
        if not done:
            return count


@transaction.atomic(durable=True)
def _receive_some_due(at: datetime) -> int:
    rows = bulk.query(
        "SELECT id FROM orders_order WHERE open_cases = 0 AND id IN ("
        " SELECT part.order_id FROM orders_shipment shipment"
        " JOIN orders_fulfilment part ON part.id = shipment.fulfilment_id"
        " JOIN orders_order waiting ON waiting.id = part.order_id AND waiting.open_cases = 0"
        " WHERE shipment.state IN ('in_transit', 'delivered') AND shipment.receive_due_at <= %s"
        " ORDER BY shipment.receive_due_at LIMIT %s)"
        " ORDER BY id FOR NO KEY UPDATE SKIP LOCKED",
        [at, DUE_AT_ONCE],
    )
    if not rows:
        return 0
    hall = _Hall([pk for (pk,) in rows])
    takings = hall.due(at)
    order_pks = hall.orders_of(takings)
    if takings:
        actor = actors.timer("receive")
        hall.receive(takings, actor, at)
        telling.tell(header.recompute(order_pks, at=at), actor=actor, at=at)
    return len(order_pks)


class _Hall:
    """The receiving hall: everything of some locked orders that can be received."""

    def __init__(self, order_pks: Collection[int]) -> None:
        self.orders = {order.pk: order for order in Order.objects.filter(pk__in=order_pks)}
        parts = Fulfilment.objects.filter(order__in=order_pks).order_by("pk")
        self.parts = {part.pk: part for part in parts.select_for_update(no_key=True)}
        parcels = Shipment.objects.filter(fulfilment__in=self.parts).order_by("pk")
        self.parcels = {row.pk: row for row in parcels.select_for_update(no_key=True)}
        lines = Line.objects.filter(order__in=order_pks).order_by("pk")
        self.lines = {line.pk: line for line in lines.select_for_update(no_key=True)}
        rows = ShipmentLine.objects.filter(shipment__in=self.parcels).order_by("pk")
        self.rows = list(rows.select_for_update(no_key=True))

    def receivable(self) -> list[ShipmentLine]:
        """What a distributor may say has arrived, in the order in which it was shipped."""
        return [row for row in self._unended() if self._state(row) in RECEIVABLE]

    def anywhere(self, shipment_pk: int | None) -> list[ShipmentLine]:
        """What has not come to its end, of one parcel or of all; what is on its way comes first."""
        if shipment_pk is not None:
            return [row for row in self._unended() if row.shipment_id == shipment_pk]
        return sorted(self._unended(), key=lambda row: self._state(row) not in RECEIVABLE)

    def everything(self) -> list[_Taking]:
        """All that can be received."""
        return [_Taking(row, _left(row)) for row in self.receivable()]

    def due(self, at: datetime) -> list[_Taking]:
        """What is in parcels whose time has come, of orders without an open case."""
        return [_Taking(row, _left(row)) for row in self.receivable() if self._is_due(row, at)]

    def pieces(self, wanted: Mapping[str, int], rows: Iterable[ShipmentLine]) -> list[_Taking]:
        """So many pieces by line_id, from the first of the rows first."""
        by_line: dict[str, list[ShipmentLine]] = defaultdict(list)
        for row in rows:
            by_line[self.lines[row.line_id].line_id].append(row)
        known = {line.line_id for line in self.lines.values()}
        takings: list[_Taking] = []
        for line_id, quantity in wanted.items():
            if line_id not in known:
                raise NotFound
            takings.extend(_allocate(line_id, quantity, by_line[line_id]))
        return takings

    def orders_of(self, takings: Sequence[_Taking]) -> set[int]:
        """Whose pieces these are."""
        return {self.lines[taking.row.line_id].order_id for taking in takings}

    def receive(
        self, takings: Sequence[_Taking], actor: Actor, at: datetime, reason: str = ""
    ) -> None:
        """Count and earn; close what has come to its end."""
        postings = self._earn(takings, at)
        posting.post(postings, at=at, actor=actor)
        for taking in takings:
            taking.row.received += taking.quantity
        _write("orders_shipmentline", [taking.row for taking in takings], received="int")
        lines = {self.lines[taking.row.line_id] for taking in takings}
        _write("orders_line", lines, received="int")
        _write("orders_fulfilment", self.parts.values(), freight_earned_at="timestamptz")
        self._write_open(postings)
        self._close(actor, at, reason)

    def write_off(
        self, takings: Sequence[_Taking], actor: Actor, at: datetime, reason: str
    ) -> None:
        """Count as refunded on the way; close what has come to its end."""
        for taking in takings:
            taking.row.written_off += taking.quantity
            self.lines[taking.row.line_id].written_off += taking.quantity
        _write("orders_shipmentline", [taking.row for taking in takings], written_off="int")
        lines = {self.lines[taking.row.line_id] for taking in takings}
        _write("orders_line", lines, written_off="int")
        self._close(actor, at, reason)

    def _unended(self) -> list[ShipmentLine]:
        return [row for row in self.rows if _left(row) and self._state(row) != "voided"]

    def _state(self, row: ShipmentLine) -> str:
        return str(self.parcels[row.shipment_id].state)

    def _is_due(self, row: ShipmentLine, at: datetime) -> bool:
        parcel = self.parcels[row.shipment_id]
        order = self.orders[self.lines[row.line_id].order_id]
        return parcel.state in ON_THE_WAY and parcel.receive_due_at <= at and not order.open_cases

    def _earn(self, takings: Sequence[_Taking], at: datetime) -> list[posting.Posting]:
        """Turn received pieces into money: goods and freight to the source, fee and markup to us."""
        quantities: dict[int, int] = defaultdict(int)
        for taking in takings:
            quantities[taking.row.line_id] += taking.quantity
        lines = [self.lines[pk] for pk in quantities]
        windows = {line.fulfilment_id for line in lines if line.aftersale_days}
        postings: list[posting.Posting] = []
        for line in lines:
            line.received += quantities[line.pk]
            order, part = self.orders[line.order_id], self.parts[line.fulfilment_id]
            has_window = part.pk in windows
            postings.extend(earning.goods(order, part, line, quantities[line.pk]))
            postings.extend(earning.freight(order, part, has_window=has_window, at=at))
        return postings

    def _close(self, actor: Actor, at: datetime, reason: str) -> None:
        """Move the parcels of which nothing is left, and with the last of them their part."""
        left: dict[int, int] = defaultdict(int)
        for row in self.rows:
            left[row.shipment_id] += _left(row)
        done = [p for p in self.parcels.values() if p.state in RECEIVABLE and not left[p.pk]]
        deeds = []
        for parcel in done:
            before = str(parcel.state)
            parcel.receive()
            parcel.received_at = at
            order_pk = self.parts[parcel.fulfilment_id].order_id
            deeds.append(telling.parcel_deed(parcel, order_pk, "received", actor, before, reason))
        _write("orders_shipment", done, state="text", received_at="timestamptz")
        telling.note(deeds, at=at)
        closing.close_parts(self.orders, at=at)

    def _write_open(self, postings: Sequence[posting.Posting]) -> None:
        earned: dict[str, int] = defaultdict(int)
        for one in postings:
            earned[one.order_no] += one.amount_fen
        for order in self.orders.values():
            order.open_fen -= earned[order.order_no]
        _write("orders_order", self.orders.values(), open_fen="bigint")


def _left(row: ShipmentLine) -> int:
    return row.quantity - row.received - row.written_off


def _write(table: str, rows: Collection[Model], **columns: str) -> None:
    """Write some columns of locked rows as they are in memory; each is named with its SQL type."""
    bulk.update(
        table,
        [row.pk for row in rows],
        {name: (kind, [getattr(row, name) for row in rows]) for name, kind in columns.items()},
    )


def _allocate(line_id: str, quantity: int, rows: Sequence[ShipmentLine]) -> list[_Taking]:
    left = sum(_left(row) for row in rows)
    if not 0 < quantity <= left:
        raise MoreThanShipped(line_id=line_id, left=left, quantity=quantity)
    takings = []
    for row in rows:
        part = min(quantity, _left(row))
        if part:
            takings.append(_Taking(row, part))
        quantity -= part
    return takings
