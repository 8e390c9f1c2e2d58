"""Holidays: goods go off sale by themselves and come back, but for what people decided meanwhile."""

import threading
import time
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from kit import bulk
from kit.actors import person
from kit.errors import NotFound
from orders import placing
from suppliers.models import Supplier
from supplychain import catalogue, holidays, listing, pausing, reviewing, selecting, telling
from supplychain.content import Content, SkuContent
from supplychain.models import Holiday, Product, Revision
from supplychain.selecting import Wanted
from tests.factories import NOON, make_distributor, make_request, make_sku, make_supplier
from tests.races import racing

pytestmark = pytest.mark.django_db(transaction=True)
CLERK = person("clerk@example.com")
FIRST, LAST = date(2026, 12, 1), date(2026, 12, 7)
# Midnights in Shanghai.
BEGINS, ENDS = NOON + timedelta(days=8, hours=12), NOON + timedelta(days=15, hours=12)
MOMENT = timedelta(seconds=1)
WAITING = (
    "SELECT pid FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
)


def plan(supplier: Supplier, first: date = FIRST, last: date = LAST) -> Holiday:
    return holidays.plan(
        supplier=supplier, first_day=first, last_day=last, message="春节放假", actor=CLERK, at=NOON
    )


def turn(product: Product, on_sale: bool, at: object = NOON) -> None:
    """List or delist a product by hand."""
    act = listing.list_product if on_sale else listing.delist_product
    act(product_pk=product.pk, supplier=product.supplier, actor=CLERK, at=at)  # type: ignore[arg-type]


def propose(supplier: Supplier) -> Revision:
    """Submit a new product."""
    category_pk = catalogue.category("食品/茶叶").pk
    content = Content(
        name="茶",
        category_pk=category_pk,
        skus=(SkuContent(owner_no="NEW-1", supply_price_fen=10_00, opening_stock=9),),
    )
    return reviewing.propose_product(
        supplier=supplier, owner_no="NEW", content=content, actor=CLERK, at=NOON
    )


def holds_up(other: threading.Thread) -> bool:
    """Wait until somebody waits for this transaction, or the other thread is through."""
    give_up_at = time.monotonic() + racing.SETTLE_SECONDS * 6
    while other.is_alive() and time.monotonic() < give_up_at:
        if bulk.query(WAITING):
            return True
        time.sleep(0.01)
    return False


def states(*products: Product) -> list[str]:
    for one in products:
        one.refresh_from_db()
    return [one.state for one in products]


def test_goods_go_off_sale_for_a_holiday_and_only_those_come_back() -> None:
    supplier = make_supplier()
    plain, by_hand, off_before, off_between = goods = [
        make_sku(supplier=supplier).product for _ in range(4)
    ]
    foreign = make_sku(supplier=make_supplier()).product
    turn(by_hand, False)
    turn(off_before, False)
    plan(supplier)

    assert holidays.run_due(at=BEGINS - MOMENT) == 0
    assert holidays.run_due(at=BEGINS) == 1
    during = states(*goods, foreign)
    turn(by_hand, True)
    turn(off_between, False)
    assert holidays.run_due(at=ENDS - MOMENT) == 0
    assert holidays.run_due(at=ENDS) == 1

    assert during == ["delisted"] * 4 + ["listed"]
    assert states(*goods) == ["listed", "listed", "delisted", "delisted"]
    holiday = Holiday.objects.get()
    assert (holiday.state, holiday.paused, holiday.resumed) == ("over", 3, 2)
    assert plain.state_reason == ""
    assert holidays.run_due(at=ENDS) == 0


def test_while_closed_nothing_is_ordered_and_distributors_hear_of_both_days() -> None:
    supplier, shop = make_supplier(), make_distributor()
    sku = make_sku(supplier=supplier)
    selecting.select(distributor=shop, wanted=Wanted(item_nos=(sku.product.item_no,)), at=NOON)
    plan(supplier)
    holidays.run_due(at=BEGINS)
    telling.tell_changes(at=BEGINS)

    [refused] = placing.place_many([make_request(shop, {sku: 1}, number="A1")], at=BEGINS)
    holidays.run_due(at=ENDS)
    telling.tell_changes(at=ENDS)
    [placed] = placing.place_many([make_request(shop, {sku: 1}, number="A2")], at=ENDS)

    assert not isinstance(refused, placing.Placed)
    assert isinstance(placed, placing.Placed)
    gone, back = shop.partner.events.filter(type__startswith="product.").order_by("pk")
    assert (gone.type, back.type) == ("product.delisted", "product.listed")
    assert gone.data["holiday"] == {"message": "春节放假", "open_again_on": "2026-12-08"}


