"""Receipt: confirmed by the distributor or by the timer; it earns the source its money."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
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
from ledger.models import Kind
from orders import header, telling
from orders.models import (
    Fulfilment,
    FulfilmentState,
    Line,
    Order,
    Shipment,
    ShipmentLine,
    ShipmentState,
)
from orders.telling import Deed

DUE_AT_ONCE = 200
ON_THE_WAY = (ShipmentState.IN_TRANSIT, ShipmentState.DELIVERED)


class NothingToReceive(DomainError):
    code = "nothing_to_receive"
    text = _("Nothing of this order is on its way.")


class MoreThanShipped(DomainError):
    code = "more_than_shipped"
    text = _("Only {left} of line {line_id} are on their way, not {quantity}.")


@dataclass(slots=True)
class _Taking:
    """So many pieces of a parcel's line that are received now."""

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
    :raises NothingToReceive: nothing has been shipped yet.
    :raises MoreThanShipped: more pieces than are on their way.
    """
    order = Order.objects.of(distributor).filter(pk=order_pk).locked().first()
    if order is None:
        raise NotFound
    hall = _Hall([order.pk])
    takings = hall.everything() if pieces is None else hall.pieces(pieces)
    if not takings:
        if order.received_at is not None:
            return order
        raise NothingToReceive
    hall.take(takings, actor, at)
    return Order.objects.get(pk=order.pk)


def receive_due(*, at: datetime) -> int:
    """Receive the parcels whose time has come; return how many orders that concerned.

    Run by a timer, as often and by as many as you like.
    """
    count = 0
    while True:
        done = _receive_some_due(at)
        count += done
        if done < DUE_AT_ONCE:
            return count


@transaction.atomic(durable=True)
def _receive_some_due(at: datetime) -> int:
    rows = bulk.query(
        "SELECT id FROM orders_order WHERE id IN ("
        " SELECT part.order_id FROM orders_shipment shipment"
        " JOIN orders_fulfilment part ON part.id = shipment.fulfilment_id"
        " WHERE shipment.state IN ('in_transit', 'delivered') AND shipment.receive_due_at <= %s"
        " ORDER BY shipment.receive_due_at LIMIT %s)"
        " ORDER BY id FOR NO KEY UPDATE SKIP LOCKED",
        [at, DUE_AT_ONCE],
    )
    order_pks = [pk for (pk,) in rows]
    if not order_pks:
        return 0
    hall = _Hall(order_pks)
    hall.take(hall.due(at), actors.timer("receive"), at)
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

    def everything(self) -> list[_Taking]:
        """All that is on its way."""
        return [_Taking(row, row.quantity - row.received) for row in self._on_the_way()]

    def due(self, at: datetime) -> list[_Taking]:
        """What is in parcels whose time has come."""
        return [
            taking
            for taking in self.everything()
            if self.parcels[taking.row.shipment_id].receive_due_at <= at
        ]

    def pieces(self, wanted: Mapping[str, int]) -> list[_Taking]:
        """So many pieces by line_id, from the oldest parcels first."""
        by_line: dict[str, list[ShipmentLine]] = defaultdict(list)
        for row in self._on_the_way():
            by_line[self.lines[row.line_id].line_id].append(row)
        known = {line.line_id for line in self.lines.values()}
        takings: list[_Taking] = []
        for line_id, quantity in wanted.items():
            if line_id not in known:
                raise NotFound
            takings.extend(_allocate(line_id, quantity, by_line[line_id]))
        return takings

    def take(self, takings: Sequence[_Taking], actor: Actor, at: datetime) -> None:
        """Count, earn, close and tell."""
        if not takings:
            return
        postings = self._earn(takings, at)
        posting.post(postings, at=at, actor=actor)
        for taking in takings:
            taking.row.received += taking.quantity
        _write("orders_shipmentline", [taking.row for taking in takings], received="int")
        lines = {self.lines[taking.row.line_id] for taking in takings}
        _write("orders_line", lines, received="int")
        received = self._close_parcels(at)
        self._close_parts(at)
        self._write_open(postings)
        telling.note([_deed(self, parcel, actor) for parcel in received], at=at)
        moves = header.recompute(list(self.orders), at=at)
        telling.tell(moves, actor=actor, at=at)

    def _on_the_way(self) -> list[ShipmentLine]:
        return [
            row
            for row in self.rows
            if row.received < row.quantity and self.parcels[row.shipment_id].state in ON_THE_WAY
        ]

    def _earn(self, takings: Sequence[_Taking], at: datetime) -> list[posting.Posting]:
        """Turn received pieces into money: goods and freight to the source, fee and markup to us."""
        quantities: dict[int, int] = defaultdict(int)
        for taking in takings:
            quantities[taking.row.line_id] += taking.quantity
        postings: list[posting.Posting] = []
        for line_pk, quantity in quantities.items():
            line = self.lines[line_pk]
            line.received += quantity
            postings.extend(self._earn_line(line, quantity))
            postings.extend(self._earn_freight(self.parts[line.fulfilment_id], at))
        return postings

    def _earn_line(self, line: Line, quantity: int) -> list[posting.Posting]:
        part = self.parts[line.fulfilment_id]
        shares = (
            ("goods_earned", _account_of(part), line.supply_price_fen, part.supplier_id),
            ("fee_earned", (Kind.SERVICE_FEES, None), line.service_fee_fen, None),
            ("margin_earned", (Kind.PLATFORM_MARGIN, None), line.markup_fen, None),
        )
        order = self.orders[line.order_id]
        return [
            posting.Posting(
                code=code,
                # The counter after this receipt: it only grows, so each receipt earns once.
                reference=f"{order.order_no}/{line.line_id}/{line.received}",
                debit=(Kind.ORDERS_OPEN, None),
                credit=account,
                amount_fen=unit_fen * quantity,
                distributor_pk=order.distributor_id,
                supplier_pk=supplier_pk,
                order_no=order.order_no,
                out_order_no=order.out_order_no,
                line_id=line.line_id,
                sku_no=line.sku_no,
                quantity=quantity,
                unit_fen=unit_fen,
            )
            for code, account, unit_fen, supplier_pk in shares
            if unit_fen
        ]

    def _earn_freight(self, part: Fulfilment, at: datetime) -> list[posting.Posting]:
        if part.freight_earned_at is not None:
            return []
        part.freight_earned_at = at
        if not part.freight_fen:
            return []
        order = self.orders[part.order_id]
        return [
            posting.Posting(
                code="freight_earned",
                reference=f"{order.order_no}/{part.pk}",
                debit=(Kind.ORDERS_OPEN, None),
                credit=_account_of(part),
                amount_fen=part.freight_fen,
                distributor_pk=order.distributor_id,
                supplier_pk=part.supplier_id,
                order_no=order.order_no,
                out_order_no=order.out_order_no,
            )
        ]

    def _close_parcels(self, at: datetime) -> list[Shipment]:
        """Move the parcels that are received to the last piece."""
        left: dict[int, int] = defaultdict(int)
        for row in self.rows:
            left[row.shipment_id] += row.quantity - row.received
        done = [p for p in self.parcels.values() if p.state in ON_THE_WAY and not left[p.pk]]
        for parcel in done:
            parcel.receive()
            parcel.received_at = at
        _write("orders_shipment", done, state="text", received_at="timestamptz")
        return done

    def _close_parts(self, at: datetime) -> None:
        """Close the fulfilments that have shipped everything, and no parcel under way."""
        under_way = {p.fulfilment_id for p in self.parcels.values() if p.state in ON_THE_WAY}
        for part in self.parts.values():
            if part.state == FulfilmentState.SHIPPED and part.pk not in under_way:
                part.close()
                part.closed_at = at
        _write(
            "orders_fulfilment",
            self.parts.values(),
            state="text",
            closed_at="timestamptz",
            freight_earned_at="timestamptz",
        )

    def _write_open(self, postings: Sequence[posting.Posting]) -> None:
        earned: dict[str, int] = defaultdict(int)
        for one in postings:
            earned[one.order_no] += one.amount_fen
        for order in self.orders.values():
            order.open_fen -= earned[order.order_no]
        _write("orders_order", self.orders.values(), open_fen="bigint")


def _write(table: str, rows: Collection[Model], **columns: str) -> None:
    """Write some columns of locked rows as they are in memory; each is named with its SQL type."""
    bulk.update(
        table,
        [row.pk for row in rows],
        {name: (kind, [getattr(row, name) for row in rows]) for name, kind in columns.items()},
    )


def _allocate(line_id: str, quantity: int, rows: Sequence[ShipmentLine]) -> list[_Taking]:
    left = sum(row.quantity - row.received for row in rows)
    if not 0 < quantity <= left:
        raise MoreThanShipped(line_id=line_id, left=left, quantity=quantity)
    takings = []
    for row in rows:
        part = min(quantity, row.quantity - row.received)
        if part:
            takings.append(_Taking(row, part))
        quantity -= part
    return takings


def _account_of(part: Fulfilment) -> tuple[str, int | None]:
    if part.supplier_id is None:
        return (Kind.OWN_SALES, None)
    return (Kind.PAYABLE, part.supplier_id)


def _deed(hall: _Hall, parcel: Shipment, actor: Actor) -> Deed:
    return Deed(
        hall.parts[parcel.fulfilment_id].order_id,
        f"shipment {parcel.carrier_code} {parcel.tracking_no}",
        "received",
        actor,
        before=ShipmentState.IN_TRANSIT,
        after=str(parcel.state),
    )
