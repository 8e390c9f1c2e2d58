"""Holds: what they keep, how they are placed, and that nothing is left of them when they end."""

from dataclasses import astuple, dataclass
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from books import verifying
from companies import policies
from distributors import levels, onboarding
from distributors.models import Distributor
from integration.models import Event
from kit import values
from kit.actors import OPERATIONS, Actor
from kit.errors import NotFound, WrongState
from ledger import accounts, posting
from orders import checking, holding, holds_shown, lapsing, placing, redeeming, rendering, repeating
from orders.deciding import DistributorNotActive
from orders.models import Fulfilment, History, Hold, Line, Order
from orders.promising import HoldLimitReached
from orders.requests import OrderRequest
from supplychain import listing, stock
from supplychain.models import MAX_STOCK, FreightRule, Movement, MovementKind, Sku
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
KEY = Actor("key", "hpk_1")
SOON = NOON + timedelta(minutes=10)
LATE = NOON + timedelta(minutes=31)


@dataclass(frozen=True)
class Kept:
    """What a distributor and a sku have: all that a hold may change."""

    balance_fen: int
    held_fen: int
    pool: int
    allotted: int


def kept(shop: Distributor, sku: Sku) -> Kept:
    deposit = accounts.deposit_of(shop.pk)
    sku.stock.refresh_from_db()
    allotment = sku.allotments.filter(distributor=shop).first()
    return Kept(
        deposit.balance_fen or 0,
        deposit.held_fen,
        sku.stock.available,
        allotment.available if allotment else 0,
    )


def allot(sku: Sku, shop: Distributor, quantity: int) -> None:
    stock.allot(
        sku_pk=sku.pk,
        distributor=shop,
        quantity=quantity,
        then_pool=True,
        actor=OPERATIONS,
        at=NOON,
    )


def assert_books_are_clean() -> None:
    breaches = verifying.look(at=SOON).breaches
    assert not breaches, [(one.check.name, one.rows[:2]) for one in breaches]


def without_price(request: OrderRequest) -> OrderRequest:
    lines = tuple(values.replace(line, expected_agreement_price_fen=None) for line in request.lines)
    return values.replace(request, lines=lines)


@pytest.fixture
def shop() -> Distributor:
    return make_distributor(deposit_fen=1_000_00, level=make_level(fee_rate_bp=500))


@pytest.fixture
def tea() -> Sku:
    return make_sku(supply_price_fen=50_00, available=10)


def test_a_hold_keeps_stock_and_deposit_and_posts_nothing(shop: Distributor, tea: Sku) -> None:
    held = holding.hold(request=make_request(shop, {tea: 2}, number="A1"), at=NOON)

    assert (held.state, held.total_fen, held.reserved_fen) == ("active", 105_00, 105_00)
    assert held.expires_at == NOON + timedelta(minutes=30)
    assert kept(shop, tea) == Kept(1_000_00, 105_00, 8, 0)
    assert accounts.deposit_of(shop.pk).available_fen == 895_00
    assert not Order.objects.exists()
    assert_books_are_clean()


def test_an_order_of_the_same_number_is_placed_from_its_hold(shop: Distributor, tea: Sku) -> None:
    allot(tea, shop, 3)
    request = make_request(shop, {tea: 5}, number="A1")
    held = holding.hold(request=request, at=NOON)

    placed = placing.place(without_price(request), at=SOON)

    order = Order.objects.get()
    held.refresh_from_db()
    assert (held.state, held.order) == ("consumed", order)
    assert placed.document["total_fen"] == 5 * 52_50
    assert placed.document == rendering.document(order, with_consignee=True)
    assert kept(shop, tea) == Kept(1_000_00 - 262_50, 0, 5, 0)
    assert Line.objects.get().from_allotment == 3
    moved = Movement.objects.filter(cause__startswith=held.hold_id).order_by("pk")
    assert [(row.kind, row.quantity) for row in moved] == [
        ("hold", -3),
        ("hold", -2),
        ("lapse", 3),
        ("lapse", 2),
    ]
    [deed] = History.objects.filter(subject=f"hold {held.hold_id}")
    assert (deed.from_state, deed.to_state) == ("active", "consumed")
    assert_books_are_clean()


