"""Holds that are made, placed, released and lapse at one moment: one wins, the other changes nothing.

Each of these was seen to fail with its guard removed; see docs/reliability.md.
"""

from collections import Counter
from datetime import timedelta

import pytest

from companies import policies
from distributors import recharging
from distributors.models import Distributor
from kit.actors import OPERATIONS
from kit.errors import DomainError
from ledger import accounts
from orders import holding, lapsing, placing, waiting
from orders.models import Hold, Order
from orders.placing import Outcome, Placed
from orders.requests import WAIT, OrderRequest
from supplychain import stock
from tests.factories import NOON, make_distributor, make_level, make_request, make_sku
from tests.races import racing

pytestmark = pytest.mark.django_db(transaction=True)

RICH = 1_000_000_00
LATE = NOON + timedelta(minutes=31)
PAIRS = 125
PAIRS_AT_ONCE = 25


def make_shop(*, deposit_fen: int = RICH) -> Distributor:
    return make_distributor(deposit_fen=deposit_fen, level=make_level(fee_rate_bp=500))


def held_fen(shop: Distributor) -> int:
    return accounts.deposit_of(shop.pk).held_fen


def states() -> Counter[str]:
    return Counter(Hold.objects.values_list("state", flat=True))


def hold(request: OrderRequest) -> Hold | DomainError:
    return racing.answered(lambda: holding.hold(request=request, at=NOON))


def place(request: OrderRequest) -> Outcome:
    return racing.answered(lambda: placing.place(request, at=LATE))


