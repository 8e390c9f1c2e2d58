"""Holidays: goods go off sale by themselves and come back, but for what people decided meanwhile."""

from datetime import date, timedelta

import pytest

from kit.actors import person
from kit.errors import NotFound
from orders import placing
from suppliers.models import Supplier
from supplychain import holidays, listing, selecting, telling
from supplychain.models import Holiday, Product
from supplychain.selecting import Wanted
from tests.factories import NOON, make_distributor, make_request, make_sku, make_supplier
from tests.races import racing

pytestmark = pytest.mark.django_db(transaction=True)
CLERK = person("clerk@example.com")
FIRST, LAST = date(2026, 12, 1), date(2026, 12, 7)
# Midnights in Shanghai.
BEGINS, ENDS = NOON + timedelta(days=8, hours=12), NOON + timedelta(days=15, hours=12)
MOMENT = timedelta(seconds=1)


def plan(supplier: Supplier, first: date = FIRST, last: date = LAST) -> Holiday:
    return holidays.plan(
        supplier=supplier, first_day=first, last_day=last, message="春节放假", actor=CLERK, at=NOON
    )


def turn(product: Product, on_sale: bool, at: object = NOON) -> None:
    """List or delist a product by hand."""
    act = listing.list_product if on_sale else listing.delist_product
    act(product_pk=product.pk, supplier=product.supplier, actor=CLERK, at=at)  # type: ignore[arg-type]


def states(*products: Product) -> list[str]:
    for one in products:
        one.refresh_from_db()
    return [one.state for one in products]


def test_goods_go_off_sale_for_a_holiday_and_only_those_come_back() -> None:
    supplier = make_supplier()
    plain, by_hand, listed_between, off_between = goods = [
        make_sku(supplier=supplier).product for _ in range(4)
    ]
    foreign = make_sku(supplier=make_supplier()).product
    turn(by_hand, False)
    plan(supplier)

    assert holidays.run_due(at=BEGINS - MOMENT) == 0
    assert holidays.run_due(at=BEGINS) == 1
    during = states(*goods, foreign)
    turn(listed_between, True)
    turn(off_between, True)
    turn(off_between, False)
    assert holidays.run_due(at=ENDS - MOMENT) == 0
    assert holidays.run_due(at=ENDS) == 1

    assert during == ["delisted"] * 4 + ["listed"]
    assert states(*goods) == ["listed", "delisted", "listed", "delisted"]
    holiday = Holiday.objects.get()
    assert (holiday.state, holiday.paused, holiday.resumed) == ("over", 3, 1)
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