def test_a_paid_consumer_is_not_refused_whatever_became_of_price_goods_and_stock(
    shop: Distributor,
) -> None:
    supplier = make_supplier()
    template = make_freight(first_fen=8_00)
    tea = make_sku(
        product=make_product(supplier=supplier, freight_template=template, ship_within_hours=24),
        supply_price_fen=50_00,
        available=2,
    )
    allot(tea, shop, 1)
    request = make_request(shop, {tea: 2}, number="A1")
    holding.hold(request=request, at=NOON)
    Sku.objects.filter(pk=tea.pk).update(supply_price_fen=90_00)
    FreightRule.objects.update(first_fen=99_00)
    levels.assign(distributor_pk=shop.pk, level=make_level(fee_rate_bp=2_000), at=NOON)
    policies.decide(name="allowed_applications", value=[], actor=OPERATIONS, at=NOON)
    listing.delist_products(
        product_pks=[tea.product_id], supplier=None, actor=OPERATIONS, at=NOON, reason="停售"
    )
    tea.product.freight_template = None
    tea.product.save()

    placed = placing.place(without_price(request), at=SOON)

    assert placed.document["goods_fen"] == 2 * 52_50
    assert placed.document["freight_fen"] == 10_00
    part = Fulfilment.objects.get()
    assert (part.freight_fen, part.supplier) == (10_00, supplier)
    assert part.ship_due_at == SOON + timedelta(hours=24)
    assert Order.objects.get().level_code != Distributor.objects.get(pk=shop.pk).level.code
    assert_books_are_clean()


def test_an_order_of_several_sources_keeps_the_freight_of_each(shop: Distributor) -> None:
    template = make_freight(first_fen=8_00, further_fen=1_00)
    own = make_sku(product=make_product(freight_template=template), supply_price_fen=10_00)
    theirs = make_sku(
        product=make_product(supplier=make_supplier(), freight_template=template),
        supply_price_fen=10_00,
    )
    request = make_request(shop, {own: 1, theirs: 3}, number="A1")
    held = holding.hold(request=request, at=NOON)
    turned_round = values.replace(request, lines=request.lines[::-1])

    placed = placing.place(turned_round, at=SOON)

    assert held.freight_fen == 18_00 == placed.document["freight_fen"]
    assert [part["freight_fen"] for part in placed.document["fulfilments"]] == [10_00, 8_00]
    assert [line["line_id"] for line in placed.document["lines"]] == ["2", "1"]
    assert_books_are_clean()


@pytest.mark.parametrize(
    ("_case", "change", "fields"),
    [
        ("more pieces", {"quantity": 3}, "lines"),
        ("another way of selling", {"application": "coupons"}, "application"),
        (
            "another city",
            {"consignee": values.replace(CONSIGNEE, city="广州市")},
            "consignee.city",
        ),
        (
            "another province",
            {"consignee": values.replace(CONSIGNEE, province="江苏", city="南京市")},
            "consignee.province, consignee.city",
        ),
    ],
)
def test_what_is_held_otherwise_is_refused_by_name_and_stays_held(
    shop: Distributor, tea: Sku, _case: str, change: dict[str, object], fields: str
) -> None:
    held = holding.hold(request=make_request(shop, {tea: 2}, number="A1"), at=NOON)
    before = kept(shop, tea)
    quantity = change.pop("quantity", 2)

    with pytest.raises(redeeming.HoldDiffers) as refused:
        placing.place(
            make_request(shop, {tea: quantity}, number="A1", **change),  # type: ignore[dict-item, arg-type]
            at=SOON,
        )

    assert refused.value.values["fields"] == fields
    assert refused.value.values["hold_id"] == held.hold_id
    assert kept(shop, tea) == before
    assert not Order.objects.exists()
    assert_books_are_clean()


