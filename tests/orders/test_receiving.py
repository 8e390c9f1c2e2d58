"""Receipt: it earns the source its money, once, by whoever and in whatever parts it comes."""

from datetime import timedelta

import pytest

from integration.models import Event
from kit.actors import OPERATIONS
from kit.errors import NotFound
from ledger import accounts
from ledger.models import Kind, Transfer
from orders import placing, receiving, shipping
from orders.models import FulfilmentState, History, Order, OrderState, Shipment
from supplychain.models import Sku
from tests.factories import (
    NOON,
    make_distributor,
    make_freight,
    make_level,
    make_product,
    make_request,
    make_sku,
    make_supplier,
)

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=3)


def place(quantities: dict[Sku, int], *, fee_rate_bp: int = 500) -> Order:
    shop = make_distributor(deposit_fen=10_000_00, level=make_level(fee_rate_bp=fee_rate_bp))
    placing.place(make_request(shop, quantities), at=NOON)
    return Order.objects.get(distributor=shop)


def ship_all(order: Order) -> None:
    for part in order.fulfilments.all():
        shipping.ship(
            fulfilment_pk=part.pk,
            supplier=part.supplier,
            carrier_code="ZTO",
            tracking_no=f"73{part.pk:012}",
            actor=OPERATIONS,
            at=NOON,
        )


def receive(order: Order, pieces: dict[str, int] | None = None) -> Order:
    return receiving.receive(
        order_pk=order.pk,
        distributor=order.distributor,
        pieces=pieces,
        actor=OPERATIONS,
        at=LATER,
    )


def test_receipt_pays_supplier_platform_and_fees_and_leaves_nothing_open() -> None:
    supplier = make_supplier()
    template = make_freight(first_fen=8_00, further_fen=0)
    product = make_product(supplier=supplier, freight_template=template)
    theirs = make_sku(product=product, supply_price_fen=50_00, markup_fen=10_00)
    own = make_sku(supply_price_fen=20_00)
    order = place({theirs: 2, own: 1}, fee_rate_bp=500)
    ship_all(order)

    received = receive(order)

    assert accounts.balance(Kind.PAYABLE, supplier.pk) == 2 * 50_00 + 8_00
    assert accounts.balance(Kind.PLATFORM_MARGIN) == 2 * 10_00
    assert accounts.balance(Kind.OWN_SALES) == 20_00
    assert accounts.balance(Kind.SERVICE_FEES) == 2 * 3_00 + 1_00
    assert accounts.balance(Kind.ORDERS_OPEN) == 0 == received.open_fen
    assert received.state == OrderState.COMPLETED
    assert {part.state for part in order.fulfilments.all()} == {FulfilmentState.CLOSED}


def test_receipt_is_told_and_written_down_step_by_step() -> None:
    order = place({make_sku(): 1})
    ship_all(order)

    receive(order)

    told = Event.objects.order_by("pk").values_list("type", flat=True)
    assert list(told)[-2:] == ["order.received", "order.completed"]
    steps = History.objects.filter(subject="order").values_list("from_state", "to_state")
    assert list(steps)[-2:] == [("shipped", "received"), ("received", "completed")]


def test_pieces_received_one_after_the_other_earn_the_same_and_freight_once() -> None:
    supplier = make_supplier()
    product = make_product(supplier=supplier, freight_template=make_freight(first_fen=5_00))
    order = place({make_sku(product=product, supply_price_fen=10_00): 3})
    ship_all(order)

    receive(order, {"1": 1})
    partly = accounts.balance(Kind.PAYABLE, supplier.pk)
    receive(order, {"1": 2})

    freight_fen = order.freight_fen
    assert partly == 10_00 + freight_fen
    assert accounts.balance(Kind.PAYABLE, supplier.pk) == 30_00 + freight_fen
    assert Transfer.objects.filter(code="freight_earned").count() == 1


def test_receiving_again_what_is_all_received_changes_nothing() -> None:
    order = place({make_sku(): 1})
    ship_all(order)
    receive(order)
    before = Transfer.objects.count()

    again = receive(order)

    assert again.state == OrderState.COMPLETED
    assert Transfer.objects.count() == before


def test_nothing_is_received_before_it_is_shipped() -> None:
    order = place({make_sku(): 1})

    with pytest.raises(receiving.NothingToReceive):
        receive(order)

    assert not Transfer.objects.filter(code="goods_earned").exists()


def test_no_more_is_received_than_is_on_its_way() -> None:
    order = place({make_sku(): 2})
    ship_all(order)

    with pytest.raises(receiving.MoreThanShipped):
        receive(order, {"1": 3})
    with pytest.raises(NotFound):
        receive(order, {"nine": 1})

    assert order.lines.get().received == 0
    assert not Transfer.objects.filter(code="goods_earned").exists()


def test_another_distributors_order_does_not_exist() -> None:
    order = place({make_sku(): 1})
    ship_all(order)

    with pytest.raises(NotFound):
        receiving.receive(
            order_pk=order.pk, distributor=make_distributor(), actor=OPERATIONS, at=LATER
        )

    assert Shipment.objects.get().state == "in_transit"


def test_parcels_are_received_by_themselves_when_their_time_comes() -> None:
    order = place({make_sku(): 1})
    ship_all(order)
    due_at = Shipment.objects.get().receive_due_at

    early = receiving.receive_due(at=due_at - timedelta(seconds=1))
    on_time = receiving.receive_due(at=due_at)
    again = receiving.receive_due(at=due_at)

    assert (early, on_time, again) == (0, 1, 0)
    order.refresh_from_db()
    assert order.state == OrderState.COMPLETED
    assert due_at == NOON + timedelta(days=15)


def test_the_timer_receives_only_the_parcels_that_are_due() -> None:
    order = place({make_sku(): 2})
    part, line = order.fulfilments.get(), order.lines.get()
    for day, number in ((0, "7300000000000001"), (5, "7300000000000002")):
        shipping.ship(
            fulfilment_pk=part.pk,
            supplier=None,
            carrier_code="ZTO",
            tracking_no=number,
            pieces={line.pk: 1},
            actor=OPERATIONS,
            at=NOON + timedelta(days=day),
        )

    receiving.receive_due(at=NOON + timedelta(days=15))

    line.refresh_from_db()
    order.refresh_from_db()
    assert (line.received, order.state) == (1, OrderState.SHIPPED)
