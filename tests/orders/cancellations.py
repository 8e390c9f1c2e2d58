"""Cancelling as its tests do it: asked by the distributor, answered by the platform."""

from datetime import timedelta

from books import verifying
from distributors.models import Distributor
from integration.models import Event
from kit.actors import OPERATIONS
from ledger import accounts
from orders import cancelling, placing, shipping
from orders.models import Cancellation, CancellationState, Fulfilment, Line, Order, Shipment
from supplychain.models import Sku, Stock
from tests.factories import NOON, make_distributor, make_request

SOON = NOON + timedelta(hours=1)
LATE = NOON + timedelta(hours=49)
NUMBER = "SF1234567890123"


def place(quantities: dict[Sku, int], *, shop: Distributor | None = None) -> Order:
    shop = shop or make_distributor(deposit_fen=10_000_00)
    placing.place(make_request(shop, quantities), at=NOON)
    return Order.objects.filter(distributor=shop).latest("pk")


def begin(order: Order) -> None:
    for part in order.fulfilments.all():
        shipping.begin(fulfilment_pks=[part.pk], supplier=part.supplier, actor=OPERATIONS, at=NOON)


def ship(
    part: Fulfilment, pieces: dict[Line, int] | None = None, tracking_no: str = NUMBER
) -> Shipment:
    return shipping.ship(
        fulfilment_pk=part.pk,
        supplier=part.supplier,
        carrier_code="SF",
        tracking_no=tracking_no,
        pieces=None if pieces is None else {line.pk: n for line, n in pieces.items()},
        actor=OPERATIONS,
        at=NOON,
    )


def cancel(
    order: Order, pieces: dict[str, int] | None = None, *, reason: str = "changed_mind"
) -> list[Cancellation]:
    return cancelling.request(
        distributor=order.distributor,
        order_pk=order.pk,
        pieces=pieces,
        reason=reason,
        actor=OPERATIONS,
        at=SOON,
    )


def asked(order: Order, pieces: dict[str, int] | None = None) -> Cancellation:
    """A request that waits for its answer, because the source has begun."""
    begin(order)
    [cancellation] = cancel(order, pieces)
    assert cancellation.state == CancellationState.REQUESTED
    return cancellation


def refuse(cancellation: Cancellation, tracking_no: str = NUMBER) -> Cancellation:
    return cancelling.refuse(
        cancellation_no=cancellation.cancellation_no,
        carrier_code="SF",
        tracking_no=tracking_no,
        note="已交快递",
        actor=OPERATIONS,
        at=SOON,
    )


def grant(cancellation: Cancellation) -> Cancellation:
    return cancelling.grant(cancellation_no=cancellation.cancellation_no, actor=OPERATIONS, at=SOON)


def withdraw(cancellation: Cancellation, shop: Distributor | None = None) -> Cancellation:
    return cancelling.withdraw(
        distributor=shop or cancellation.fulfilment.order.distributor,
        cancellation_no=cancellation.cancellation_no,
        actor=OPERATIONS,
        at=SOON,
    )


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def counters(order: Order, line_id: str = "1") -> tuple[int, int, int]:
    """Frozen, cancelled and shipped pieces."""
    line = order.lines.get(line_id=line_id)
    return line.frozen, line.cancelled, line.shipped


def deposit(order: Order) -> int:
    return accounts.deposit_of(order.distributor_id).balance_fen or 0


def available(sku: Sku) -> int:
    return Stock.objects.get(pk=sku.pk).available


def told(*types: str) -> list[str]:
    return list(Event.objects.filter(type__in=types).order_by("pk").values_list("type", flat=True))


def assert_books_are_clean() -> None:
    breaches = verifying.look(at=SOON).breaches
    assert not breaches, [(breach.check.name, breach.rows[:3]) for breach in breaches]