def test_name_and_street_and_remark_may_be_others_than_held(shop: Distributor, tea: Sku) -> None:
    holding.hold(request=make_request(shop, {tea: 1}, number="A1"), at=NOON)
    neighbour = values.replace(CONSIGNEE, name="李四", detail="海德三道201号")

    placing.place(
        make_request(shop, {tea: 1}, number="A1", consignee=neighbour, remark="加急"), at=SOON
    )

    assert Hold.objects.get().state == "consumed"
    assert Order.objects.get().consignee.opened[0] == "李四"


def test_an_expected_price_below_the_held_one_is_refused(shop: Distributor, tea: Sku) -> None:
    holding.hold(request=make_request(shop, {tea: 1}, number="A1"), at=NOON)

    with pytest.raises(checking.PriceChanged) as refused:
        placing.place(make_request(shop, {tea: 1}, number="A1", expected_fen=52_49), at=SOON)

    assert refused.value.values["agreement_price_fen"] == 52_50
    assert Hold.objects.get().state == "active"
    assert not Order.objects.exists()


def test_the_same_hold_again_is_the_same_and_other_content_a_conflict(
    shop: Distributor, tea: Sku
) -> None:
    request = make_request(shop, {tea: 2}, number="A1")
    first = holding.hold(request=request, at=NOON)
    before = kept(shop, tea)

    again = holding.hold_or_find(request=request, at=SOON)
    with pytest.raises(repeating.IdempotencyConflict) as refused:
        holding.hold(request=values.replace(request, remark="x"), at=SOON)

    assert (again.hold, again.replayed) == (first, True)
    assert refused.value.values["fields"] == "remark"
    assert kept(shop, tea) == before


def test_a_number_that_is_placed_cannot_be_held(shop: Distributor, tea: Sku) -> None:
    request = make_request(shop, {tea: 2}, number="A1")
    placed = placing.place(request, at=NOON)

    with pytest.raises(holding.OrderPlacedAlready) as refused:
        holding.hold(request=request, at=SOON)

    assert refused.value.values["order_no"] == placed.document["order_no"]
    assert not Hold.objects.exists()


def test_a_placed_hold_is_replayed_as_its_order(shop: Distributor, tea: Sku) -> None:
    request = make_request(shop, {tea: 2}, number="A1")
    holding.hold(request=request, at=NOON)
    first = placing.place(request, at=SOON)

    again = placing.place(request, at=SOON)

    assert again.replayed
    assert again.document == first.document


@pytest.mark.parametrize(
    ("_case", "deposit_fen", "quantity", "refusal"),
    [
        ("too few pieces", 10_000_00, 11, stock.StockInsufficient),
        ("too little money", 100_00, 2, posting.DepositInsufficient),
    ],
)
def test_what_cannot_be_kept_is_not_held_and_leaves_no_trace(
    tea: Sku, _case: str, deposit_fen: int, quantity: int, refusal: type[Exception]
) -> None:
    shop = make_distributor(deposit_fen=deposit_fen)
    before = kept(shop, tea)

    with pytest.raises(refusal):
        holding.hold(request=make_request(shop, {tea: quantity}), at=NOON)

    assert kept(shop, tea) == before
    assert not Hold.objects.exists()
    assert not Movement.objects.filter(kind=MovementKind.HOLD).exists()


def test_what_is_held_is_neither_anothers_stock_nor_the_same_money_twice(
    shop: Distributor, tea: Sku
) -> None:
    other = make_distributor(deposit_fen=10_000_00)
    holding.hold(request=make_request(shop, {tea: 9}), at=NOON)
    cup = make_sku(supply_price_fen=600_00)

    with pytest.raises(stock.StockInsufficient):
        placing.place(make_request(other, {tea: 2}), at=NOON)
    with pytest.raises(posting.DepositInsufficient) as refused:
        placing.place(make_request(shop, {cup: 1}), at=NOON)

    assert refused.value.values["available_fen"] == 1_000_00 - 9 * 52_50
    assert not Order.objects.exists()


