"""Orders that are placed at the same moment: nothing is sold twice, nothing waits for ever.

Each of these was seen to fail with its guard removed; see docs/reliability.md.
"""

import random
from collections.abc import Sequence

import pytest

from distributors import onboarding, recharging
from distributors.models import Distributor
from kit.actors import OPERATIONS
from ledger import accounts
from orders import placing
from orders.models import Order
from orders.placing import Outcome, Placed
from orders.requests import OrderRequest
from supplychain import stock
from supplychain.models import Movement, Sku, Stock
from tests.factories import NOON, make_distributor, make_level, make_request, make_sku
from tests.races import racing

pytestmark = pytest.mark.django_db(transaction=True)

SEED = 20261122
RICH = 1_000_000_00


def make_shops(count: int, *, deposit_fen: int = RICH) -> list[Distributor]:
    level = make_level(fee_rate_bp=500)
    return [make_distributor(deposit_fen=deposit_fen, level=level) for _ in range(count)]


def place_all(batches: Sequence[Sequence[OrderRequest]]) -> list[Outcome]:
    """Place each batch in a thread of its own, all at once."""
    answers = racing.race(
        lambda number: placing.place_many(batches[number], at=NOON), threads=len(batches)
    )
    return [outcome for answer in answers for outcome in answer]


def lines(dice: random.Random, skus: Sequence[Sku]) -> dict[Sku, int]:
    return {sku: dice.randint(1, 3) for sku in dice.sample(list(skus), 5)}


def test_batches_over_the_same_skus_in_any_order_of_lines_never_deadlock() -> None:
    dice = random.Random(SEED)
    shops = make_shops(40)
    skus = [make_sku(supply_price_fen=1_00, available=200) for _ in range(10)]
    batches = [
        [make_request(shop, lines(dice, skus)) for _ in range(5)] for shop in shops for _ in (1, 2)
    ]
    before = racing.deadlocks()

    outcomes = place_all(batches)

    assert set(racing.tally(outcomes)) <= {"placed", "stock_insufficient"}
    racing.assert_no_deadlock_since(before)
    assert all(racing.sold(sku) + racing.available(sku) == 200 for sku in skus)
    racing.assert_books_are_clean()


def test_batches_over_the_same_deposits_in_any_order_never_deadlock() -> None:
    dice = random.Random(SEED)
    shops = make_shops(10)
    skus = [make_sku(supply_price_fen=1_00) for _ in range(40)]
    batches = [
        [make_request(shop, {sku: 1}) for shop in dice.sample(shops, len(shops))] for sku in skus
    ]
    before = racing.deadlocks()

    outcomes = place_all(batches)

    assert racing.tally(outcomes) == {"placed": 400}
    racing.assert_no_deadlock_since(before)
    racing.assert_books_are_clean()


def test_one_order_sent_50_times_at_once_is_one_order_and_50_equal_answers() -> None:
    [shop] = make_shops(1)
    tea = make_sku(supply_price_fen=50_00, available=100)
    request = make_request(shop, {tea: 2}, number="A1")

    outcomes = place_all([[request]] * 50)

    assert racing.tally(outcomes) == {"placed": 1, "replayed": 49}
    documents = [outcome.document for outcome in outcomes if isinstance(outcome, Placed)]
    assert all(document == documents[0] for document in documents)
    assert Order.objects.count() == 1
    assert accounts.deposit_of(shop.pk).balance_fen == RICH - 2 * 52_50
    assert racing.available(tea) == 98
    racing.assert_books_are_clean()


def test_of_two_contents_under_one_number_sent_at_once_one_wins_and_the_other_conflicts() -> None:
    [shop] = make_shops(1)
    tea = make_sku(available=100)
    requests = [make_request(shop, {tea: number % 2 + 1}, number="A1") for number in range(20)]

    outcomes = place_all([[request] for request in requests])

    assert racing.tally(outcomes) == {"placed": 1, "replayed": 9, "idempotency_conflict": 10}
    assert Order.objects.count() == 1
    racing.assert_books_are_clean()


def test_a_deposit_for_60_orders_takes_exactly_60_of_200() -> None:
    [shop] = make_shops(1, deposit_fen=60 * 10_50)
    skus = [make_sku(supply_price_fen=10_00) for _ in range(50)]
    batches = [[make_request(shop, {sku: 1})] for sku in skus for _ in range(4)]

    outcomes = [
        outcome
        for answer in racing.race(
            lambda number: [placing.place_many(batch, at=NOON)[0] for batch in batches[number::50]],
            threads=50,
        )
        for outcome in answer
    ]

    assert racing.tally(outcomes) == {"placed": 60, "deposit_insufficient": 140}
    assert accounts.deposit_of(shop.pk).balance_fen == 0
    racing.assert_books_are_clean()


