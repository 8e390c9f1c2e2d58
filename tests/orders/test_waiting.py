"""Orders that the deposit does not cover yet: stock is kept, nothing is posted, the oldest come first."""

from datetime import timedelta

import pytest

from books import verifying
from companies import policies
from distributors import onboarding, recharging
from distributors.models import Distributor
from integration.models import Event
from kit import values
from kit.actors import OPERATIONS, Actor
from ledger import accounts, posting
from ledger.models import Transfer
from orders import holding, lapsing, placing, refusals, repeating, waiting
from orders.models import Hold, Order, Refusal
from orders.promising import HoldLimitReached
from orders.requests import WAIT, OrderRequest
from supplychain import stock
from supplychain.models import Sku
from tests.factories import NOON, make_distributor, make_level, make_request, make_sku

pytestmark = pytest.mark.django_db
KEY = Actor("key", "hpk_1")
SOON = NOON + timedelta(minutes=10)
TOMORROW = NOON + timedelta(hours=24)


def deposit(shop: Distributor) -> tuple[int, int]:
    """The balance, and what of it is held."""
    account = accounts.deposit_of(shop.pk)
    return (account.balance_fen or 0, account.held_fen)


def available(sku: Sku) -> int:
    sku.stock.refresh_from_db()
    return sku.stock.available


def recharge(shop: Distributor, fen: int) -> None:
    recharging.recharge(
        distributor_pk=shop.pk, amount_fen=fen, reference=f"R{fen}", actor=OPERATIONS, at=SOON
    )


def waits_for(shop: Distributor, sku: Sku, quantity: int = 1, number: str = "") -> OrderRequest:
    return make_request(shop, {sku: quantity}, number=number, on_shortfall=WAIT, channel="live")


def assert_books_are_clean() -> None:
    breaches = verifying.look(at=SOON).breaches
    assert not breaches, [(one.check.name, one.rows[:2]) for one in breaches]


@pytest.fixture
def shop() -> Distributor:
    return make_distributor(deposit_fen=100_00, level=make_level(fee_rate_bp=500))


@pytest.fixture
def tea() -> Sku:
    return make_sku(supply_price_fen=100_00, available=10)


def test_an_order_that_may_wait_keeps_its_stock_and_posts_nothing(
    shop: Distributor, tea: Sku
) -> None:
    waited = placing.place(waits_for(shop, tea, number="A1"), at=NOON)

    hold = Hold.objects.get()
    assert isinstance(waited, placing.Waiting)
    assert not waited.replayed
    assert waited.document == {
        "out_order_no": "A1",
        "state": "waiting_for_funds",
        "hold_id": hold.hold_id,
        "shortfall_fen": 5_00,
        "total_fen": 105_00,
        "expires_at": "2026-11-23T12:00:00+08:00",
    }
    assert (hold.kind, hold.reserved_fen) == ("funds", 0)
    assert deposit(shop) == (100_00, 0)
    assert available(tea) == 9
    assert not Order.objects.exists()
    assert not Transfer.objects.filter(code="order_placed").exists()
    assert not Refusal.objects.exists()
    assert_books_are_clean()


def test_what_the_deposit_covers_does_not_wait(shop: Distributor) -> None:
    cup = make_sku(supply_price_fen=10_00)

    placed = placing.place(waits_for(shop, cup), at=NOON)

    assert isinstance(placed, placing.Placed)
    assert not Hold.objects.exists()


def test_what_is_out_of_stock_does_not_wait(shop: Distributor, tea: Sku) -> None:
    with pytest.raises(stock.StockInsufficient):
        placing.place(waits_for(shop, tea, 11), at=NOON)

    assert not Hold.objects.exists()
    assert available(tea) == 10


def test_the_same_number_again_waits_on_and_other_content_is_a_conflict(
    shop: Distributor, tea: Sku
) -> None:
    request = waits_for(shop, tea)
    first = placing.place(request, at=NOON)

    again = placing.place(request, at=SOON)
    with pytest.raises(repeating.IdempotencyConflict):
        placing.place(values.replace(request, remark="x"), at=SOON)

    assert isinstance(again, placing.Waiting)
    assert again.replayed
    assert again.document == first.document
    assert available(tea) == 9


def test_a_number_repeated_inside_a_batch_waits_once(shop: Distributor, tea: Sku) -> None:
    request = waits_for(shop, tea)

    outcomes = placing.place_many([request, request], at=NOON)

    assert [getattr(one, "replayed", None) for one in outcomes] == [False, True]
    assert Hold.objects.count() == 1
    assert available(tea) == 9


def test_it_is_placed_by_itself_once_the_deposit_covers_it_at_the_price_of_then(
    shop: Distributor, tea: Sku
) -> None:
    placing.place(waits_for(shop, tea, number="A1"), at=NOON)
    Sku.objects.filter(pk=tea.pk).update(supply_price_fen=900_00)
    assert waiting.place_funded(at=SOON) == 0
    recharge(shop, 5_00)

    assert waiting.place_funded(at=SOON) == 1
    assert waiting.place_funded(at=SOON) == 0

    order, hold = Order.objects.get(), Hold.objects.get()
    assert (order.out_order_no, order.total_fen, order.channel) == ("A1", 105_00, "live")
    assert (hold.state, hold.order, hold.ended_by) == ("consumed", order, "timer:funds")
    assert hold.sealed_request is None
    assert order.consignee.opened[0] == "张三"
    assert Event.objects.filter(type="order.placed").count() == 1
    assert deposit(shop) == (0, 0)
    assert available(tea) == 9
    assert_books_are_clean()