def test_more_open_holds_than_allowed_are_refused(shop: Distributor, tea: Sku) -> None:
    policies.decide(name="open_holds_limit", value=2, actor=OPERATIONS, at=NOON)
    first = holding.hold(request=make_request(shop, {tea: 1}), at=NOON)
    holding.hold(request=make_request(shop, {tea: 1}), at=NOON)

    with pytest.raises(HoldLimitReached):
        holding.hold(request=make_request(shop, {tea: 1}), at=NOON)
    holding.release(distributor=shop, hold_id=first.hold_id, actor=KEY, at=NOON)
    holding.hold(request=make_request(shop, {tea: 1}), at=NOON)

    assert Hold.objects.filter(state="active").count() == 2


def test_a_suspended_distributor_neither_holds_nor_places_what_it_held(
    shop: Distributor, tea: Sku
) -> None:
    request = make_request(shop, {tea: 1})
    holding.hold(request=request, at=NOON)
    onboarding.change_state(distributor_pk=shop.pk, to="suspended", reason="对账中", at=NOON)

    with pytest.raises(DistributorNotActive):
        holding.hold(request=make_request(shop, {tea: 1}), at=NOON)
    with pytest.raises(DistributorNotActive):
        placing.place(request, at=SOON)

    assert Hold.objects.get().state == "active"
    assert not Order.objects.exists()


def test_a_hold_is_extended_once_for_as_long_again(shop: Distributor, tea: Sku) -> None:
    held = holding.hold(request=make_request(shop, {tea: 1}), at=NOON)

    extended = holding.extend(distributor=shop, hold_id=held.hold_id, actor=KEY, at=SOON)
    with pytest.raises(holding.ExtensionLimitReached):
        holding.extend(distributor=shop, hold_id=held.hold_id, actor=KEY, at=SOON)

    assert extended.expires_at == NOON + timedelta(minutes=60)
    assert holds_shown.document(held)["extensions_left"] == 1
    assert holds_shown.document(extended)["extensions_left"] == 0
    assert lapsing.lapse_due(at=LATE) == 0


def test_a_released_hold_gives_back_all_to_the_piece_and_the_fen(
    shop: Distributor, tea: Sku
) -> None:
    allot(tea, shop, 3)
    before = kept(shop, tea)
    held = holding.hold(request=make_request(shop, {tea: 5}), at=NOON)
    assert astuple(kept(shop, tea)) != astuple(before)

    released = holding.release(distributor=shop, hold_id=held.hold_id, actor=KEY, at=SOON)
    again = holding.release(distributor=shop, hold_id=held.hold_id, actor=KEY, at=LATE)

    assert kept(shop, tea) == before
    assert (released.state, released.ended_at, released.ended_by) == (
        "released",
        SOON,
        "key:hpk_1",
    )
    assert (again.state, again.version) == ("released", 2)
    assert not Event.objects.filter(type="hold.lapsed").exists()
    assert_books_are_clean()


def test_a_hold_lapses_when_its_time_is_over_and_the_distributor_is_told(
    shop: Distributor, tea: Sku
) -> None:
    allot(tea, shop, 3)
    before = kept(shop, tea)
    held = holding.hold(request=make_request(shop, {tea: 5}, number="A1"), at=NOON)
    assert lapsing.lapse_due(at=NOON + timedelta(minutes=29)) == 0

    assert lapsing.lapse_due(at=LATE) == 1
    assert lapsing.lapse_due(at=LATE) == 0

    held.refresh_from_db()
    assert (held.state, held.ended_at, held.ended_by) == ("lapsed", LATE, "timer:lapse")
    assert kept(shop, tea) == before
    [told] = Event.objects.filter(type="hold.lapsed")
    assert told.partner_id == shop.partner_id
    assert (told.object_no, told.object_version) == (held.hold_id, 2)
    assert told.data == holds_shown.document(held)
    assert (told.data["state"], told.data["out_order_no"]) == ("lapsed", "A1")
    assert_books_are_clean()


