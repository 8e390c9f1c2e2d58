"""Claims that many work on at the same moment: goodwill is given once, and never beyond what was paid."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from aftersales import claiming, goodwill
from aftersales.models import Claim, ClaimParcel
from distributors.models import Distributor
from kit.actors import OPERATIONS
from kit.errors import DomainError
from ledger import accounts
from ledger.models import Transfer
from orders.models import History, Line, Order
from tests.factories import NOON, make_claim, make_distributor, make_received_order, make_sku
from tests.races import racing

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 12
PAIRS = 30
WORKERS = 4
LATER = NOON + timedelta(hours=1)
LONG_AFTER = NOON + timedelta(days=60)
PRICE_FEN = 52_50


@pytest.fixture
def shop() -> Distributor:
    return make_distributor(deposit_fen=10_000_00)


def received(shop: Distributor, quantity: int = 1) -> Order:
    return make_received_order(shop, {make_sku(supply_price_fen=50_00): quantity})


def offered(claim: Claim, *, fen: int = 20_00, at: Any = NOON) -> Claim:
    """A claim with an offer on it; of new goods, without an amount."""
    goodwill.ask(
        distributor=claim.distributor,
        claim_no=claim.claim_no,
        note="破损",
        amount_fen=fen,
        actor=OPERATIONS,
        at=at,
    )
    return goodwill.offer(
        claim_no=claim.claim_no,
        kind="amount" if fen else "reship",
        amount_fen=fen,
        liability="supplier",
        actor=OPERATIONS,
        at=at,
    )


def settle(claim: Claim) -> str:
    return outcome(
        lambda: goodwill.settle(
            distributor=claim.distributor, claim_no=claim.claim_no, actor=OPERATIONS, at=LATER
        )
    )


def outcome(act: Callable[[], Any]) -> str:
    """What came of an act: `done`, or the code of its refusal."""
    answer = racing.answered(act)
    return answer.code if isinstance(answer, DomainError) else "done"


def balance(shop: Distributor) -> int:
    return accounts.deposit_of(shop.pk).balance_fen or 0


def test_an_offer_that_is_accepted_by_many_at_once_is_paid_once(shop: Distributor) -> None:
    claim = offered(make_claim(received(shop)))
    before_fen = balance(shop)

    outcomes = racing.race(lambda _number: settle(claim), THREADS)

    assert Counter(outcomes) == {"done": THREADS}
    assert balance(shop) == before_fen + 20_00
    racing.assert_books_are_clean()


def test_of_an_acceptance_and_a_declining_at_once_exactly_one_is_made(shop: Distributor) -> None:
    order = received(shop, quantity=PAIRS)
    claims = [offered(make_claim(order)) for _ in range(PAIRS)]
    before_fen = balance(shop)

    def act(number: int) -> str:
        claim = claims[number // 2]
        if number % 2:
            return settle(claim)
        return outcome(
            lambda: goodwill.decline(claim_no=claim.claim_no, note="不", actor=OPERATIONS, at=LATER)
        )

    outcomes = racing.race(act, 2 * PAIRS)

    pairs = [set(outcomes[place : place + 2]) for place in range(0, 2 * PAIRS, 2)]
    assert all(pair == {"done", "state_conflict"} for pair in pairs)
    settled = Claim.objects.filter(goodwill="settled").count()
    assert balance(shop) == before_fen + settled * 20_00
    racing.assert_books_are_clean()


def test_of_many_acceptances_of_60_percent_of_one_piece_one_is_paid(shop: Distributor) -> None:
    order = received(shop)
    claims = []
    for _ in range(THREADS):
        claim = offered(make_claim(order), fen=PRICE_FEN * 6 // 10)
        about: dict[str, Any] = {
            "distributor": shop,
            "claim_no": claim.claim_no,
            "actor": OPERATIONS,
            "at": NOON,
        }
        claiming.agree(**about)
        claims.append(claiming.refund(**about))

    outcomes = racing.race(lambda number: settle(claims[number]), THREADS)

    assert Counter(outcomes) == {"done": 1, "goodwill_beyond_paid": THREADS - 1}
    assert Line.objects.get(order=order).refunded_fen == PRICE_FEN * 6 // 10
    assert (
        Transfer.objects.filter(code="goodwill_settled").values("case_no").distinct().count() == 1
    )
    racing.assert_books_are_clean()


def test_of_many_claims_for_the_last_piece_at_once_one_is_opened(shop: Distributor) -> None:
    order = received(shop)

    outcomes = racing.race(lambda _number: outcome(lambda: make_claim(order)), THREADS)

    assert Counter(outcomes) == {"done": 1, "more_than_received": THREADS - 1}
    racing.assert_books_are_clean()


def test_the_same_claim_sent_many_times_at_once_is_one_claim(shop: Distributor) -> None:
    order = received(shop, quantity=THREADS)

    claims = racing.race(lambda _number: make_claim(order, description="漏液"), THREADS)

    assert len({claim.pk for claim in claims}) == 1
    racing.assert_books_are_clean()


def test_new_goods_are_shipped_in_one_parcel(shop: Distributor) -> None:
    claim = offered(make_claim(received(shop)), fen=0)
    settle(claim)

    def ship(number: int) -> str:
        return outcome(
            lambda: goodwill.ship(
                claim_no=claim.claim_no,
                supplier=None,
                carrier_code="SF",
                tracking_no=f"SF10000000{number:02}",
                actor=OPERATIONS,
                at=LATER,
            )
        )

    outcomes = racing.race(ship, THREADS)

    assert Counter(outcomes) == {"done": 1, "nothing_to_ship_again": THREADS - 1}
    assert ClaimParcel.objects.count() == 1
    racing.assert_books_are_clean()


def test_what_waited_too_long_is_declined_once_by_many_workers(shop: Distributor) -> None:
    order = received(shop, quantity=PAIRS)
    for _ in range(PAIRS):
        offered(make_claim(order))

    counts = racing.race(lambda _number: goodwill.decline_due(at=LONG_AFTER), WORKERS)

    assert sum(counts) == PAIRS
    steps = History.objects.filter(subject__startswith="goodwill ", to_state="declined")
    assert steps.count() == PAIRS
    racing.assert_books_are_clean()


def test_claims_sent_at_once_under_one_number_are_one_claim(shop: Distributor) -> None:
    orders = [received(shop, quantity=THREADS) for _ in range(2)]

    outcomes = racing.race(
        lambda number: outcome(
            lambda: make_claim(orders[number % 2], description="漏液", out_claim_no="W1")
        ),
        THREADS,
    )

    assert Counter(outcomes) == {"done": THREADS // 2, "out_claim_no_taken": THREADS // 2}
    assert Claim.objects.count() == 1
