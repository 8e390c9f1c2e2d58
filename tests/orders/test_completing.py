"""The after-sale window: what is earned in it is payable when it is over and no case is open."""

from datetime import timedelta

import pytest

from integration.models import Event
from kit.actors import OPERATIONS
from ledger import accounts
from ledger.models import Kind, Transfer
from orders import completing, header, placing, receiving, shipping
from orders.models import History, Line, Order, OrderState
from suppliers.models import Supplier
from supplychain.models import Sku
from tests.factories import (
    NOON,
    make_distributor,
    make_freight,
    make_product,
    make_request,
    make_sku,
    make_supplier,
)

pytestmark = pytest.mark.django_db
RECEIVED = NOON + timedelta(days=3)
WINDOW = timedelta(days=7)


def make_goods(supplier: Supplier | None, *, price_fen: int = 50_00) -> Sku:
    product = make_product(supplier=supplier, freight_template=make_freight(first_fen=8_00))
    return make_sku(product=product, supply_price_fen=price_fen)


def make_received(quantities: dict[Sku, int], *, days: int = 7) -> Order:
    shop = make_distributor(deposit_fen=100_000_00)
    placing.place(make_request(shop, quantities), at=NOON)
    order = Order.objects.get(distributor=shop)
    Line.objects.filter(order=order).update(aftersale_days=days)
    for part in order.fulfilments.all():
        shipping.ship(
            fulfilment_pk=part.pk,
            supplier=part.supplier,
            carrier_code="ZTO",
            tracking_no=f"73{part.pk:012}",
            actor=OPERATIONS,
            at=NOON,
        )
    return receiving.receive(order_pk=order.pk, distributor=shop, actor=OPERATIONS, at=RECEIVED)


def test_what_is_received_within_a_window_is_earned_and_not_yet_payable() -> None:
    supplier = make_supplier()

    order = make_received({make_goods(supplier): 2})

    freight_fen = order.freight_fen
    assert (order.state, order.aftersale_until) == (OrderState.RECEIVED, RECEIVED + WINDOW)
    assert accounts.balance(Kind.EARNED, supplier.pk) == 2 * 50_00 + freight_fen
    assert accounts.balance(Kind.PAYABLE, supplier.pk) == 0
    assert order.open_fen == 0
    assert "order.completed" not in Event.objects.values_list("type", flat=True)


def test_when_the_window_is_over_it_is_payable_line_by_line_and_the_order_completed() -> None:
    supplier = make_supplier()
    order = make_received({make_goods(supplier): 2, make_goods(supplier, price_fen=10_00): 1})

    early = completing.complete_due(at=RECEIVED + WINDOW - timedelta(seconds=1))
    done = completing.complete_due(at=RECEIVED + WINDOW)
    again = completing.complete_due(at=RECEIVED + WINDOW)

    order.refresh_from_db()
    assert (early, done, again) == (0, 1, 0)
    assert (order.state, order.completed_at) == (OrderState.COMPLETED, RECEIVED + WINDOW)
    assert accounts.balance(Kind.EARNED, supplier.pk) == 0
    assert accounts.balance(Kind.PAYABLE, supplier.pk) == 2 * 50_00 + 10_00 + order.freight_fen
    settled = Transfer.objects.filter(code="earned_settled").order_by("line_id")
    assert [(row.line_id, row.quantity, row.unit_fen) for row in settled] == [
        ("1", 2, 50_00),
        ("2", 1, 10_00),
    ]
    assert Transfer.objects.get(code="freight_settled").amount_fen == order.freight_fen
    assert Event.objects.latest("pk").type == "order.completed"
    last = History.objects.filter(order=order, subject="order").latest("pk")
    assert (last.from_state, last.to_state, last.actor_kind) == ("received", "completed", "timer")


def test_the_longest_window_of_what_was_received_counts_and_every_source_waits_for_it() -> None:
    first, second = make_supplier(), make_supplier()
    order = make_received({make_goods(first): 1, make_goods(second): 1})
    Order.objects.filter(pk=order.pk).update(received_at=None, aftersale_until=None)
    Line.objects.filter(order=order, line_id="2").update(aftersale_days=30)

    header.recompute([order.pk], at=RECEIVED)

    order.refresh_from_db()
    assert order.aftersale_until == RECEIVED + timedelta(days=30)


def test_an_order_with_an_open_case_is_not_completed_until_it_ends() -> None:
    supplier = make_supplier()
    order = make_received({make_goods(supplier): 1})
    Order.objects.filter(pk=order.pk).update(open_cases=1)

    with_case = completing.complete_due(at=RECEIVED + WINDOW)
    Order.objects.filter(pk=order.pk).update(open_cases=0)
    without = completing.complete_due(at=RECEIVED + WINDOW)

    assert (with_case, without) == (0, 1)
    assert accounts.balance(Kind.EARNED, supplier.pk) == 0


def test_without_a_window_the_end_of_the_last_case_completes_the_order() -> None:
    order = make_received({make_goods(make_supplier()): 1}, days=0)
    Order.objects.filter(pk=order.pk).update(open_cases=1, completed_at=None, state="received")

    header.recompute([order.pk], at=RECEIVED)
    order.refresh_from_db()
    with_case = order.state
    Order.objects.filter(pk=order.pk).update(open_cases=0)
    header.recompute([order.pk], at=RECEIVED + WINDOW)

    order.refresh_from_db()
    assert (with_case, order.state) == (OrderState.RECEIVED, OrderState.COMPLETED)
    assert order.completed_at == RECEIVED + WINDOW


def test_an_order_refunded_in_full_stays_so_and_what_was_earned_of_it_is_settled() -> None:
    supplier = make_supplier()
    order = make_received({make_goods(supplier): 1})
    Line.objects.filter(order=order).update(refunded=1)
    header.recompute([order.pk], at=RECEIVED)
    told = Event.objects.filter(type="order.completed").count()

    done = completing.complete_due(at=RECEIVED + WINDOW)

    order.refresh_from_db()
    assert (done, order.state) == (1, OrderState.REFUNDED)
    assert accounts.balance(Kind.EARNED, supplier.pk) == 0
    assert Event.objects.filter(type="order.completed").count() == told


def test_what_nothing_was_earned_of_by_a_supplier_is_completed_too() -> None:
    order = make_received({make_goods(None): 1})

    done = completing.complete_due(at=RECEIVED + WINDOW)

    order.refresh_from_db()
    assert (done, order.state) == (1, OrderState.COMPLETED)
    assert accounts.balance(Kind.OWN_SALES) == 50_00 + order.freight_fen