def test_of_a_lapse_and_an_order_started_together_exactly_one_wins_each_time() -> None:
    shops = [make_shop() for _ in range(PAIRS_AT_ONCE)]
    tea = make_sku(supply_price_fen=1_00, available=PAIRS)
    placed = 0
    for _ in range(PAIRS // PAIRS_AT_ONCE):
        requests = [make_request(shop, {tea: 1}) for shop in shops]
        for request in requests:
            holding.hold(request=request, at=NOON)
        # An order whose hold has lapsed finds the piece that the lapse gave back.
        left = racing.available(tea)

        def work(number: int, requests: list[OrderRequest] = requests) -> Outcome | int:
            if number < PAIRS_AT_ONCE:
                return place(requests[number])
            return lapsing.lapse_due(at=LATE)

        outcomes = racing.race(work, threads=PAIRS_AT_ONCE + 2)

        assert all(isinstance(one, Placed) for one in outcomes[:PAIRS_AT_ONCE])
        placed += PAIRS_AT_ONCE
        lapsed = sum(one for one in outcomes if isinstance(one, int))
        assert racing.available(tea) == left
        assert states()["lapsed"] + states()["consumed"] == placed
        assert states()["active"] == 0
        assert lapsed <= PAIRS_AT_ONCE

    assert Order.objects.count() == PAIRS
    assert all(held_fen(shop) == 0 for shop in shops)
    assert racing.sold(tea) == PAIRS
    racing.assert_books_are_clean()


def test_the_piece_of_a_hold_that_lapses_goes_to_its_order_or_to_another_never_to_both() -> None:
    shops = [make_shop() for _ in range(20)]
    skus = [make_sku(supply_price_fen=1_00, available=1) for _ in shops]
    others = make_shop()
    requests = [make_request(shop, {sku: 1}) for shop, sku in zip(shops, skus, strict=True)]
    for request in requests:
        holding.hold(request=request, at=NOON)

    def work(number: int) -> Outcome | int:
        if number < 20:
            return place(requests[number])
        if number < 40:
            return place(make_request(others, {skus[number - 20]: 1}))
        return lapsing.lapse_due(at=LATE)

    outcomes = racing.race(work, threads=44)

    told = racing.tally([one for one in outcomes if not isinstance(one, int)])
    assert told["placed"] == 20 - sum(racing.available(sku) for sku in skus)
    assert all(racing.sold(sku) + racing.available(sku) == 1 for sku in skus)
    assert states()["active"] == 0
    racing.assert_books_are_clean()


def test_one_hold_that_is_placed_by_many_at_once_is_one_order() -> None:
    shop = make_shop()
    tea = make_sku(available=2)
    request = make_request(shop, {tea: 2})
    holding.hold(request=request, at=NOON)

    outcomes = racing.race(lambda _: place(request), threads=24)

    assert racing.tally(outcomes) == {"placed": 1, "replayed": 23}
    assert (racing.available(tea), held_fen(shop)) == (0, 0)
    racing.assert_books_are_clean()


def test_a_hold_that_is_placed_and_released_at_once_ends_once() -> None:
    shop = make_shop()
    tea = make_sku(supply_price_fen=1_00, available=40)
    requests = [make_request(shop, {tea: 1}) for _ in range(20)]
    holds = [holding.hold(request=request, at=NOON) for request in requests]

    def work(number: int) -> Outcome | Hold | DomainError:
        if number < 20:
            return place(requests[number])
        return racing.answered(
            lambda: holding.release(
                distributor=shop, hold_id=holds[number - 20].hold_id, actor=OPERATIONS, at=NOON
            )
        )

    outcomes = racing.race(work, threads=40)

    released = sum(isinstance(one, Hold) for one in outcomes)
    assert states() == Counter({"released": released, "consumed": 20 - released}) + Counter()
    assert Order.objects.count() == 20
    assert (racing.available(tea), held_fen(shop)) == (20, 0)
    racing.assert_books_are_clean()


def test_the_last_piece_goes_to_a_hold_or_to_an_order() -> None:
    shops = [make_shop() for _ in range(30)]
    tea = make_sku(available=10)
    requests = [make_request(shop, {tea: 1}) for shop in shops]

    outcomes = racing.race(
        lambda number: hold(requests[number]) if number % 2 else place(requests[number]), threads=30
    )

    won = sum(not isinstance(one, DomainError) for one in outcomes)
    lost = [one for one in outcomes if isinstance(one, DomainError)]
    assert won == 10
    assert all(isinstance(one, stock.StockInsufficient) for one in lost)
    assert Hold.objects.count() + Order.objects.count() == 10
    assert racing.available(tea) == 0
    racing.assert_books_are_clean()


def test_of_20_holds_on_a_deposit_for_7_exactly_7_are_made() -> None:
    shop = make_shop(deposit_fen=7 * 10_50)
    skus = [make_sku(supply_price_fen=10_00) for _ in range(20)]

    outcomes = racing.race(lambda n: hold(make_request(shop, {skus[n]: 1})), threads=20)

    codes = Counter(one.code for one in outcomes if isinstance(one, DomainError))
    assert codes == {"deposit_insufficient": 13}
    assert Hold.objects.count() == 7
    assert held_fen(shop) == 7 * 10_50
    racing.assert_books_are_clean()


def test_one_hold_asked_for_by_many_at_once_is_one() -> None:
    shop = make_shop()
    tea = make_sku(available=100)
    request = make_request(shop, {tea: 2})

    outcomes = racing.race(lambda _: hold(request), threads=24)

    assert len({one.hold_id for one in outcomes if isinstance(one, Hold)}) == 1
    assert racing.available(tea) == 98
    racing.assert_books_are_clean()


def test_no_more_holds_are_open_than_allowed_however_many_ask() -> None:
    shop = make_shop()
    tea = make_sku(supply_price_fen=1_00, available=1_000)
    policies.decide(name="open_holds_limit", value=5, actor=OPERATIONS, at=NOON)

    outcomes = racing.race(lambda _: hold(make_request(shop, {tea: 1})), threads=20)

    codes = Counter(one.code for one in outcomes if isinstance(one, DomainError))
    assert codes == {"hold_limit_reached": 15}
    assert Hold.objects.count() == 5
    racing.assert_books_are_clean()


def test_a_lapse_run_by_many_timers_gives_everything_back_once() -> None:
    shops = [make_shop() for _ in range(5)]
    skus = [make_sku(supply_price_fen=1_00, available=10) for _ in range(6)]
    for shop in shops:
        for sku in skus:
            holding.hold(request=make_request(shop, {sku: 2}), at=NOON)

    outcomes = racing.race(lambda _: lapsing.lapse_due(at=LATE), threads=6)

    assert sum(outcomes) == 30
    assert [racing.available(sku) for sku in skus] == [10] * 6
    assert [held_fen(shop) for shop in shops] == [0] * 5
    racing.assert_books_are_clean()


def test_an_extension_and_a_lapse_at_once_agree_on_who_was_first() -> None:
    shop = make_shop()
    tea = make_sku(supply_price_fen=1_00, available=100)
    holds = [holding.hold(request=make_request(shop, {tea: 1}), at=NOON) for _ in range(20)]

    def work(number: int) -> Hold | DomainError | int:
        if number < 20:
            return racing.answered(
                lambda: holding.extend(
                    distributor=shop, hold_id=holds[number].hold_id, actor=OPERATIONS, at=LATE
                )
            )
        return lapsing.lapse_due(at=LATE)

    outcomes = racing.race(work, threads=22)

    extended = sum(isinstance(one, Hold) for one in outcomes)
    lapsed = sum(one for one in outcomes if isinstance(one, int))
    assert extended + lapsed == 20
    assert states()["active"] == extended
    assert racing.available(tea) == 100 - extended
    racing.assert_books_are_clean()


def test_an_extension_and_an_order_at_once_are_told_one_after_the_other() -> None:
    shop = make_shop()
    tea = make_sku(supply_price_fen=1_00, available=100)
    requests = [make_request(shop, {tea: 1}) for _ in range(20)]
    holds = [holding.hold(request=request, at=NOON) for request in requests]

    def work(number: int) -> Outcome | Hold | DomainError:
        if number < 20:
            return place(requests[number])
        return racing.answered(
            lambda: holding.extend(
                distributor=shop, hold_id=holds[number - 20].hold_id, actor=OPERATIONS, at=NOON
            )
        )

    outcomes = racing.race(work, threads=40)

    extended = sum(isinstance(one, Hold) for one in outcomes)
    assert states() == {"consumed": 20}
    assert Hold.objects.filter(version=3, extensions=1).count() == extended
    assert Hold.objects.filter(version=2, extensions=0).count() == 20 - extended
    racing.assert_books_are_clean()


def test_orders_that_wait_are_placed_once_by_timers_requests_and_releases() -> None:
    shop = make_shop(deposit_fen=0)
    tea = make_sku(supply_price_fen=1_00, available=100)
    requests = [make_request(shop, {tea: 1}, on_shortfall=WAIT) for _ in range(20)]
    waits = [placing.place(request, at=NOON) for request in requests]
    recharging.recharge(
        distributor_pk=shop.pk, amount_fen=12 * 1_05, reference="R1", actor=OPERATIONS, at=NOON
    )

    def work(number: int) -> object:
        if number < 4:
            return waiting.place_funded(at=NOON)
        if number < 12:
            return placing.place(requests[number], at=NOON)
        return racing.answered(
            lambda: holding.release(
                distributor=shop,
                hold_id=waits[number].document["hold_id"],
                actor=OPERATIONS,
                at=NOON,
            )
        )

    racing.race(work, threads=20)
    waiting.place_funded(at=NOON)

    ended = states()
    assert Order.objects.count() == ended["consumed"] == 12
    assert ended["consumed"] + ended["released"] + ended["active"] == 20
    assert accounts.deposit_of(shop.pk).balance_fen == 0
    assert racing.available(tea) == 100 - 12 - ended["active"]
    racing.assert_books_are_clean()
