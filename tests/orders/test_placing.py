"""Placing orders: what is taken, what is refused, and that a refusal leaves no trace."""

from datetime import timedelta
from typing import Any

import pytest

from companies import policies
from distributors import onboarding
from distributors.models import Distributor
from integration.models import Event
from kit.actors import OPERATIONS, Actor
from kit.times import rfc3339
from kit.values import replace
from ledger import accounts, posting
from ledger.models import Kind, Transfer
from orders import checking, placing, rendering, repeating, requests
from orders.models import Fulfilment, History, Line, Order
from supplychain import stock
from supplychain.models import Movement, MovementKind, Sku
from tests.factories import (
    CONSIGNEE,
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


def deposit_of(shop: Distributor) -> int:
    balance = accounts.deposit_of(shop.pk).balance_fen
    assert balance is not None
    return balance


def available(sku: Sku) -> int:
    sku.stock.refresh_from_db()
    return sku.stock.available


def assert_no_trace() -> None:
    assert not Order.objects.exists()
    assert not Event.objects.filter(type="order.placed").exists()
    assert not Movement.objects.filter(kind=MovementKind.ORDER).exists()
    assert not Transfer.objects.filter(code="order_placed").exists()


def test_an_order_takes_stock_and_deposit_and_is_split_by_source() -> None:
    shop = make_distributor(deposit_fen=1_000_00, level=make_level(fee_rate_bp=500))
    supplier = make_supplier()
    tea = make_sku(supply_price_fen=50_00, available=10)
    cup = make_sku(supply_price_fen=20_00, available=5, supplier=supplier)

    placed = placing.place(make_request(shop, {tea: 2, cup: 3}, number="A1"), at=NOON)

    order = Order.objects.get()
    assert placed.document["total_fen"] == 2 * 52_50 + 3 * 21_00 == order.total_fen
    assert deposit_of(shop) == 1_000_00 - 168_00
    assert accounts.balance(Kind.ORDERS_OPEN) == 168_00
    assert (available(tea), available(cup)) == (8, 2)
    assert [part.supplier for part in Fulfilment.objects.order_by("pk")] == [None, supplier]
    assert [(row.act, row.to_state) for row in History.objects.all()] == [("placed", "placed")]


def test_the_answer_is_what_is_read_back_later() -> None:
    shop = make_distributor()
    product = make_product(freight_template=make_freight(), ship_within_hours=24)
    tea = make_sku(product=product, spec={"颜色": "红", "尺码": "L"})

    placed = placing.place(make_request(shop, {tea: 2}, remark="轻放", channel="live"), at=NOON)

    order = Order.objects.get()
    assert placed.document == rendering.document(order, with_consignee=True)
    assert Event.objects.get(type="order.placed").data == rendering.document(order)


def test_an_order_beyond_the_deposit_is_refused_and_leaves_no_trace() -> None:
    shop = make_distributor(deposit_fen=10_00)
    tea = make_sku(supply_price_fen=20_00, available=3)

    with pytest.raises(posting.DepositInsufficient) as refused:
        placing.place(make_request(shop, {tea: 1}), at=NOON)

    assert refused.value.values["shortfall_fen"] == 21_00 - 10_00
    assert available(tea) == 3
    assert deposit_of(shop) == 10_00
    assert_no_trace()


def test_every_short_line_is_named_with_what_is_available() -> None:
    shop = make_distributor()
    tea, cup, pot = make_sku(available=1), make_sku(available=0), make_sku(available=9)

    with pytest.raises(stock.StockInsufficient) as refused:
        placing.place(make_request(shop, {tea: 2, cup: 1, pot: 1}), at=NOON)

    short = [(c.values["sku_no"], c.values["available"]) for c in refused.value.causes]
    assert short == [(tea.sku_no, 1), (cup.sku_no, 0)]
    assert available(pot) == 9
    assert_no_trace()


def test_two_lines_of_one_sku_share_its_stock() -> None:
    shop = make_distributor()
    tea = make_sku(available=3)
    request = make_request(shop, {tea: 2})
    twins = replace(request, lines=(*request.lines, requests.Line("2", tea.sku_no, 2, 10**9)))

    with pytest.raises(stock.StockInsufficient):
        placing.place(twins, at=NOON)

    assert available(tea) == 3
    assert_no_trace()


def test_a_refused_order_does_not_fail_its_neighbours_and_leaves_them_its_stock() -> None:
    rich, poor = make_distributor(), make_distributor(deposit_fen=1)
    tea = make_sku(available=2)
    batch = [
        make_request(rich, {tea: 1}),
        make_request(poor, {tea: 1}),
        make_request(rich, {tea: 1}),
    ]

    outcomes = placing.place_many(batch, at=NOON)

    assert isinstance(outcomes[1], posting.DepositInsufficient)
    assert [isinstance(outcome, placing.Placed) for outcome in outcomes] == [True, False, True]
    assert available(tea) == 0
    assert Order.objects.count() == 2


def test_the_same_number_with_the_same_content_is_the_same_order() -> None:
    shop = make_distributor()
    tea = make_sku(available=5)
    request = make_request(shop, {tea: 1}, number="A1")
    first = placing.place(request, at=NOON)

    again = placing.place(request, at=NOON)

    assert again.replayed
    assert again.document == first.document
    assert available(tea) == 4
    assert Transfer.objects.filter(code="order_placed").count() == 1


def test_a_number_repeated_inside_a_batch_is_one_order() -> None:
    shop = make_distributor()
    request = make_request(shop, {make_sku(): 1}, number="A1")

    first, second = placing.place_many([request, request], at=NOON)

    assert isinstance(first, placing.Placed)
    assert isinstance(second, placing.Placed)
    assert (first.replayed, second.replayed) == (False, True)
    assert Order.objects.count() == 1


def test_a_refused_number_may_be_used_again() -> None:
    shop = make_distributor()
    tea = make_sku(available=1)
    with pytest.raises(stock.StockInsufficient):
        placing.place(make_request(shop, {tea: 2}, number="A1"), at=NOON)

    placed = placing.place(make_request(shop, {tea: 1}, number="A1"), at=NOON)

    assert not placed.replayed


@pytest.mark.parametrize(
    ("_case", "change", "field"),
    [
        ("more pieces", {"lines": 2}, "lines"),
        ("another consignee", {"consignee": replace(CONSIGNEE, phone="13900000000")}, "consignee"),
        ("another remark", {"remark": "加急"}, "remark"),
        ("another application", {"application": "coupons"}, "application"),
    ],
)
def test_the_same_number_with_other_content_is_a_conflict_that_names_the_field(
    _case: str, change: dict[str, object], field: str
) -> None:
    shop = make_distributor()
    tea = make_sku()
    placing.place(make_request(shop, {tea: 1}, number="A1"), at=NOON)
    fields = {name: value for name, value in change.items() if name != "lines"}

    with pytest.raises(repeating.IdempotencyConflict) as refused:
        placing.place(
            make_request(shop, {tea: change.get("lines", 1)}, number="A1", **fields),  # type: ignore[dict-item, arg-type]
            at=NOON,
        )

    assert refused.value.values["fields"] == field
    assert Order.objects.count() == 1


def test_price_and_quote_are_guards_and_not_content() -> None:
    shop = make_distributor()
    request = make_request(shop, {make_sku(): 1}, number="A1")
    placing.place(request, at=NOON)
    cheaper = replace(request, lines=(replace(request.lines[0], expected_agreement_price_fen=1),))

    again = placing.place(cheaper, at=NOON)

    assert again.replayed


def test_a_price_above_the_expected_one_is_refused_with_both_and_its_version() -> None:
    shop = make_distributor(level=make_level(fee_rate_bp=500))
    tea = make_sku(supply_price_fen=50_00)

    with pytest.raises(checking.PriceChanged) as refused:
        placing.place(make_request(shop, {tea: 1}, expected_fen=52_49), at=NOON)

    assert refused.value.values["agreement_price_fen"] == 52_50
    assert refused.value.values["expected_agreement_price_fen"] == 52_49
    assert refused.value.values["price_version"] > 0
    assert_no_trace()


def test_a_price_below_the_expected_one_is_charged() -> None:
    shop = make_distributor(level=make_level(fee_rate_bp=500))

    placed = placing.place(
        make_request(shop, {make_sku(supply_price_fen=50_00): 1}, expected_fen=60_00), at=NOON
    )

    assert placed.document["total_fen"] == 52_50


def test_a_line_without_an_expected_price_or_a_quote_is_refused() -> None:
    shop = make_distributor()

    with pytest.raises(checking.ExpectedPriceMissing):
        placing.place(make_request(shop, {make_sku(): 1}, expected_fen=None), at=NOON)

    assert_no_trace()


def test_an_allotment_is_drawn_first_and_then_the_pool() -> None:
    shop = make_distributor(deposit_fen=100_000_00)
    tea = make_sku(available=100)
    allotment = stock.allot(
        sku_pk=tea.pk, distributor=shop, quantity=3, then_pool=True, actor=_nobody(), at=NOON
    )

    placing.place(make_request(shop, {tea: 5}), at=NOON)

    allotment.refresh_from_db()
    assert (allotment.available, available(tea)) == (0, 95)
    assert Line.objects.get().from_allotment == 3


def test_others_cannot_draw_from_an_allotment() -> None:
    shop, other = make_distributor(), make_distributor()
    tea = make_sku(available=5)
    stock.allot(
        sku_pk=tea.pk, distributor=shop, quantity=4, then_pool=False, actor=_nobody(), at=NOON
    )

    with pytest.raises(stock.StockInsufficient) as refused:
        placing.place(make_request(other, {tea: 2}), at=NOON)

    assert refused.value.values["available"] == 1
    assert_no_trace()


def test_a_suspended_distributor_orders_nothing() -> None:
    shop = make_distributor()
    onboarding.change_state(distributor_pk=shop.pk, to="suspended", reason="对账中", at=NOON)

    with pytest.raises(placing.DistributorNotActive):
        placing.place(make_request(shop, {make_sku(): 1}), at=NOON)

    assert_no_trace()


@pytest.mark.parametrize(
    ("_case", "sku", "quantity"),
    [
        ("below the minimum", {"min_quantity": 2}, 1),
        ("above the maximum", {"max_quantity": 3}, 4),
        ("no multiple", {"multiple": 6}, 7),
    ],
)
def test_order_rules_of_a_sku_are_kept(_case: str, sku: dict[str, Any], quantity: int) -> None:
    shop = make_distributor(deposit_fen=100_000_00)

    with pytest.raises(checking.QuantityRule):
        placing.place(make_request(shop, {make_sku(**sku): quantity}), at=NOON)

    assert_no_trace()


def test_a_region_not_served_and_an_application_not_allowed_are_refused() -> None:
    shop = make_distributor()
    far = make_sku(product=make_product(regions_not_served=["广东省"]))
    shy = make_sku(product=make_product(allowed_applications=["coupons"]))

    with pytest.raises(checking.RegionNotServed):
        placing.place(make_request(shop, {far: 1}), at=NOON)
    with pytest.raises(checking.ApplicationNotSupported):
        placing.place(make_request(shop, {shy: 1}, application="live_broadcast"), at=NOON)

    assert_no_trace()


def test_what_is_delisted_unknown_or_another_distributors_is_not_sellable() -> None:
    shop = make_distributor()
    hidden = make_sku(product=make_product(chosen_only=True))
    delisted = make_sku(product=make_product(listed=False))

    for sku in (hidden, delisted):
        with pytest.raises(checking.SkuNotSellable):
            placing.place(make_request(shop, {sku: 1}), at=NOON)

    assert_no_trace()


def test_freight_is_charged_by_template_and_region_once_a_source() -> None:
    shop = make_distributor(level=make_level(fee_rate_bp=0))
    template = make_freight(first_fen=8_00, further_fen=2_00)
    tea = make_sku(product=make_product(freight_template=template), supply_price_fen=10_00)
    cup = make_sku(product=make_product(freight_template=template), supply_price_fen=10_00)

    placed = placing.place(make_request(shop, {tea: 2, cup: 1}), at=NOON)

    assert placed.document["freight_fen"] == 8_00 + 2 * 2_00
    assert placed.document["total_fen"] == 30_00 + 12_00


def test_the_warning_of_a_low_deposit_comes_once_per_crossing() -> None:
    shop = make_distributor(deposit_fen=200_00, threshold_fen=150_00)
    tea = make_sku(supply_price_fen=40_00)
    placing.place(make_request(shop, {tea: 1}), at=NOON)
    assert not Event.objects.filter(type="deposit.low").exists()

    placing.place(make_request(shop, {tea: 1}), at=NOON)
    placing.place(make_request(shop, {tea: 1}), at=NOON)

    assert Event.objects.filter(type="deposit.low").count() == 1


def _nobody() -> Actor:
    return Actor("operations", "test")


@pytest.mark.parametrize(
    ("_case", "policy", "own_days", "frozen"),
    [
        ("classic, and the product says nothing", "classic", None, 0),
        ("open, and the product says nothing", "open", None, 9),
        ("classic, but the product is open", "classic", 7, 7),
        ("open, but the product is not", "open", 0, 0),
    ],
)
def test_the_days_of_after_sales_are_frozen_on_the_line(
    _case: str, policy: str, own_days: int | None, frozen: int
) -> None:
    policies.decide(name="aftersale_policy", value=policy, actor=OPERATIONS, at=NOON)
    policies.decide(name="aftersale_days", value=9, actor=OPERATIONS, at=NOON)
    tea = make_sku(product=make_product(aftersale_days=own_days))

    placing.place(make_request(make_distributor(), {tea: 1}), at=NOON)

    policies.decide(name="aftersale_days", value=30, actor=OPERATIONS, at=NOON)
    assert Line.objects.get().aftersale_days == frozen


def test_days_off_do_not_count_for_shipping_and_change_no_order_before() -> None:
    shop, tea = make_distributor(), make_sku()
    before = placing.place(make_request(shop, {tea: 1}), at=NOON)
    tomorrow = f"{NOON + timedelta(days=1):%Y-%m-%d}"
    policies.decide(name="days_off", value=[tomorrow], actor=OPERATIONS, at=NOON)

    after = placing.place(make_request(shop, {tea: 1}), at=NOON)

    hours = policies.read().ship_within_hours
    for placed, days in ((before, 0), (after, 1)):
        due = NOON + timedelta(hours=hours, days=days)
        part = Fulfilment.objects.get(order__order_no=placed.document["order_no"])
        assert part.ship_due_at == due
        assert placed.document["fulfilments"][0]["ship_due_at"] == rfc3339(due)
