"""Parcels at one moment: received, voided, scanned and completed by many at once, each once."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from distributors.models import Distributor
from integration.models import Event
from kit.actors import OPERATIONS
from kit.errors import DomainError
from ledger import accounts
from ledger.models import Kind, Transfer
from orders import completing, correcting, placing, receiving, shipping, tracking
from orders.models import Line, Order, OrderState, Scan, Shipment
from orders.tracking import Heard, Outcome
from suppliers.models import Supplier
from supplychain.models import Sku
from tests.factories import NOON, make_distributor, make_request, make_sku, make_supplier
from tests.races import racing

pytestmark = pytest.mark.django_db(transaction=True)

PRICE_FEN = 50_00
PAIRS = 40
ORDERS = 60
# Two beats wake four workers each.
WORKERS = 8
HOUR = timedelta(hours=1)
LATER = NOON + timedelta(days=30)


def make_shop() -> tuple[Distributor, Supplier, Sku]:
    supplier = make_supplier()
    shop = make_distributor(deposit_fen=10_000_000_00)
    sku = make_sku(supply_price_fen=PRICE_FEN, supplier=supplier, available=10_000)
    return shop, supplier, sku


def make_parcels(
    shop: Distributor, sku: Sku, count: int, *, at: datetime = NOON, days: int = 0
) -> list[Shipment]:
    """As many orders of one piece, each shipped in a parcel a minute after the one before."""
    supplier = sku.product.supplier
    requests = [make_request(shop, {sku: 1}) for _ in range(count)]
    placing.place_many(requests, at=at)
    Line.objects.filter(order__distributor=shop).update(aftersale_days=days)
    parcels = []
    for number, order in enumerate(Order.objects.filter(distributor=shop).order_by("pk")):
        part = order.fulfilments.get()
        parcels.append(
            shipping.ship(
                fulfilment_pk=part.pk,
                supplier=supplier,
                carrier_code="ZTO",
                tracking_no=f"73{part.pk:012}",
                actor=OPERATIONS,
                at=at + timedelta(minutes=number),
            )
        )
    return parcels


def void(parcel: Shipment) -> Shipment | DomainError:
    return racing.answered(
        lambda: correcting.void(
            shipment_pk=parcel.pk,
            supplier=None,
            by_staff=True,
            reason="重复",
            actor=OPERATIONS,
            at=LATER,
        )
    )


def receive(parcel: Shipment, shop: Distributor) -> Order | DomainError:
    return racing.answered(
        lambda: receiving.receive(
            order_pk=parcel.fulfilment.order_id, distributor=shop, actor=OPERATIONS, at=LATER
        )
    )


def tell(*heard: Heard) -> list[Outcome]:
    return tracking.record(heard=heard, at=LATER)


def test_a_parcel_is_either_received_or_voided_never_both() -> None:
    shop, supplier, sku = make_shop()
    parcels = make_parcels(shop, sku, PAIRS)

    def work(number: int) -> list[object]:
        # Neighbours of the same pair start together.
        return [void(parcel) if number % 2 else receive(parcel, shop) for parcel in parcels]

    received, voided = racing.race(work, 2)

    for parcel, first, second in zip(parcels, received, voided, strict=True):
        assert isinstance(first, DomainError) != isinstance(second, DomainError), parcel
        parcel.refresh_from_db()
        assert parcel.state == ("voided" if isinstance(first, DomainError) else "received")
    paid = Shipment.objects.filter(state="received").count()
    assert accounts.balance(Kind.PAYABLE, supplier.pk) == paid * PRICE_FEN
    racing.assert_books_are_clean()


def test_a_parcel_that_a_carrier_scans_is_not_voided_at_the_same_moment() -> None:
    shop, _supplier, sku = make_shop()
    parcels = make_parcels(shop, sku, PAIRS)

    def work(number: int) -> list[object]:
        return [
            void(parcel)
            if number
            else tell(Heard("ZTO", parcel.tracking_no, "picked_up", parcel.shipped_at))[0]
            for parcel in parcels
        ]

    scanned, voided = racing.race(work, 2)

    for parcel, first, second in zip(parcels, scanned, voided, strict=True):
        assert isinstance(first, DomainError) != isinstance(second, DomainError), parcel
        assert Scan.objects.filter(shipment=parcel).exists() == isinstance(second, DomainError)
    racing.assert_books_are_clean()


def test_scans_that_are_pushed_by_many_in_any_order_are_kept_and_told_once() -> None:
    shop, _supplier, sku = make_shop()
    parcels = make_parcels(shop, sku, 10)
    heard = [
        Heard("ZTO", parcel.tracking_no, status, parcel.shipped_at + hours * HOUR)
        for parcel in parcels
        for hours, status in enumerate(("picked_up", "in_transit", "delivered"), 1)
    ]
    deadlocks = racing.deadlocks()

    racing.race(lambda number: tell(*(heard[::-1] if number % 2 else heard)), WORKERS)

    racing.assert_no_deadlock_since(deadlocks)
    assert Scan.objects.count() == len(heard)
    assert Event.objects.filter(type="shipment.delivered").count() == len(parcels)
    assert set(Shipment.objects.values_list("state", "version")) == {("delivered", 2)}


def test_one_number_that_two_parcels_are_corrected_to_at_once_is_good_for_one() -> None:
    shop, supplier, sku = make_shop()
    parcels = make_parcels(shop, sku, WORKERS)

    outcomes = racing.race(
        lambda number: racing.answered(
            lambda: correcting.correct(
                shipment_pk=parcels[number].pk,
                supplier=supplier,
                carrier_code="ZTO",
                tracking_no="73999999999999",
                reason="录错",
                actor=OPERATIONS,
                at=LATER,
            )
        ),
        WORKERS,
    )

    refused = [outcome.code for outcome in outcomes if isinstance(outcome, DomainError)]
    assert refused == ["tracking_no_taken"] * (WORKERS - 1)
    racing.assert_books_are_clean()


def test_two_beats_and_their_workers_receive_each_parcel_once() -> None:
    shop, supplier, sku = make_shop()
    make_parcels(shop, sku, ORDERS)

    counts = racing.race(lambda _: receiving.receive_due(at=LATER), WORKERS)

    assert sum(counts) == ORDERS
    assert accounts.balance(Kind.PAYABLE, supplier.pk) == ORDERS * PRICE_FEN
    assert Event.objects.filter(type="order.completed").count() == ORDERS
    racing.assert_books_are_clean()


def test_two_beats_and_their_workers_complete_each_order_once() -> None:
    shop, supplier, sku = make_shop()
    make_parcels(shop, sku, ORDERS, days=7)
    receiving.receive_due(at=LATER)
    over = LATER + timedelta(days=7)

    counts = racing.race(lambda _: completing.complete_due(at=over), WORKERS)

    assert sum(counts) == ORDERS
    assert accounts.balance(Kind.EARNED, supplier.pk) == 0
    assert accounts.balance(Kind.PAYABLE, supplier.pk) == ORDERS * PRICE_FEN
    assert Transfer.objects.filter(code="earned_settled").count() == ORDERS
    racing.assert_books_are_clean()


def test_after_an_hour_without_workers_all_that_became_due_is_done_once() -> None:
    shop, supplier, sku = make_shop()
    parcels = make_parcels(shop, sku, ORDERS, days=1)
    first_due = parcels[0].receive_due_at
    before = receiving.receive_due(at=first_due)

    # The workers stand still for an hour, in which the others have become due minute by minute.
    counts = racing.race(lambda _: receiving.receive_due(at=first_due + HOUR), WORKERS)
    over = first_due + timedelta(days=1) + HOUR
    early = racing.race(lambda _: completing.complete_due(at=over - HOUR), WORKERS)
    completed = racing.race(lambda _: completing.complete_due(at=over), WORKERS)

    assert before + sum(counts) == ORDERS
    assert (sum(early), sum(completed)) == (1, ORDERS - 1)
    assert set(Order.objects.values_list("state", flat=True)) == {OrderState.COMPLETED}
    assert accounts.balance(Kind.PAYABLE, supplier.pk) == ORDERS * PRICE_FEN
    assert completing.complete_due(at=over) == 0 == receiving.receive_due(at=over)
    racing.assert_books_are_clean()


def test_no_order_is_received_by_itself_whose_case_opens_at_that_moment() -> None:
    shop, _supplier, sku = make_shop()
    make_parcels(shop, sku, ORDERS)
    order_pks = list(Order.objects.order_by("pk").values_list("pk", flat=True))

    @transaction.atomic
    def open_case(pk: int) -> None:
        order = Order.objects.filter(pk=pk).locked().get()
        if order.received_at is None:
            Order.objects.filter(pk=pk).update(open_cases=1)

    def work(number: int) -> int:
        if number == 0:
            return receiving.receive_due(at=LATER)
        for pk in order_pks[number::3]:
            open_case(pk)
        return 0

    racing.race(work, 4)

    for order in Order.objects.all():
        assert (order.received_at is None) == (order.open_cases == 1), order
    Order.objects.update(open_cases=0)
    receiving.receive_due(at=LATER)
    racing.assert_books_are_clean()