def test_a_hold_ends_though_its_pool_was_set_to_its_utmost_meanwhile(
    shop: Distributor, tea: Sku
) -> None:
    holding.hold(request=make_request(shop, {tea: 5}), at=NOON)
    stock.set_available(sku_pk=tea.pk, available=MAX_STOCK, actor=OPERATIONS, at=NOON)

    assert lapsing.lapse_due(at=LATE) == 1

    assert kept(shop, tea).pool == MAX_STOCK + 5
    assert_books_are_clean()


def test_after_a_lapse_an_order_is_placed_as_any_other_if_stock_remains(
    shop: Distributor, tea: Sku
) -> None:
    request = make_request(shop, {tea: 6}, number="A1")
    holding.hold(request=request, at=NOON)
    Sku.objects.filter(pk=tea.pk).update(supply_price_fen=60_00)
    lapsing.lapse_due(at=LATE)

    placed = placing.place(request, at=LATE)
    with pytest.raises(stock.StockInsufficient):
        placing.place(make_request(shop, {tea: 6}), at=LATE)

    assert placed.document["goods_fen"] == 6 * 63_00
    assert Hold.objects.get().state == "lapsed"
    assert_books_are_clean()


def test_a_hold_that_has_ended_is_neither_extended_nor_released(
    shop: Distributor, tea: Sku
) -> None:
    request = make_request(shop, {tea: 1})
    consumed = holding.hold(request=request, at=NOON)
    placing.place(request, at=NOON)
    lapsed = holding.hold(request=make_request(shop, {tea: 1}), at=NOON)
    lapsing.lapse_due(at=LATE)
    before = kept(shop, tea)

    for one in (consumed, lapsed):
        for act in (holding.extend, holding.release):
            with pytest.raises(WrongState):
                act(distributor=shop, hold_id=one.hold_id, actor=KEY, at=LATE)

    assert kept(shop, tea) == before


def test_anothers_hold_is_not_there(shop: Distributor, tea: Sku) -> None:
    held = holding.hold(request=make_request(shop, {tea: 1}), at=NOON)
    other = make_distributor()

    for act in (holding.extend, holding.release):
        with pytest.raises(NotFound):
            act(distributor=other, hold_id=held.hold_id, actor=KEY, at=NOON)

    assert Hold.objects.get().state == "active"


def test_a_batch_places_held_and_other_orders_side_by_side(shop: Distributor, tea: Sku) -> None:
    requests = [make_request(shop, {tea: 4}, number=f"A{number}") for number in range(3)]
    holding.hold(request=requests[1], at=NOON)

    outcomes = placing.place_many([*requests, requests[1]], at=SOON)

    assert isinstance(outcomes[0], placing.Placed)
    assert isinstance(outcomes[1], placing.Placed)
    assert isinstance(outcomes[2], stock.StockInsufficient)
    assert isinstance(outcomes[3], placing.Placed)
    assert outcomes[3].replayed
    assert kept(shop, tea) == Kept(1_000_00 - 8 * 52_50, 0, 2, 0)
    assert_books_are_clean()


def test_the_warning_of_a_low_deposit_counts_what_is_held(tea: Sku) -> None:
    shop = make_distributor(deposit_fen=200_00, threshold_fen=150_00)
    held = holding.hold(request=make_request(shop, {tea: 1}), at=NOON)
    assert Event.objects.filter(type="deposit.low").count() == 1

    holding.release(distributor=shop, hold_id=held.hold_id, actor=KEY, at=NOON)
    shop.refresh_from_db()

    assert not shop.deposit_is_low


def test_an_order_without_a_hold_asks_no_more_of_the_database(shop: Distributor, tea: Sku) -> None:
    placing.place(make_request(shop, {tea: 1}), at=NOON)
    with CaptureQueriesContext(connection) as plain:
        placing.place(make_request(shop, {tea: 1}), at=NOON)

    savepoints_and_commits = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    asked = [
        q["sql"] for q in plain.captured_queries if not q["sql"].startswith(savepoints_and_commits)
    ]
    # Buyers, number, goods, terms, rates, allotments, policies, keys, balance, rows, pools twice, movements.
    assert len(asked) == 13
