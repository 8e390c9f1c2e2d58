"""Pushing stock: who asked for goods learns what is left of them, and orders pay nothing for it."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from companies import policies
from distributors.models import Distributor
from integration.models import Event, Gap
from kit.actors import OPERATIONS
from kit.errors import DomainError
from orders import missing, placing
from supplychain import listing, pushing, selecting, selling_out, stock
from supplychain.models import Movement, Product, Sku, Stock, StockWaiting
from supplychain.selecting import Wanted
from tests.factories import NOON, make_distributor, make_product, make_request, make_sku
from tests.races.racing import race

Items = dict[str, tuple[int, int]]

LATER = NOON + timedelta(seconds=1)
MUCH_LATER = NOON + timedelta(seconds=2)


@pytest.fixture
def _follower() -> None:
    """Begin to follow, as a running installation has long since."""
    pushing.push(at=NOON - timedelta(minutes=1))
    missing.push_missing(at=NOON - timedelta(minutes=1))


pytestmark = pytest.mark.usefixtures("db", "_follower")


def make_shop(*skus: Sku) -> Distributor:
    """A distributor that selected the products of some skus."""
    shop = make_distributor()
    item_nos = tuple({sku.product.item_no for sku in skus})
    if item_nos:
        selecting.select(distributor=shop, wanted=Wanted(item_nos=item_nos), at=NOON)
    return shop


def told(shop: Distributor) -> list[Items]:
    """Available and version by sku, of each event in its order."""
    rows = Event.objects.filter(partner=shop.partner, type="stock.changed").order_by("pk")
    return [
        {item["sku_no"]: (item["available"], item["stock_version"]) for item in row.data["items"]}
        for row in rows
    ]


def move(sku: Sku, quantity: int) -> None:
    stock.adjust(sku_pk=sku.pk, quantity=quantity, actor=OPERATIONS, at=NOON)


def now(sku: Sku) -> tuple[int, int]:
    level = Stock.objects.get(pk=sku.pk)
    return level.available, level.version


def test_an_order_is_told_to_those_who_asked_for_the_goods_with_the_newest_stock() -> None:
    tea, rice = make_sku(available=9), make_sku(available=9)
    buyer, selector, stranger = make_distributor(), make_shop(tea, rice), make_shop()
    pushing.push(at=NOON)
    placing.place(make_request(buyer, {tea: 2}), at=NOON)
    move(tea, -3)

    events = [pushing.push(at=LATER), pushing.push(at=MUCH_LATER)]

    assert events == [1, 0]
    assert told(selector)[-1] == {tea.sku_no: now(tea)}
    assert now(tea)[0] == 4
    assert told(stranger) == []
    [event] = Event.objects.filter(partner=selector.partner, data__items__0__sku_no=tea.sku_no)[1:]
    assert event.data["items"][0]["item_no"] == tea.product.item_no
    assert (event.object_no, event.object_version) == (tea.sku_no, None)


def test_what_moves_within_a_second_is_one_event_with_the_newest_of_each() -> None:
    tea, rice = make_sku(), make_sku()
    shop = make_shop(tea, rice)
    pushing.push(at=NOON)
    before = len(told(shop))

    for sku in (tea, rice, tea):
        move(sku, -1)
        pushing.push(at=NOON + timedelta(seconds=0.9))
    held_back = len(told(shop)) - before
    pushing.push(at=LATER)

    assert held_back == 0
    assert told(shop)[before:] == [{tea.sku_no: now(tea), rice.sku_no: now(rice)}]


def test_to_0_and_from_0_goes_out_at_once_and_is_not_told_again_in_its_second() -> None:
    tea, rice = make_sku(available=3), make_sku()
    shop = make_shop(tea, rice)
    pushing.push(at=NOON)
    before = len(told(shop))

    move(rice, -1)
    for quantity in (-3, 4):
        move(tea, quantity)
        pushing.push(at=NOON + timedelta(seconds=0.4))
    pushing.push(at=LATER)
    pushing.push(at=MUCH_LATER)

    assert told(shop)[before:] == [
        {tea.sku_no: (0, 2)},
        {tea.sku_no: (4, 3)},
        {rice.sku_no: now(rice)},
    ]


def test_each_distributor_is_told_what_it_could_order_its_own_allotment_included() -> None:
    tea = make_sku(available=100)
    favoured, other = make_distributor(), make_shop(tea)
    pushing.push(at=NOON)
    stock.allot(
        sku_pk=tea.pk, distributor=favoured, quantity=60, then_pool=True, actor=OPERATIONS, at=NOON
    )
    pushing.push(at=LATER)
    placing.place(make_request(favoured, {tea: 5}), at=LATER)

    pushing.push(at=MUCH_LATER)

    assert [items[tea.sku_no] for items in told(favoured)] == [(100, 3), (95, 4)]
    assert [items[tea.sku_no] for items in told(other)][1:] == [(40, 2)]


def test_the_pool_that_is_shut_to_a_distributor_is_gone_for_it_in_a_new_version() -> None:
    tea = make_sku(available=10)
    shop = make_shop(tea)
    pushing.push(at=NOON)

    for step, then_pool in enumerate((False, True), 1):
        stock.allot(
            sku_pk=tea.pk,
            distributor=shop,
            quantity=0,
            then_pool=then_pool,
            actor=OPERATIONS,
            at=NOON,
        )
        pushing.push(at=NOON + timedelta(seconds=step))

    assert [items[tea.sku_no] for items in told(shop)][1:] == [(0, 3), (10, 5)]


def test_more_than_an_event_holds_waits_for_the_next_second_and_nothing_is_left_out() -> None:
    product = make_product()
    count = pushing.MAX_ITEMS + 7
    skus = Sku.objects.bulk_create(
        Sku(product=product, sku_no=f"S{n}", owner_no=f"S{n}", supply_price_fen=1, price_version=1)
        for n in range(count)
    )
    Stock.objects.bulk_create(Stock(sku=sku) for sku in skus)
    shop = make_shop(skus[0])
    with transaction.atomic():
        stock.set_many_within(available={s.pk: 5 for s in skus}, actor=OPERATIONS, at=NOON)
    pushing.push(at=NOON)
    waiting = StockWaiting.objects.count()
    # What waits is told as it is then.
    move(skus[-1], 1)

    pushing.push(at=LATER)

    first, second = told(shop)
    assert (len(first), waiting, len(second)) == (pushing.MAX_ITEMS, 7, 7)
    assert {**first, **second} == {sku.sku_no: now(sku) for sku in skus}
    assert not StockWaiting.objects.exists()


def test_nobody_is_told_of_what_it_does_not_see() -> None:
    hidden, gone = make_sku(), make_sku()
    shop = make_shop(hidden, gone)
    Product.objects.filter(pk=hidden.product_id).update(chosen_only=True)
    listing.delist_product(product_pk=gone.product_id, supplier=None, actor=OPERATIONS, at=NOON)
    move(hidden, -1)
    move(gone, -1)

    assert pushing.push(at=NOON) == 0
    assert told(shop) == []


def lost_while_writing(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """Lose the database as soon as events are written."""
    if "integration_event" in sql:
        raise OperationalError("the server is gone")
    return execute(sql, params, many, context)


def test_a_push_that_dies_loses_nothing() -> None:
    tea = make_sku()
    shop = make_shop(tea)

    with pytest.raises(OperationalError), connection.execute_wrapper(lost_while_writing):
        pushing.push(at=NOON)
    after_the_crash = told(shop)
    pushing.push(at=NOON)

    assert after_the_crash == []
    assert told(shop) == [{tea.sku_no: now(tea)}]


def test_who_is_refused_for_want_of_stock_is_told_that_none_is_left() -> None:
    tea, rice = make_sku(available=0), make_sku(available=1)
    shop = make_distributor()
    refused = make_request(shop, {tea: 1, rice: 2})
    with pytest.raises(DomainError):
        placing.place(refused, at=NOON)

    events = [missing.push_missing(at=NOON), missing.push_missing(at=LATER)]

    assert events == [1, 0]
    assert told(shop) == [{tea.sku_no: (0, 0)}]


def test_an_order_costs_the_same_however_many_distributors_are_told() -> None:
    tea = make_sku()
    buyer = make_distributor()
    placing.place(make_request(buyer, {tea: 1}), at=NOON)

    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as statements:
            placing.place(make_request(buyer, {tea: 1}), at=NOON)
        return len(statements), Event.objects.filter(type="stock.changed").count()

    alone = cost()
    for _ in range(5):
        make_shop(tea)

    assert cost() == alone
    assert pushing.push(at=NOON) == 5


@pytest.mark.parametrize(("_case", "wanted"), [("as it is delivered", False), ("decided", True)])
def test_goods_of_which_nothing_is_left_are_delisted_where_the_platform_says_so(
    _case: str, wanted: bool
) -> None:
    sold_out, left = make_sku(available=0), make_sku(available=1)
    policies.decide(name="delist_at_zero", value=wanted, actor=OPERATIONS, at=NOON)

    delisted = selling_out.delist_sold_out(at=NOON)

    assert delisted == int(wanted)
    sold_out.product.refresh_from_db()
    left.product.refresh_from_db()
    assert sold_out.product.state == ("delisted" if wanted else "listed")
    assert left.product.state == "listed"


@pytest.mark.django_db(transaction=True)
def test_a_movement_that_is_committed_late_is_told_although_later_ones_were() -> None:
    early, late = make_sku(), make_sku()
    shop = make_shop(early, late)
    pushing.push(at=NOON)
    before = len(told(shop))
    # Older numbers that were never used are looked for as long as any transaction of the server lasts.
    newest = Movement.objects.latest("pk").pk
    may_commit, has_moved = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            stock.set_many_within(available={late.pk: 7}, actor=OPERATIONS, at=NOON)
            has_moved.set()
            may_commit.wait(30)
        connection.close()

    writer = threading.Thread(target=slow_writer)
    writer.start()
    has_moved.wait(30)
    move(early, -1)
    pushing.push(at=LATER)
    pushing.push(at=MUCH_LATER)
    gaps = Gap.objects.filter(row_id__gt=newest).count()

    may_commit.set()
    writer.join()
    pushing.push(at=MUCH_LATER + timedelta(seconds=1))
    pushing.push(at=MUCH_LATER + timedelta(seconds=2))

    assert told(shop)[before:] == [{early.sku_no: now(early)}, {late.sku_no: (7, 2)}]
    assert gaps == 1
    assert not Gap.objects.filter(row_id__gt=newest).exists()


@pytest.mark.django_db(transaction=True)
def test_many_pushers_at_once_tell_everything_once() -> None:
    skus = [make_sku() for _ in range(3)]
    shop = make_shop(*skus)
    stamps = [NOON + timedelta(seconds=number) for number in range(4)]

    events = race(lambda number: pushing.push(at=stamps[number]), 4)

    assert sum(events) == 1
    assert told(shop) == [{sku.sku_no: now(sku) for sku in skus}]
