"""Stock: exact, never below zero, and every change a movement with the balance after it."""

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from kit.actors import OPERATIONS
from kit.errors import NotFound
from supplychain import stock
from supplychain.models import Movement, Stock
from tests.factories import NOON, make_distributor, make_sku

pytestmark = pytest.mark.django_db


def test_setting_and_adjusting_leave_a_chain_of_movements() -> None:
    sku = make_sku(available=10)

    stock.adjust(sku_pk=sku.pk, quantity=-3, actor=OPERATIONS, at=NOON)
    stock.set_available(sku_pk=sku.pk, available=50, actor=OPERATIONS, at=NOON)

    rows = Movement.objects.filter(sku=sku).order_by("version")
    chain = [(row.quantity, row.balance_after, row.version) for row in rows]
    assert chain == [(10, 10, 1), (-3, 7, 2), (43, 50, 3)]


def test_setting_what_is_there_already_changes_nothing() -> None:
    sku = make_sku(available=10)

    level = stock.set_available(sku_pk=sku.pk, available=10, actor=OPERATIONS, at=NOON)

    assert (level.available, level.version) == (10, 1)


def test_a_pool_is_set_only_if_nobody_changed_it_meanwhile() -> None:
    sku = make_sku(available=10)
    stock.adjust(sku_pk=sku.pk, quantity=-1, actor=OPERATIONS, at=NOON)

    with pytest.raises(stock.StockChanged) as refused:
        stock.set_available(
            sku_pk=sku.pk, available=99, actor=OPERATIONS, at=NOON, expected_version=1
        )

    assert refused.value.values == {"version": 2, "available": 9}
    assert Stock.objects.get(sku=sku).available == 9


@pytest.mark.parametrize("available", [-1, 100_000_001])
def test_no_pool_is_negative_or_absurd(available: int) -> None:
    sku = make_sku(available=10)

    with pytest.raises(stock.StockOutOfRange):
        stock.set_available(sku_pk=sku.pk, available=available, actor=OPERATIONS, at=NOON)

    assert Stock.objects.get(sku=sku).available == 10


def test_no_more_is_taken_than_there_is() -> None:
    sku = make_sku(available=2)

    with pytest.raises(stock.StockInsufficient):
        stock.adjust(sku_pk=sku.pk, quantity=-3, actor=OPERATIONS, at=NOON)

    assert Stock.objects.get(sku=sku).available == 2
    assert Movement.objects.filter(sku=sku).count() == 1


def test_what_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound):
        stock.adjust(sku_pk=10**12, quantity=1, actor=OPERATIONS, at=NOON)
    with pytest.raises(NotFound):
        stock.set_available(sku_pk=10**12, available=1, actor=OPERATIONS, at=NOON)


def test_an_allotment_moves_pieces_out_of_the_pool_and_back() -> None:
    shop, sku = make_distributor(), make_sku(available=10)

    def allot(quantity: int) -> tuple[int, int]:
        allotment = stock.allot(
            sku_pk=sku.pk,
            distributor=shop,
            quantity=quantity,
            then_pool=True,
            actor=OPERATIONS,
            at=NOON,
        )
        return (allotment.available, Stock.objects.get(sku=sku).available)

    assert allot(6) == (6, 4)
    assert allot(1) == (1, 9)
    with pytest.raises(stock.StockInsufficient):
        allot(11)
    assert allot(0) == (0, 10)


def test_the_database_refuses_a_negative_pool_and_any_change_of_a_movement() -> None:
    sku = make_sku(available=1)
    movement = Movement.objects.get(sku=sku)

    with pytest.raises(IntegrityError, match="stock_never_below_zero"), transaction.atomic():
        Stock.objects.filter(sku=sku).update(available=-1)
    for sql in ("UPDATE supplychain_movement SET quantity = 5 WHERE id = %s",
                "DELETE FROM supplychain_movement WHERE id = %s"):  # fmt: skip
        with (
            pytest.raises(InternalError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql, [movement.pk])

    movement.refresh_from_db()
    assert movement.quantity == 1