def test_once_placed_the_number_is_replayed_as_its_order(shop: Distributor, tea: Sku) -> None:
    request = waits_for(shop, tea)
    placing.place(request, at=NOON)
    recharge(shop, 5_00)
    waiting.place_funded(at=SOON)

    again = placing.place(request, at=SOON)

    assert isinstance(again, placing.Placed)
    assert again.replayed


def test_asked_again_when_the_deposit_covers_it_it_is_placed_at_once(
    shop: Distributor, tea: Sku
) -> None:
    request = waits_for(shop, tea)
    placing.place(request, at=NOON)
    recharge(shop, 5_00)

    placed = placing.place(request, at=SOON)

    assert isinstance(placed, placing.Placed)
    assert not placed.replayed
    assert Hold.objects.get().state == "consumed"
    assert_books_are_clean()


def test_the_oldest_that_are_covered_are_placed_first(shop: Distributor, tea: Sku) -> None:
    for number, quantity in (("LARGE", 9), ("OLD", 1)):
        placing.place(waits_for(shop, tea, quantity, number=number), at=NOON)
    cup = make_sku(supply_price_fen=110_00)
    placing.place(waits_for(shop, cup, number="NEW"), at=NOON)
    recharge(shop, 80_00)

    assert waiting.place_funded(at=SOON) == 1

    assert Order.objects.get().out_order_no == "OLD"
    assert list(Hold.objects.filter(state="active").values_list("out_order_no", flat=True)) == [
        "LARGE",
        "NEW",
    ]
    assert_books_are_clean()


def test_at_its_deadline_it_is_refused_after_all_and_gives_its_stock_back(
    shop: Distributor, tea: Sku
) -> None:
    placing.place(waits_for(shop, tea, number="A1"), at=NOON)
    recharge(shop, 2_00)

    assert lapsing.lapse_due(at=TOMORROW) == 1
    assert waiting.place_funded(at=TOMORROW) == 0

    hold, refusal = Hold.objects.get(), Refusal.objects.get()
    assert (hold.state, hold.sealed_request) == ("lapsed", None)
    assert (refusal.out_order_no, refusal.code) == ("A1", "deposit_insufficient")
    assert refusal.causes[0]["values"]["shortfall_fen"] == 3_00
    assert available(tea) == 10
    [told] = Event.objects.filter(type="hold.lapsed")
    assert (told.data["kind"], told.data["out_order_no"]) == ("funds", "A1")
    assert not Order.objects.exists()


def test_after_its_deadline_it_is_not_placed_though_money_came(shop: Distributor, tea: Sku) -> None:
    placing.place(waits_for(shop, tea), at=NOON)
    recharge(shop, 5_00)

    assert waiting.place_funded(at=TOMORROW) == 0

    assert not Order.objects.exists()


def test_what_was_given_up_is_never_placed(shop: Distributor, tea: Sku) -> None:
    waited = placing.place(waits_for(shop, tea), at=NOON)
    holding.release(distributor=shop, hold_id=waited.document["hold_id"], actor=KEY, at=SOON)
    recharge(shop, 500_00)

    assert waiting.place_funded(at=SOON) == 0

    assert available(tea) == 10
    assert not Order.objects.exists()
    assert_books_are_clean()


def test_it_cannot_be_extended(shop: Distributor, tea: Sku) -> None:
    waited = placing.place(waits_for(shop, tea), at=NOON)

    with pytest.raises(holding.ExtensionLimitReached):
        holding.extend(distributor=shop, hold_id=waited.document["hold_id"], actor=KEY, at=SOON)


def test_a_suspended_distributors_orders_wait_on(shop: Distributor, tea: Sku) -> None:
    placing.place(waits_for(shop, tea), at=NOON)
    recharge(shop, 5_00)
    onboarding.change_state(distributor_pk=shop.pk, to="suspended", reason="对账中", at=NOON)

    assert waiting.place_funded(at=SOON) == 0

    assert Hold.objects.get().state == "active"


def test_no_more_may_wait_than_may_be_held(shop: Distributor, tea: Sku) -> None:
    policies.decide(name="open_holds_limit", value=2, actor=OPERATIONS, at=NOON)

    outcomes = placing.place_many([waits_for(shop, tea) for _ in range(3)], at=NOON)

    assert [type(one) for one in outcomes] == [placing.Waiting, placing.Waiting, HoldLimitReached]
    assert Hold.objects.count() == 2
    assert available(tea) == 8


def test_a_hold_never_waits_for_funds(shop: Distributor, tea: Sku) -> None:
    with pytest.raises(posting.DepositInsufficient):
        holding.hold(request=waits_for(shop, tea), at=NOON)

    assert not Hold.objects.exists()
    assert refusals.sentences(Refusal.objects.get())