def test_money_that_comes_in_between_is_spent_to_the_fen_and_not_twice() -> None:
    [shop] = make_shops(1, deposit_fen=20 * 10_50)
    skus = [make_sku(supply_price_fen=10_00) for _ in range(20)]

    def work(number: int) -> list[Outcome]:
        if number < 5:
            recharging.recharge(
                distributor_pk=shop.pk,
                amount_fen=4 * 10_50,
                reference=f"BANK-{number}",
                actor=OPERATIONS,
                at=NOON,
            )
        return [
            placing.place_many([make_request(shop, {skus[number]: 1})], at=NOON)[0]
            for _ in range(4)
        ]

    outcomes = [outcome for answer in racing.race(work, threads=20) for outcome in answer]

    placed = racing.tally(outcomes)["placed"]
    assert 20 <= placed <= 40
    assert accounts.deposit_of(shop.pk).balance_fen == (40 - placed) * 10_50
    racing.assert_books_are_clean()


def test_of_1000_orders_for_a_stock_of_100_exactly_100_are_placed() -> None:
    shops = make_shops(50)
    tea = make_sku(supply_price_fen=1_00, available=100)

    def work(number: int) -> list[Outcome]:
        requests = [make_request(shops[number], {tea: 1}) for _ in range(20)]
        if number % 2:
            return placing.place_many(requests, at=NOON)
        return [placing.place_many([request], at=NOON)[0] for request in requests]

    outcomes = [outcome for answer in racing.race(work, threads=50) for outcome in answer]

    assert racing.tally(outcomes) == {"placed": 100, "stock_insufficient": 900}
    refused = [outcome for outcome in outcomes if isinstance(outcome, stock.StockInsufficient)]
    assert {refusal.causes[0].values["available"] for refusal in refused} == {0}
    assert (racing.available(tea), racing.sold(tea)) == (0, 100)
    racing.assert_books_are_clean()


def test_of_orders_for_1_to_5_pieces_none_is_sold_that_is_not_there() -> None:
    dice = random.Random(SEED)
    shops = make_shops(20)
    tea = make_sku(supply_price_fen=1_00, available=100)
    batches = [[make_request(shop, {tea: dice.randint(1, 5)}) for _ in range(5)] for shop in shops]

    outcomes = place_all(batches)

    assert set(racing.tally(outcomes)) == {"placed", "stock_insufficient"}
    assert racing.available(tea) == 100 - racing.sold(tea)
    assert racing.available(tea) < 5
    racing.assert_books_are_clean()


def test_an_allotment_and_the_pool_behind_it_are_shared_out_exactly() -> None:
    chosen, *others = make_shops(10)
    tea = make_sku(supply_price_fen=1_00, available=60)
    stock.allot(
        sku_pk=tea.pk, distributor=chosen, quantity=30, then_pool=True, actor=OPERATIONS, at=NOON
    )
    batches = [[make_request(chosen, {tea: 1}) for _ in range(10)] for _ in range(4)] + [
        [make_request(shop, {tea: 1}) for _ in range(5)] for shop in others
    ]

    outcomes = place_all(batches)

    assert racing.tally(outcomes) == {"placed": 60, "stock_insufficient": 25}
    assert Order.objects.filter(distributor=chosen).count() >= 30
    assert racing.available(tea) == 0
    racing.assert_books_are_clean()


def test_once_a_suspension_has_returned_nothing_more_is_placed() -> None:
    [shop] = make_shops(1)
    tea = make_sku(supply_price_fen=1_00, available=1_000)
    after_suspension: list[int] = []

    def work(number: int) -> list[Outcome]:
        if number:
            return [
                placing.place_many([make_request(shop, {tea: 1})], at=NOON)[0] for _ in range(10)
            ]
        while not Order.objects.exists():
            pass
        onboarding.change_state(distributor_pk=shop.pk, to="suspended", reason="查账", at=NOON)
        after_suspension.append(Order.objects.count())
        return []

    outcomes = [outcome for answer in racing.race(work, threads=16) for outcome in answer]

    told = racing.tally(outcomes)
    assert set(told) == {"placed", "distributor_suspended"}
    assert told["placed"] == Order.objects.count() == after_suspension[0]
    racing.assert_books_are_clean()


def test_stock_that_is_counted_while_orders_run_ends_as_its_movements_say() -> None:
    shops = make_shops(10)
    tea = make_sku(supply_price_fen=1_00, available=50)

    def work(number: int) -> list[Outcome]:
        if number < len(shops):
            return [
                placing.place_many([make_request(shops[number], {tea: 1})], at=NOON)[0]
                for _ in range(10)
            ]
        for available in range(20, 40):
            count_stock(tea, available)
        return []

    outcomes = [outcome for answer in racing.race(work, threads=14) for outcome in answer]

    assert set(racing.tally(outcomes)) <= {"placed", "stock_insufficient"}
    assert racing.sold(tea) == racing.tally(outcomes)["placed"]
    racing.assert_books_are_clean()


def count_stock(sku: Sku, available: int) -> None:
    """Set stock as somebody does who looked at it before: only if nobody changed it since."""
    seen = Stock.objects.get(sku=sku)
    try:
        stock.set_available(
            sku_pk=sku.pk,
            available=available + (seen.available == available),  # never what it is already
            expected_version=seen.version,
            actor=OPERATIONS,
            at=NOON,
        )
    except stock.StockChanged:
        return
    first = Movement.objects.get(sku=sku, version=seen.version + 1)
    assert first.kind == "set", "an order came between the look and the count"
