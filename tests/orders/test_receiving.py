"""Receipt: it earns the source its money, once, by whoever and in whatever parts it comes."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F

from books import verifying
from books.invariants import money, orders, states
from integration.models import Event
from kit.actors import OPERATIONS
from kit.errors import NotFound
from ledger import accounts, posting
from ledger.models import Kind, Transfer
from orders import header, placing, receiving, shipping, telling, tracking
from orders.models import FulfilmentState, History, Line, Order, OrderState, Shipment
from orders.tracking import Heard
from suppliers.models import Supplier
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


def scan(status: str, hours: int = 1) -> None:
    parcel = Shipment.objects.get()
    heard = Heard(parcel.carrier_code, parcel.tracking_no, status, NOON + timedelta(hours=hours))
    tracking.record(heard=[heard], at=LATER)


def write_off(order: Order, quantity: int) -> None:
    """Refund pieces on the way, as a case does that gives their whole price back."""
    with transaction.atomic():
        Order.objects.locked().get(pk=order.pk)
        line = order.lines.get()
        receiving.write_off_within(
            order_pk=order.pk, pieces={"1": quantity}, actor=OPERATIONS, at=LATER, reason="A1"
        )
        fen = line.agreement_price_fen * quantity
        posting.post(
            [
                posting.Posting(
                    code="aftersale_refunded",
                    reference=f"case-{order.pk}-{line.written_off}",
                    debit=(Kind.ORDERS_OPEN, None),
                    credit=(Kind.DEPOSIT, order.distributor_id),
                    amount_fen=fen,
                    distributor_pk=order.distributor_id,
                    order_no=order.order_no,
                    line_id="1",
                )
            ],
            at=LATER,
            actor=OPERATIONS,
        )
        Line.objects.filter(pk=line.pk).update(
            refunded=F("refunded") + quantity, refunded_fen=F("refunded_fen") + fen
        )
        Order.objects.filter(pk=order.pk).update(open_fen=F("open_fen") - fen)
        telling.tell(header.recompute([order.pk], at=LATER), actor=OPERATIONS, at=LATER)
    order.refresh_from_db()


def make_freighted(quantity: int) -> tuple[Order, Supplier]:
    supplier = make_supplier()
    product = make_product(
        supplier=supplier, freight_template=make_freight(first_fen=8_00, further_fen=0)
    )
    order = place({make_sku(product=product, supply_price_fen=50_00): quantity})
    ship_all(order)
    return order, supplier


def assert_books_are_clean() -> None:
    """Of orders, parcels and money; the refunds of these tests have no case."""
    ours = {check.name for check in (*orders.CHECKS, *states.CHECKS, *money.CHECKS)}
    broken = {finding.check.name for finding in verifying.look(at=NOON).breaches}
    assert not broken & ours


@pytest.mark.parametrize("_status", ["delivered", "exception"])
def test_the_distributor_receives_what_was_signed_for_or_is_in_trouble(_status: str) -> None:
    order = place({make_sku(): 1})
    ship_all(order)
    scan(_status)

    received = receive(order)

    parcel = Shipment.objects.get()
    assert (received.state, parcel.state) == (OrderState.COMPLETED, "received")
    row = History.objects.get(subject__startswith="shipment", act="received")
    assert (row.from_state, row.to_state) == (_status, "received")


@pytest.mark.parametrize("_status", ["refused", "returned"])
def test_what_is_on_its_way_back_cannot_be_received(_status: str) -> None:
    order = place({make_sku(): 1})
    ship_all(order)
    scan(_status)

    with pytest.raises(receiving.NothingToReceive):
        receive(order)

    assert order.lines.get().received == 0


def test_a_signed_parcel_is_received_by_itself_seven_days_later() -> None:
    order = place({make_sku(): 1})
    ship_all(order)
    scan("delivered", 24)
    due_at = NOON + timedelta(days=8)

    early = receiving.receive_due(at=due_at - timedelta(seconds=1))
    on_time = receiving.receive_due(at=due_at)

    assert (early, on_time) == (0, 1)


def test_an_order_with_an_open_case_is_not_received_by_itself() -> None:
    order = place({make_sku(): 1})
    ship_all(order)
    late = NOON + timedelta(days=16)
    Order.objects.update(open_cases=1)

    with_case = receiving.receive_due(at=late)
    Order.objects.update(open_cases=0)
    without = receiving.receive_due(at=late)

    assert (with_case, without) == (0, 1)


def test_pieces_refunded_on_the_way_are_never_received_and_the_rest_completes_the_order() -> None:
    order, supplier = make_freighted(3)

    write_off(order, 1)
    received = receive(order)

    line = order.lines.get()
    assert (line.received, line.written_off) == (2, 1)
    assert (received.state, received.open_fen) == (OrderState.COMPLETED, 0)
    assert accounts.balance(Kind.PAYABLE, supplier.pk) == 2 * 50_00 + 8_00
    assert_books_are_clean()


def test_no_more_is_received_than_was_not_refunded() -> None:
    order, _supplier = make_freighted(3)
    write_off(order, 2)

    with pytest.raises(receiving.MoreThanShipped):
        receive(order, {"1": 2})

    assert order.lines.get().received == 0


def test_an_order_refunded_in_full_on_the_way_is_refunded_and_its_freight_is_earned() -> None:
    order, supplier = make_freighted(2)

    write_off(order, 2)

    assert (order.state, order.open_fen, order.received_at) == (OrderState.REFUNDED, 0, None)
    assert Shipment.objects.get().state == "received"
    assert order.fulfilments.get().state == FulfilmentState.CLOSED
    assert accounts.balance(Kind.PAYABLE, supplier.pk) == 8_00
    assert Event.objects.latest("pk").type == "order.refunded"
    assert_books_are_clean()


def test_pieces_that_came_back_can_be_received_by_another_act_and_what_comes_is_taken_first() -> (
    None
):
    order = place({make_sku(): 2})
    part, line = order.fulfilments.get(), order.lines.get()
    first, second = (
        shipping.ship(
            fulfilment_pk=part.pk,
            supplier=None,
            carrier_code="ZTO",
            tracking_no=number,
            pieces={line.pk: 1},
            actor=OPERATIONS,
            at=NOON,
        )
        for number in ("73000000000001", "73000000000002")
    )
    heard = Heard("ZTO", first.tracking_no, "returned", NOON + timedelta(hours=1))
    tracking.record(heard=[heard], at=LATER)

    for shipment_pk in (None, first.pk):
        with transaction.atomic():
            Order.objects.locked().get(pk=order.pk)
            receiving.receive_within(
                order_pk=order.pk,
                pieces={"1": 1},
                shipment_pk=shipment_pk,
                actor=OPERATIONS,
                at=LATER,
            )
            moves = header.recompute([order.pk], at=LATER)
            telling.tell(moves, actor=OPERATIONS, at=LATER)
        if shipment_pk is None:
            second.refresh_from_db()
            assert second.state == "received"

    first.refresh_from_db()
    order.refresh_from_db()
    assert (first.state, order.state) == ("returned", OrderState.COMPLETED)
    assert_books_are_clean()