def test_a_supplier_closes_at_once_is_back_earlier_and_calls_plans_off() -> None:
    supplier = make_supplier()
    product = make_sku(supplier=supplier).product
    plan(supplier, first=date(2026, 11, 22))
    closed = states(product)
    with pytest.raises(holidays.HolidayPlannedAlready):
        plan(supplier)

    holidays.end_early(supplier=supplier, actor=CLERK, at=NOON)
    back = states(product)
    plan(supplier)
    holidays.end_early(supplier=supplier, actor=CLERK, at=NOON)

    assert (closed, back) == (["delisted"], ["listed"])
    assert holidays.run_due(at=ENDS) == 0
    assert sorted(Holiday.objects.values_list("state", flat=True)) == ["called_off", "over"]
    with pytest.raises(NotFound):
        holidays.end_early(supplier=supplier, actor=CLERK, at=NOON)


@pytest.mark.parametrize(
    ("_case", "first", "last"),
    [
        ("it began yesterday", date(2026, 11, 21), date(2026, 11, 25)),
        ("it ends before it begins", date(2026, 12, 2), date(2026, 12, 1)),
        ("it is far away", date(2028, 1, 1), date(2028, 1, 2)),
        ("it is long", date(2026, 12, 1), date(2027, 4, 1)),
    ],
)
def test_a_holiday_out_of_range_is_refused(_case: str, first: date, last: date) -> None:
    supplier = make_supplier()

    with pytest.raises(holidays.HolidayOutOfRange):
        plan(supplier, first, last)

    assert not Holiday.objects.exists()


def test_many_workers_begin_and_end_each_holiday_once_even_when_both_were_missed() -> None:
    suppliers = [make_supplier() for _ in range(3)]
    products = [make_sku(supplier=one).product for one in suppliers]
    for one in suppliers:
        plan(one)

    counts = racing.race(lambda _number: holidays.run_due(at=ENDS), 4)
    # What one worker had locked the others have left to it.
    last = holidays.run_due(at=ENDS)

    assert sum(counts) + last == 6
    assert states(*products) == ["listed"] * 3
    rows = set(Holiday.objects.values_list("state", "paused", "resumed"))
    assert rows == {("over", 1, 1)}


def test_what_is_approved_or_listed_during_a_holiday_comes_on_sale_when_it_ends() -> None:
    supplier, shop = make_supplier(trusted=False), make_distributor()
    by_hand, kept_off = (make_sku(supplier=supplier).product for _ in range(2))
    turn(by_hand, False)
    plan(supplier, first=date(2026, 11, 22))
    revision = propose(supplier)
    reviewing.approve(revision_pk=revision.pk, actor=CLERK, at=NOON)
    turn(by_hand, True)
    turn(kept_off, False)
    new = revision.product
    with pytest.raises(listing.WaitsForHoliday):
        turn(by_hand, True)

    during = states(new, by_hand, kept_off)
    [refused] = placing.place_many([make_request(shop, {new.skus.get(): 1})], at=NOON)
    waiting = [pausing.opens_on(one) for one in (new, by_hand, kept_off)]
    holidays.run_due(at=ENDS)

    assert during == ["draft", "delisted", "delisted"]
    assert not isinstance(refused, placing.Placed)
    assert waiting == [date(2026, 12, 8)] * 2 + [None]
    assert states(new, by_hand, kept_off) == ["listed", "listed", "delisted"]
    assert set(Holiday.objects.values_list("paused", "resumed")) == {(3, 2)}


def test_a_holiday_that_begins_waits_for_goods_that_are_being_listed() -> None:
    supplier = make_supplier()
    product = make_sku(supplier=supplier).product
    turn(product, False)

    def begin() -> None:
        plan(supplier, first=date(2026, 11, 22))
        connection.close()

    beginning = threading.Thread(target=begin)
    with transaction.atomic():
        listing.list_within(product_pks=[product.pk], supplier=supplier, actor=CLERK, at=NOON)
        beginning.start()
        waits = holds_up(beginning)
    beginning.join()

    assert waits
    assert states(product) == ["delisted"]
    assert pausing.opens_on(product) == date(2026, 12, 8)
