"""Shipping, receiving and numbering that happen at the same moment: each once."""

import pytest

from distributors.models import Distributor
from integration import outbox
from integration.models import Event
from kit.actors import OPERATIONS
from kit.errors import DomainError
from ledger import accounts
from ledger.models import Kind
from orders import placing, receiving, shipping, shipping_files, shipping_rows
from orders.models import Fulfilment, Line, Order, Shipment
from suppliers.models import Supplier
from tests.factories import NOON, make_distributor, make_request, make_sku, make_supplier
from tests.races import racing

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 12


def make_part(shop: Distributor, supplier: Supplier, *, quantity: int) -> Fulfilment:
    sku = make_sku(supply_price_fen=50_00, supplier=supplier)
    placing.place(make_request(shop, {sku: quantity}), at=NOON)
    return Fulfilment.objects.latest("pk")


def ship(
    part: Fulfilment, *, tracking_no: str, pieces: dict[int, int] | None = None
) -> Shipment | DomainError:
    return racing.answered(
        lambda: shipping.ship(
            fulfilment_pk=part.pk,
            supplier=part.supplier,
            carrier_code="SF",
            tracking_no=tracking_no,
            pieces=pieces,
            actor=OPERATIONS,
            at=NOON,
        )
    )


def codes(outcomes: list[Shipment | DomainError] | list[Order | DomainError]) -> list[str]:
    return sorted(
        outcome.code if isinstance(outcome, DomainError) else "done" for outcome in outcomes
    )


def test_a_part_that_is_shipped_by_many_at_once_is_shipped_once() -> None:
    part = make_part(make_distributor(), make_supplier(), quantity=2)

    outcomes = racing.race(lambda n: ship(part, tracking_no=f"SF10000000{n:02d}"), THREADS)

    assert codes(outcomes) == ["done"] + ["state_conflict"] * (THREADS - 1)
    assert Shipment.objects.count() == 1
    assert Line.objects.get().shipped == 2
    racing.assert_books_are_clean()


def test_parcels_of_one_piece_that_leave_at_once_hold_no_more_than_was_ordered() -> None:
    part = make_part(make_distributor(), make_supplier(), quantity=5)
    line = part.lines.get()

    outcomes = racing.race(
        lambda n: ship(part, tracking_no=f"SF10000000{n:02d}", pieces={line.pk: 1}), THREADS
    )

    assert codes(outcomes) == ["done"] * 5 + ["state_conflict"] * (THREADS - 5)
    line.refresh_from_db()
    assert line.shipped == 5
    racing.assert_books_are_clean()


def test_one_tracking_number_for_many_orders_at_once_is_good_for_one() -> None:
    shop, supplier = make_distributor(), make_supplier()
    parts = [make_part(shop, supplier, quantity=1) for _ in range(THREADS)]

    outcomes = racing.race(lambda n: ship(parts[n], tracking_no="SF1000000000"), THREADS)

    assert codes(outcomes) == ["done"] + ["tracking_no_taken"] * (THREADS - 1)
    assert Shipment.objects.count() == 1
    racing.assert_books_are_clean()


def test_one_sheet_that_is_shipped_by_many_at_once_ships_every_parcel_once() -> None:
    shop, supplier = make_distributor(deposit_fen=10_000_00), make_supplier()
    orders = [make_part(shop, supplier, quantity=2).order.order_no for _ in range(5)]
    text = "\n".join(f"{order_no} SF10000000000{place:02}" for place, order_no in enumerate(orders))
    files = [
        shipping_files.take_in(
            supplier=supplier,
            name="",
            table=shipping_rows.read_text(text),
            actor=OPERATIONS,
            at=NOON,
        )
        for _ in range(THREADS)
    ]

    def work(number: int) -> tuple[int, int, int]:
        file = shipping_files.ship(
            supplier=supplier, file_no=files[number].file_no, actor=OPERATIONS, at=NOON
        )
        return file.shipped_count, file.known_count, file.refused_count

    outcomes = racing.race(work, THREADS)

    assert sorted(outcomes) == [(0, 5, 0)] * (THREADS - 1) + [(5, 0, 0)]
    assert Shipment.objects.count() == 5
    assert {line.shipped for line in Line.objects.all()} == {2}
    racing.assert_books_are_clean()


def test_a_receipt_that_is_confirmed_by_many_and_by_the_timer_at_once_earns_once() -> None:
    shop, supplier = make_distributor(), make_supplier()
    part = make_part(shop, supplier, quantity=2)
    ship(part, tracking_no="SF1000000000")
    Shipment.objects.update(receive_due_at=NOON)

    def work(number: int) -> Order | DomainError | int:
        if number % 4 == 0:
            return receiving.receive_due(at=NOON)
        return racing.answered(
            lambda: receiving.receive(
                order_pk=part.order_id, distributor=shop, actor=OPERATIONS, at=NOON
            )
        )

    outcomes = racing.race(work, THREADS)

    assert not any(isinstance(outcome, DomainError) for outcome in outcomes)
    assert accounts.balance(Kind.PAYABLE, supplier.pk) == 2 * 50_00
    assert accounts.balance(Kind.ORDERS_OPEN) == 0
    racing.assert_books_are_clean()


def test_pieces_that_are_received_one_by_one_at_once_are_earned_one_by_one() -> None:
    shop, supplier = make_distributor(), make_supplier()
    part = make_part(shop, supplier, quantity=5)
    ship(part, tracking_no="SF1000000000")

    outcomes = racing.race(
        lambda _: racing.answered(
            lambda: receiving.receive(
                order_pk=part.order_id,
                distributor=shop,
                pieces={"1": 1},
                actor=OPERATIONS,
                at=NOON,
            )
        ),
        THREADS,
    )

    assert codes(outcomes) == ["done"] * 5 + ["more_than_shipped"] * (THREADS - 5)
    assert accounts.balance(Kind.PAYABLE, supplier.pk) == 5 * 50_00
    racing.assert_books_are_clean()


def test_events_that_are_numbered_by_many_while_others_write_get_every_number_once() -> None:
    shop = make_distributor(deposit_fen=100_000_00)
    tea = make_sku(supply_price_fen=1_00, available=1_000)

    def work(number: int) -> None:
        for _ in range(10):
            if number % 2:
                placing.place(make_request(shop, {tea: 1}), at=NOON)
            else:
                outbox.stamp()

    racing.race(work, THREADS)
    outbox.stamp()

    told = list(Event.objects.order_by("seq").values_list("seq", flat=True))
    assert told == list(range(1, len(told) + 1))
    assert len(told) == 1 + 10 * THREADS // 2
    racing.assert_books_are_clean()
