"""What an act on orders leaves behind: history rows, and messages to the distributors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from integration import outbox
from kit.actors import Actor
from orders import rendering
from orders.header import PASSED, Move
from orders.models import History, Order, OrderState, Shipment

# Which move of the header is told, and how.
TOLD = {
    OrderState.SHIPPED: "order.shipped",
    OrderState.RECEIVED: "order.received",
    OrderState.COMPLETED: "order.completed",
    OrderState.CANCELLED: "order.cancelled",
    OrderState.REFUNDED: "order.refunded",
}


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of history: who did what to which part of an order."""

    order_pk: int
    subject: str
    act: str
    actor: Actor
    before: str = ""
    after: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ParcelNews:
    """What is told of a parcel: the type of the event, and what was before."""

    parcel: Shipment
    type: str
    previous: dict[str, str] = field(default_factory=dict)


def parcel_deed(
    parcel: Shipment, order_pk: int, act: str, actor: Actor, before: str, reason: str = ""
) -> Deed:
    """Return the line of history for a parcel that has moved from a state to where it is now."""
    return Deed(order_pk, parcel_subject(parcel), act, actor, before, str(parcel.state), reason)


def parcel_subject(parcel: Shipment) -> str:
    """Return how history names a parcel."""
    return f"shipment {parcel.carrier_code} {parcel.tracking_no}"


def parcel_no(order: Order, parcel: Shipment) -> str:
    """Return by what events name a parcel: its tracking number may be corrected, or used again."""
    return f"{order.order_no}/{parcel.pk}"


def note(deeds: Iterable[Deed], *, at: datetime) -> None:
    """Write history."""
    History.objects.bulk_create(
        History(
            order_id=deed.order_pk,
            subject=deed.subject,
            act=deed.act,
            from_state=deed.before,
            to_state=deed.after,
            reason=deed.reason,
            actor_kind=deed.actor.kind,
            actor_name=deed.actor.name,
            at=at,
        )
        for deed in deeds
    )


def tell(
    moves: Sequence[Move], *, actor: Actor, at: datetime, parcels: Sequence[Shipment] = ()
) -> None:
    """Note and tell which headers moved, and which parcels are new."""
    note(_header_deeds(moves, actor), at=at)
    orders = Order.objects.filter(pk__in=[move.order_pk for move in moves])
    by_pk = {order.pk: order for order in orders.select_related("distributor")}
    documents = rendering.documents(list(by_pk.values()))
    shown = dict(zip(by_pk, documents, strict=True))
    created = [ParcelNews(parcel, "shipment.created") for parcel in parcels]
    messages = [
        _message(by_pk[move.order_pk], TOLD[OrderState(state)], shown[move.order_pk], move)
        for move in moves
        for state in _passed(move)
        if OrderState(state) in TOLD
    ]
    outbox.record([*_parcel_messages(created), *messages], at=at)


def tell_parcels(news: Sequence[ParcelNews], *, at: datetime) -> None:
    """Tell what became of parcels, each as it is now and in its version."""
    outbox.record(_parcel_messages(news), at=at)


def _header_deeds(moves: Sequence[Move], actor: Actor) -> list[Deed]:
    deeds = []
    for move in moves:
        before = move.before
        for state in _passed(move):
            deeds.append(Deed(move.order_pk, "order", state, actor, before, state))
            before = state
    return deeds


def _passed(move: Move) -> list[str]:
    """Return the states the header went through, the last one being where it is."""
    if not move.moved:
        return []
    passed = PASSED.get(OrderState(move.after))
    between = [passed.value] if passed is not None and passed != move.before else []
    return [*between, move.after]


def _message(order: Order, kind: str, document: rendering.Document, move: Move) -> outbox.Message:
    return outbox.Message(
        order.distributor.partner_id,
        kind,
        order.order_no,
        order.version,
        document,
        previous={"state": move.before},
    )


def _parcel_messages(news: Sequence[ParcelNews]) -> list[outbox.Message]:
    rows = (
        Shipment.objects.filter(pk__in=[one.parcel.pk for one in news])
        .select_related("fulfilment__order__distributor")
        .prefetch_related("lines__line")
    )
    by_pk = {row.pk: row for row in rows}
    return [_parcel_message(by_pk[one.parcel.pk], one) for one in news]


def _parcel_message(row: Shipment, news: ParcelNews) -> outbox.Message:
    order = row.fulfilment.order
    numbers = {"order_no": order.order_no, "out_order_no": order.out_order_no}
    return outbox.Message(
        order.distributor.partner_id,
        news.type,
        parcel_no(order, row),
        row.version,
        {**numbers, **rendering.shipment_document(row)},
        previous=news.previous or None,
    )
